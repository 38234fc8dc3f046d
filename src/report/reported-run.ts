import { ShapeError } from '../core/errors';
import { loadPackage } from '../core/load-package';
import { formatShape, sizeOf, type Shape } from '../core/shape';
import { splitsOf } from '../core/splits-of';
import type { Episode, TaskSource } from '../core/task';
import type { Evaluation, Score } from '../evaluation/evaluate';
import { learnerFacts, type LearnerFacts } from '../evaluation/learner-facts';
import type { MetaTrainer } from '../trainer/trainer';
import type { TrainEvent } from '../trainer/train';

type Validation = NonNullable<TrainEvent['validation']>;

/** What a report looks at of a step of meta-training: an event of `train`, with how long it took if `withTime` made it. */
export type ReportedEvent = Pick<TrainEvent, 'step' | 'queryLoss'> & {
  readonly ms?: number;
  readonly validation?: Pick<Validation, 'metric' | 'steps' | 'count' | 'mean' | 'interval' | 'isBest'>;
};

export interface RunReportOptions {
  /** What `train` yielded, through `withTime` where the report shall say how long steps took. @default no learning curves */
  readonly events?: readonly ReportedEvent[];
  /** What is scored. @default the test split, or the only source */
  readonly source?: TaskSource;
  /**
   * Scores on episodes of `source`; the map of embeddings needs `keep: 'embeddings'`.
   * @default await trainer.evaluate({ source, keep: 'embeddings' })
   */
  readonly evaluation?: Evaluation;
  /** Heading of the page. @default what was learned with */
  readonly title?: string;
  /** Members of an episode's `about` that mark the points of the map, a map for each. @default the first two that vary */
  readonly markBy?: readonly string[];
  /** `[height, width, channels]` of inputs that are images but come flat. @default the tasks' input shape */
  readonly imageShape?: Shape;
}

/** All that the sections of a report look at. */
export interface ReportedRun {
  readonly trainer: MetaTrainer;
  readonly events: readonly ReportedEvent[];
  readonly source: TaskSource;
  readonly evaluation: Evaluation;
  /** Scores from the fewest inner steps to the most. */
  readonly scores: readonly Score[];
  readonly first: Score;
  readonly last: Score;
  /** What the learner costs with as many steps as the last score has. */
  readonly facts: LearnerFacts;
  /** Scored episode `index`. */
  episode(index: number): Episode;
  readonly markBy?: readonly string[];
  readonly imageShape: Shape;
}

const packages = ['vega', 'vega-lite', 'ml-pca'];

/** @throws ShapeError for an image shape that inputs do not have; Error for a package that is missing; both before any work */
export async function reportedRun(trainer: MetaTrainer, options: RunReportOptions): Promise<ReportedRun> {
  const { tasks } = trainer;
  const { events = [], source = splitsOf(tasks).test, markBy } = options;
  const { imageShape = source.inputShape } = options;
  if (sizeOf(imageShape) !== sizeOf(source.inputShape))
    throw new ShapeError(`runReport: imageShape: expected as many values as inputs of ${formatShape(source.inputShape)} have, got ${formatShape(imageShape)}.`);
  for (const name of packages) await loadPackage('runReport', name, packages.join(' '));
  const evaluation = options.evaluation ?? (await trainer.evaluate({ source, keep: 'embeddings' }));
  const scores = [...evaluation.scores].sort((one, other) => one.steps - other.steps);
  const last = scores.at(-1)!; // an evaluation has one at least
  const { inner, runtime } = trainer.settings;
  const facts = await learnerFacts(trainer.learner, trainer.meta, source, { ...inner, steps: last.steps }, runtime ? { runtime } : {});
  return {
    trainer,
    events,
    source,
    evaluation,
    scores,
    first: scores[0]!,
    last,
    facts,
    episode: (index) => source.sample(evaluation.seed, index),
    ...(markBy ? { markBy } : {}),
    imageShape,
  };
}
