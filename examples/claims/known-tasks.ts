import { createRng, type TaskSource } from 'hypermeta';

export interface KnownTasksOptions {
  /** How many of them. */
  readonly tasks: number;
  /** Which: the first episodes of this stream of the source. */
  readonly draw: string;
  /** What is asked of a task: the very examples it is known by, or others of it. */
  readonly ask: 'support' | 'query';
}

/** The first tasks of a source, by number: all that is known of each is its support set. */
export function knownTasks(source: TaskSource, { tasks, draw, ask }: KnownTasksOptions): TaskSource {
  const known = Array.from({ length: tasks }, (_, row) => source.sample(draw, row));
  return {
    ...source,
    rows: tasks,
    sample(seed, index) {
      const row = ask === 'query' ? index % tasks : createRng(`${seed}/${index}`).integer(tasks); // each is asked once, or any
      const { support, query } = known[row]!;
      return { support, query: ask === 'query' ? query : support, row };
    },
  };
}
