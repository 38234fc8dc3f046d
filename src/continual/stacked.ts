import { hostFloats, type HostFloats, type HostParams } from '../core/host-tensor';
import { mapRecord } from '../core/params';

/** Each task's own parameters, `[1, ...]`, along the first axis: `[tasks, ...]`. */
export function joinTasks(tasks: readonly HostParams[]): HostParams {
  return mapRecord(tasks[0] ?? {}, ({ values: { length }, shape }, name) => {
    const values = new Float32Array(tasks.length * length);
    tasks.forEach((task, index) => values.set(task[name]!.values, index * length));
    return hostFloats(values, [tasks.length, ...shape.slice(1)]);
  });
}

/** Undoes `joinTasks`. */
export function splitTasks(together: HostParams, tasks: number): readonly HostParams[] {
  return Array.from({ length: tasks }, (_, index) =>
    mapRecord(together, ({ values, shape }) => {
      const size = values.length / tasks;
      return hostFloats(values.slice(index * size, (index + 1) * size), [1, ...shape.slice(1)]);
    }),
  );
}

/** One more task along the first axis: `[tasks, ...]` and `[1, ...]` → `[tasks + 1, ...]`. */
export function below(above: HostFloats | undefined, added: HostFloats): HostFloats {
  if (!above) return added;
  const values = new Float32Array(above.values.length + added.values.length);
  values.set(above.values);
  values.set(added.values, above.values.length);
  return hostFloats(values, [above.shape[0]! + 1, ...added.shape.slice(1)]);
}
