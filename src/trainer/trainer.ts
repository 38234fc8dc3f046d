import type { Learner } from '../core/learner';
import type { Params } from '../core/params';
import type { TaskSource, TaskSplits } from '../core/task';
import type { EvaluateOptions, Evaluation } from '../evaluation/evaluate';
import type { UserExamples } from '../tasks/examples';
import type { NumberSource } from '../tasks/read-arrays';
import type { AdaptOptions } from './adapt-task';
import type { Adapted } from './adapted';
import type { LoadOptions, SaveOptions } from './checkpoints';
import type { MemoryEstimate } from './memory';
import type { Settings } from './options';
import type { TrainEvent, TrainOptions } from './train';

/** Pre-trains across tasks, then adapts to new ones with a few gradient steps. Owns tensors until `dispose()`. */
export interface MetaTrainer {
  readonly learner: Learner;
  readonly tasks: TaskSource | TaskSplits;
  /** The options with their defaults. */
  readonly settings: Settings;
  /** Outer steps taken so far. */
  readonly step: number;
  /**
   * The step whose meta-parameters `adapt` and `evaluate` use: that of the best validation, or the latest. Undefined where a checkpoint
   * of an older hypermeta does not say it.
   */
  readonly bestStep: number | undefined;
  /** The latest meta-parameters, `[1, ...shape]`. They belong to the trainer: clone what must outlive the next step. */
  readonly meta: Params;
  /**
   * Meta-trains, one event per outer step. The loop belongs to the caller: stop it, plot it, go on later with
   * another call. With validation the best meta-parameters are kept, and `adapt` and `evaluate` use those.
   *
   * @throws DivergenceError if the loss is not finite; the meta-parameters are then those before that step. EngineError if the
   * first step would take more memory than is free
   */
  train(options: TrainOptions): AsyncGenerator<TrainEvent, void>;
  /**
   * The memory that meta-training takes, from the shapes of all tensors of a step, without running one, beside what is free. A
   * first call of `train` that would take more is refused.
   */
  estimate(): MemoryEstimate;
  /** Adapts to a new task from its support set. The caller disposes the result. */
  adapt(support: UserExamples, options?: AdaptOptions): Promise<Adapted>;
  /**
   * The network of a task that `adapted.saveTask()` kept, without adapting. The caller disposes the result.
   *
   * @throws DataError for what is no such task, was altered, or belongs to another learner or other meta-parameters
   */
  loadTask(saved: unknown): Promise<Adapted>;
  /**
   * The networks of embeddings `[N, embeddingSize]` that no support set gave: drawn from a prior, or between those of two tasks. They
   * stand side by side as samples: `predict(x, { samples: 'each' })` is what each of them makes of x. The caller disposes the result.
   *
   * @example
   * const rng = createRng('new');
   * const drawn = await trainer.generate(Array.from({ length: 8 }, () => Array.from({ length: 32 }, () => rng.normal())));
   * const images = drawn.predict(pixels, { samples: 'each' }); // [8, n, 1]
   *
   * @throws RangeError for a learner whose tasks are more than an embedding; ShapeError, DataError for what is no list of such
   */
  generate(embeddings: NumberSource): Promise<Adapted>;
  /**
   * Adapts to unseen episodes, by the loss of training, and scores them by the metric of their own source. @default source the test
   * split, or the only source
   */
  evaluate(options?: Omit<EvaluateOptions, 'runtime'> & { readonly source?: TaskSource }): Promise<Evaluation>;
  /**
   * Writes a checkpoint `DIR/step-00001000`: whole or not at all, whenever the process dies. It holds all that training goes
   * on from: a run that is loaded gives the same numbers as one that was never interrupted. Node only. Returns its path.
   *
   * @throws DataError for a folder with checkpoints of another run, later ones, or one of this step but another state: weights
   * were loaded since
   */
  save(dir: string, options?: SaveOptions): Promise<string>;
  /**
   * Takes over a checkpoint, or the newest one of a folder. Node only.
   *
   * @throws DataError for a checkpoint that is truncated, altered, foreign, of a newer version, or of another learner, also one of
   * the same name and shapes that computes something else, or other options; the trainer is then as it was
   */
  load(path: string, options?: LoadOptions): Promise<void>;
  /** Loads the newest checkpoint of a folder if there is one, and says whether: the first line of a run that may be killed. */
  resume(dir: string): Promise<boolean>;
  /** Frees its tensors and compiled programs; what it adapted lives on. */
  dispose(): void;
}
