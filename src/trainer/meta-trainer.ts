import { breather } from '../core/breather';
import { createRng } from '../core/rng';
import type { Learner } from '../core/learner';
import { toTensor } from '../core/host-tensor';
import { disposeParams, mapRecord, type Params } from '../core/params';
import { formatShape, sameShape } from '../core/shape';
import { ShapeError } from '../core/errors';
import type { TaskSource, TaskSplits } from '../core/task';
import { useEngine } from '../engine/use-engine';
import { evaluateAdapter, type EvaluateOptions, type Evaluation } from '../evaluation/evaluate';
import { adapter } from '../meta/adapter';
import { outerSteps } from '../meta/outer-steps';
import type { UserExamples } from '../tasks/examples';
import { adaptTask, type AdaptOptions } from './adapt-task';
import type { Adapted } from './adapted';
import { keepBest } from './keep-best';
import { readOptions, type MetaTrainerOptions } from './options';
import { expectTrainOptions, trainStep, type TrainEvent, type TrainOptions, type UsedBatch } from './train';

/** Pre-trains across tasks, then adapts to new ones with a few gradient steps. Owns tensors until `dispose()`. */
export interface MetaTrainer {
  readonly learner: Learner;
  /** Outer steps taken so far. */
  readonly step: number;
  /** The latest meta-parameters, `[1, ...shape]`. They belong to the trainer: clone what must outlive the next step. */
  readonly meta: Params;
  /**
   * Meta-trains, one event per outer step. The loop belongs to the caller: stop it, plot it, go on later with
   * another call. With validation the best meta-parameters are kept, and `adapt` and `evaluate` use those.
   *
   * @throws DivergenceError if the loss is not finite; the meta-parameters are then those before that step
   */
  train(options: TrainOptions): AsyncGenerator<TrainEvent, void>;
  /** Adapts to a new task from its support set. The caller disposes the result. */
  adapt(support: UserExamples, options?: AdaptOptions): Promise<Adapted>;
  /** Adapts to unseen episodes and scores them. @default source the test split, or the only source */
  evaluate(options?: Omit<EvaluateOptions, 'runtime'> & { readonly source?: TaskSource }): Promise<Evaluation>;
  dispose(): void;
}

/**
 * @example
 * const trainer = await metaTrainer(learner, sinusoids({ shots: 10 }), { innerSteps: 3, seed: 'one' });
 * for await (const { step, queryLoss } of trainer.train({ steps: 2000 })) console.log(step, queryLoss);
 * const adapted = await trainer.adapt({ x: [[-1], [0], [2]], y: [[0.3], [1.2], [-0.4]] });
 * adapted.predict([[1]]);
 *
 * @throws RangeError for an option out of range, ShapeError if learner and tasks do not fit, EngineError if the named
 * back-end cannot be used
 */
