import * as tf from '@tensorflow/tfjs';
import { DataError, shown } from '../core/errors';
import { toTensor, type HostParams } from '../core/host-tensor';
import type { Learner } from '../core/learner';
import { mapRecord, tileParams, type Params } from '../core/params';
import { sizeOf } from '../core/shape';
import { expectValues } from '../io/expect-values';
import type { ShapesByName } from './guard';
import type { ContinualSettings } from './options';
import { areOutputs, type ContinualTask } from './read-task';
import type { SavedContinual } from './save-continual';

/** What a file is held to. */
export interface SavedFor {
  readonly settings: ContinualSettings;
  readonly shared: HostParams;
  /** What a task of this learner has of its own, `[1, ...]`, with any values. */
  start(): HostParams;
}

/**
 * Checks that saved tasks are such as this trainer's own: their classes and outputs, all values, what the guard remembers.
 *
 * @throws DataError naming the first thing that is not
 */
export function expectSaved({ tasks, shared, own, memory }: SavedContinual, { settings: { learner, objective, guard }, shared: here, start }: SavedFor): void {
  const { inputShape, outputShape } = learner.base;
  const [inputs, outputs] = [sizeOf(inputShape), sizeOf(outputShape)];
  tasks.forEach((task, index) => expectTask(`load: task ${index}`, task, objective.target, outputs));
  expectValues(shared, shapesOf(here), 'load');
  const mine = tasks.length > 0 ? start() : {};
  const ownShapes = mapRecord(shapesOf(mine), ([, ...shape]) => [tasks.length, ...shape]);
  expectValues(own, ownShapes, 'load: own');
  if (guard && !guard.shapes) return;
  const weights = () => weightShapes(learner, here, mine, tasks.length);
  const shapes = guard?.shapes?.(memory, { tasks: tasks.length, inputs, outputs, shared: shapesOf(here), own: ownShapes, weights }) ?? {};
  expectValues(memory, shapes, 'load: memory');
}

const shapesOf = (params: HostParams): ShapesByName => mapRecord(params, ({ shape }) => shape);

function expectTask(where: string, { classes, outputs }: ContinualTask, target: 'class' | 'value', width: number): void {
  if (target === 'value' && classes) throw new DataError(`${where}: classes: expected none, as this trainer learns values, got ${shown(classes)}.`);
  if (target === 'class' && !(classes && classes.length >= 2))
    throw new DataError(`${where}: classes: expected at least 2, as this trainer learns classes, got ${shown(classes ?? 'none')}.`);
  if (!areOutputs(outputs, width)) throw new DataError(`${where}: outputs: expected different whole numbers below ${width}, the outputs of the base network, got ${shown(outputs)}.`);
  const count = classes?.length ?? 0;
  if (outputs.length !== count) throw new DataError(`${where}: outputs: expected ${count}, one for each class, got ${outputs.length}.`);
}

/** Of the base weights of all tasks: those of two show which entries the tasks share. */
function weightShapes(learner: Learner, shared: HostParams, own: HostParams, tasks: number): ShapesByName {
  const few = Math.min(tasks, 2);
  const tensors = (params: HostParams): Params => mapRecord(params, (value) => toTensor(value));
  return tf.tidy(() => mapRecord(learner.weights(tensors(shared), tileParams(tensors(own), few)), ({ shape: [first, ...rest] }) => [first === few ? tasks : 1, ...rest]));
}
