import type { HostParams, Learner, MetaTrainerOptions, TaskSource } from 'hypermeta';

/** A way to learn new tasks, with the settings that it may choose from: every method has as many. */
export interface Method {
  readonly name: string;
  readonly kind: 'hypernetwork' | 'traditional';
  readonly trials: readonly Trial[];
  /** Numbers of inner steps at the test, beyond those of all methods: for those that have not learned to take few. */
  readonly moreSteps?: readonly number[];
}

/** One choice of settings: how a learner is meta-trained. */
export interface Trial {
  /** What sets it apart from the method's other trials. */
  readonly about: string;
  readonly learner: () => Learner;
  /** The seed is that of the run. */
  readonly options: Omit<MetaTrainerOptions, 'seed' | 'meta'>;
  /** Outer steps: as many as take about as much processor time as those of other methods; 0 is no meta-training. */
  readonly steps: number;
  /** Classes in an episode of meta-training. @default as at the test */
  readonly ways?: number;
  /** What comes before: a training of another kind, whose outcome is the start. */
  readonly pretraining?: Pretraining;
}

export interface Pretraining {
  /** Outer steps. */
  readonly steps: number;
  /** Takes them; returns the learner's meta-parameters. */
  run(options: { readonly classes?: number; readonly seed: string; readonly steps: number }): Promise<HostParams>;
}

/** Tasks to learn from and to be tested on. */
export interface Domain {
  readonly name: string;
  readonly title: string;
  readonly methods: readonly Method[];
  /** What is meta-trained on: episodes of so many of its classes (@default all) and ways (@default as at the test). */
  train(options: { readonly classes?: number; readonly ways?: number }): TaskSource;
  readonly validation: TaskSource;
  /** `unseen` tasks of the same distribution, `shifted` ones of another; `seen`: new episodes of the classes meta-trained on. */
  tests(options: { readonly classes?: number }): Readonly<Record<string, TaskSource>>;
}