export async function metaTrainer(
  learner: Learner,
  tasks: TaskSource | TaskSplits,
  options: MetaTrainerOptions = {},
): Promise<MetaTrainer> {
  const splits = 'train' in tasks ? tasks : undefined;
  const source = 'train' in tasks ? tasks.train : tasks;
  const settings = readOptions(options, source);
  for (const each of splits ? [splits.train, splits.validation, splits.test] : [source]) expectFit(learner, each, 'metaTrainer');
  await useEngine(options.engine);
  const { inner, seed, outerOptimizer: optimizer, outerClip: clip, ...rest } = settings;
  const outer = outerSteps(learner, { ...rest, inner, optimizer, ...(clip ? { clip } : {}) }, createRng(`${seed}/start`));
  const adapting = adapter(learner, source.objective, inner, settings.runtime);
  const usualCount = source.sample(`${seed}/train`, 0).support.count;
  const best = keepBest();
  const used: UsedBatch = {};
  let step = 0;
  let uploaded: Params | undefined;
  let status: 'idle' | 'training' | 'disposed' = 'idle';

  const isDisposed = () => status === 'disposed';

  function forgetUploaded(): void {
    if (uploaded) disposeParams(uploaded);
    uploaded = undefined;
  }

  function expectInUse(where: string): void {
    if (isDisposed()) throw new Error(`${where}: expected a meta-trainer that is in use, got one after dispose().`);
  }

  /** A failure after dispose() is its doing. */
  async function blamingDispose<Result>(where: string, work: Promise<Result>): Promise<Result> {
    try {
      return await work;
    } catch (error) {
      expectInUse(where);
      throw error;
    }
  }

  async function validate({ validationEpisodes = 100 }: TrainOptions): Promise<NonNullable<TrainEvent['validation']>> {
    const { meta } = outer;
    const how = { steps: [inner.steps], episodes: validationEpisodes, seed: `${seed}/validation` };
    const evaluation = await evaluateAdapter(adapting, learner.name, meta, splits!.validation, inner, how); // checked before training
    return { ...evaluation.scores[0]!, metric: evaluation.metric, isBest: best.offer(meta, evaluation) };
  }

  async function* train(trainOptions: TrainOptions): AsyncGenerator<TrainEvent, void> {
    expectInUse('train');
    expectTrainOptions(trainOptions, splits?.validation);
    if (status === 'training') throw new Error('train: expected one loop at a time, got a second before the first had ended.');
    status = 'training';
    const { steps, validateEvery, patience = Infinity, signal } = trainOptions;
    if (validateEvery === undefined) best.drop(); // it would go stale
    const end = step + steps;
    const breathe = breather();
    let sinceBest = 0;
    try {
      while (step < end && sinceBest < patience && !signal?.aborted) {
        const losses = await blamingDispose('train', trainStep(outer, source, step, used, settings));
        expectInUse('train');
        step++;
        forgetUploaded();
        const validation = validateEvery && step % validateEvery === 0 ? await blamingDispose('train', validate(trainOptions)) : undefined;
        if (validation) sinceBest = validation.isBest ? 0 : sinceBest + 1;
        await breathe();
        yield { step, ...losses, ...(validation ? { validation } : {}) };
        expectInUse('train');
      }
    } finally {
      if (status === 'training') status = 'idle';
    }
  }

  return {
    learner,
    get step() {
      return step;
    },
    get meta() {
      expectInUse('meta');
      uploaded ??= mapRecord(outer.meta, (value) => toTensor({ ...value, values: value.values.slice() })); // tfjs may keep them
      return uploaded;
    },
    train,
    async adapt(support, adaptOptions) {
      expectInUse('adapt');
      const context = { learner, adapter: adapting, meta: best.meta ?? outer.meta, source, inner, seed, usualCount };
      return blamingDispose('adapt', adaptTask(context, support, adaptOptions));
    },
    async evaluate({ source: asked = splits?.test ?? source, ...evaluateOptions } = {}) {
      expectInUse('evaluate');
      expectFit(learner, asked, 'evaluate');
      return blamingDispose('evaluate', evaluateAdapter(adapting, learner.name, best.meta ?? outer.meta, asked, inner, evaluateOptions));
    },
    dispose() {
      if (isDisposed()) return;
      forgetUploaded();
      best.drop();
      status = 'disposed';
      void Promise.all([outer.dispose(), adapting.dispose()]);
    },
  };
}

/** @throws ShapeError, RangeError where the base network and the tasks cannot go together */
function expectFit({ base, ways, name }: Learner, { inputShape, targetShape, objective }: TaskSource, where: string): void {
  if (!sameShape(base.inputShape, inputShape))
    throw new ShapeError(`${where}: base network: expected input shape ${formatShape(inputShape)}, as the tasks have, got ${formatShape(base.inputShape)}.`);
  const isFree = ways === 'any' || (ways === 'any-target' && objective.target === 'class');
  const outputShape = objective.outputShape?.(targetShape) ?? targetShape;
  if (!isFree && !sameShape(base.outputShape, outputShape))
    throw new ShapeError(`${where}: base network: expected output shape ${formatShape(outputShape)}, as the tasks have, got ${formatShape(base.outputShape)}.`);
  if (ways === 'any' && objective.target !== 'class')
    throw new RangeError(`${where}: ${name} learner: expected tasks with classes for a head of any number of ways, got values; make a learner with a column for each output, such as maml(base, { head: 'columns' }).`);
  if (ways === 'any-target' && objective.outputShape)
    throw new RangeError(`${where}: ${name} learner: expected tasks whose outputs stand for a target each, got outputs of shape ${formatShape(outputShape)} for targets of shape ${formatShape(targetShape)}; give the tasks the objective regression.`);
}
