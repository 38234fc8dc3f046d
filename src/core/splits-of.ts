import type { TaskSource, TaskSplits } from './task';

/** The parts of tasks; a single source is for training and test, and there is none for validation. */
export function splitsOf(tasks: TaskSource | TaskSplits): Omit<TaskSplits, 'validation'> & { readonly validation?: TaskSource } {
  return 'train' in tasks ? tasks : { train: tasks, test: tasks };
}
