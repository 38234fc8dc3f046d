import { DataError, shown } from '../core/errors';
import type { HostParams } from '../core/host-tensor';
import { formatShape, sameShape, type Shape } from '../core/shape';

/**
 * Checks tensors out of a file, such as `readSafetensors` gives: exactly these names and shapes, and no NaN. Shapes have the task
 * axis: `[1, ...shape]` for the meta-parameters of `learner.specs`. `where` names the file in errors.
 *
 * @throws DataError naming the first tensor that is missing, of another shape, not finite, or not asked for
 */
export function expectValues(found: HostParams, shapes: Readonly<Record<string, Shape>>, where: string): void {
  for (const [name, shape] of Object.entries(shapes)) {
    const value = Object.hasOwn(found, name) ? found[name] : undefined;
    if (!value || !sameShape(value.shape, shape))
      throw new DataError(`${where}: '${name}': expected shape ${formatShape(shape)}, as this learner has, got ${value ? formatShape(value.shape) : 'none of that name'}.`);
    if (!value.values.every((number) => Number.isFinite(number)))
      throw new DataError(`${where}: '${name}': expected finite numbers, got NaN or infinity.`);
  }
  const unknown = Object.keys(found).find((name) => !Object.hasOwn(shapes, name));
  if (unknown !== undefined) throw new DataError(`${where}: expected the values of this learner, got '${shown(unknown)}' as well.`);
}
