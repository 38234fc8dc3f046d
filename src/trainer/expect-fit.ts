import { ShapeError } from '../core/errors';
import type { Learner } from '../core/learner';
import { formatShape, sameShape } from '../core/shape';
import type { TaskSource } from '../core/task';

/** @throws ShapeError, RangeError where the base network and the tasks cannot go together */
export function expectFit({ base, ways, name }: Learner, { inputShape, targetShape, objective }: TaskSource, where: string): void {
  if (!sameShape(base.inputShape, inputShape))
    throw new ShapeError(`${where}: base network: expected input shape ${formatShape(inputShape)}, as the tasks have, got ${formatShape(base.inputShape)}.`);
  const isFree = ways === 'any' || (ways === 'any-target' && objective.target === 'class');
  const outputShape = objective.outputShape?.(targetShape) ?? targetShape;
  if (!isFree && !sameShape(base.outputShape, outputShape))
    throw new ShapeError(`${where}: base network: expected output shape ${formatShape(outputShape)}, as the tasks have, got ${formatShape(base.outputShape)}.`);
  if (ways === 'any' && objective.target !== 'class')
    throw new RangeError(`${where}: ${name} learner: expected tasks with classes for a head of any number of ways, got values; make a learner with a column for each output, such as maml(base, { head: 'columns' }), of a network with output shape ${formatShape(targetShape)}.`);
  if (ways === 'any-target' && objective.outputShape)
    throw new RangeError(`${where}: ${name} learner: expected tasks whose outputs stand for a target each, got outputs of shape ${formatShape(outputShape)} for targets of shape ${formatShape(targetShape)}; give the tasks the objective regression.`);
}
