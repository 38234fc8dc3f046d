import * as tf from '@tensorflow/tfjs';
import { breather } from '../core/breather';
import { createRng } from '../core/rng';
import type { Learner } from '../core/learner';
import { toHost, toTensor, type HostParams } from '../core/host-tensor';
import { disposeParams, mapRecord, type Params } from '../core/params';
import { splitsOf } from '../core/splits-of';
import type { TaskSource, TaskSplits } from '../core/task';
import { useEngine } from '../engine/use-engine';
import { evaluateAdapter } from '../evaluation/evaluate';
import type { TrainingState } from '../io/checkpoint';
import { expectValues } from '../io/expect-values';
import { listCheckpoints } from '../io/checkpoint-folder-node';
import { adapter } from '../meta/adapter';
import { outerSteps } from '../meta/outer-steps';
import { adaptTask, loadTask, type AdaptContext } from './adapt-task';
import { generateTasks } from './generate-tasks';
import { checkpoints, type LoadOptions } from './checkpoints';
import { expectFit } from './expect-fit';
import { expectWorker } from './expect-worker';
import { keepBest } from './keep-best';
import { estimateMemory, expectMemory } from './memory';
import { readOptions, type MetaTrainerOptions } from './options';
import { expectTrainOptions, namingStep, savesAlong, trainStep, type StepLosses, type TrainEvent, type TrainOptions, type UsedBatch } from './train';
import type { MetaTrainer } from './trainer';

/**
 * @example
 * const trainer = await metaTrainer(learner, sinusoids({ shots: 10 }), { innerSteps: 3, seed: 'one' });
 * for await (const { step, queryLoss } of trainer.train({ steps: 2000 })) console.log(step, queryLoss);
 * const adapted = await trainer.adapt({ x: [[-1], [0], [2]], y: [[0.3], [1.2], [-0.4]] });
 * adapted.predict([[1]]);
 *
 * @throws RangeError for an option out of range, DataError for meta-parameters of another learner, ShapeError if learner and
 * tasks do not fit, EngineError if the named back-end cannot be used, or there is no onnxruntime-node to adapt in a worker
 */
export async function metaTrainer(
  learner: Learner,
  tasks: TaskSource | TaskSplits,
  options: MetaTrainerOptions = {},
): Promise<MetaTrainer> {
  const { train: source, validation, test } = splitsOf(tasks);
  const settings = readOptions(options, source);
  for (const each of new Set([source, validation ?? source, test])) expectFit(learner, each, 'metaTrainer');
  if (settings.adaptIn === 'worker') await expectWorker();
  await useEngine(options.engine);
  const { inner, seed, outerOptimizer: optimizer, outerClip: clip, ...rest } = settings;
  const outer = outerSteps(learner, { ...rest, inner, optimizer, ...(clip ? { clip } : {}) }, createRng(`${seed}/start`));
  const adapting = adapter(learner, source.objective, inner, settings.runtime, settings.adaptIn);
  const usualCount = source.sample(`${seed}/train`, 0).support.count;
  const best = keepBest();
  const shapesOf = (params: HostParams) => mapRecord(params, ({ shape }) => shape);
  if (options.meta) {
    const start = toHost(options.meta);
    expectValues(start, shapesOf(outer.meta), 'metaTrainer: meta');
    outer.restore(start);
  }
  const kept = checkpoints({ learner, source, settings, shapes: { meta: shapesOf(outer.meta), moments: shapesOf(outer.moments) } });
  const used: UsedBatch = {};
  let step = 0;
  let uploaded: Params | undefined;
  let isStepping = false;
  let unvalidated: StepLosses | undefined; // of a step whose validation failed: the next loop begins with that
  let hasStepped = false;
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

  async function takeStep(): Promise<StepLosses> {
    const losses = await blamingDispose('train', trainStep(outer, source, step, used, settings));
    expectInUse('train');
    hasStepped = true; // it has its memory
    step++;
    forgetUploaded();
    return losses;
  }

  async function validate({ validationEpisodes = 100 }: TrainOptions): Promise<NonNullable<TrainEvent['validation']>> {
    const { meta } = outer;
    const how = { steps: [inner.steps], episodes: validationEpisodes, seed: `${seed}/validation` };
    const evaluation = await evaluateAdapter(adapting, learner.name, meta, validation!, inner, how); // checked before training
    return { ...evaluation.scores[0]!, metric: evaluation.metric, isBest: best.offer(step, meta, evaluation) };
  }

  const bestMeta = () => best.kept?.meta ?? outer.meta;
  const contextOf = (): AdaptContext => ({ learner, adapter: adapting, meta: bestMeta(), source, inner, seed, usualCount });
  const stateOf = (): TrainingState => ({ step, meta: outer.meta, moments: outer.moments, ...(best.kept ? { best: best.kept } : {}) });

  async function* train(trainOptions: TrainOptions): AsyncGenerator<TrainEvent, void> {
    expectInUse('train');
    expectTrainOptions(trainOptions, validation);
    if (status === 'training') throw new Error('train: expected one loop at a time, got a second before the first had ended.');
    if (trainOptions.save) kept.expectOurs(trainOptions.save.dir, step);
    if (!hasStepped && trainOptions.steps > 0 && trainOptions.memory !== 'unchecked') expectMemory(outer, source, step, settings);
    status = 'training';
    const { steps, validateEvery, patience = Infinity, signal } = trainOptions;
    const end = step + steps;
    const breathe = breather();
    if (best.since >= patience) best.countAfresh(); // more was asked for
    const saves = savesAlong(trainOptions.save, unvalidated ? step - 1 : step, (dir, how) => kept.save(dir, stateOf(), how));
    try {
      while ((step < end || unvalidated) && best.since < patience && !signal?.aborted) {
        isStepping = true;
        const losses = unvalidated ?? (await takeStep());
        if (validateEvery === undefined) best.restore(undefined); // it would go stale
        const isValidated = validateEvery !== undefined && (step % validateEvery === 0 || step === end);
        unvalidated = isValidated ? losses : undefined;
        const validated = isValidated ? await blamingDispose('train', namingStep(step, validate(trainOptions))) : undefined;
        unvalidated = undefined;
        isStepping = false; // what is saved from here on knows this step's validation
        await breathe();
        yield { step, ...losses, ...(validated ? { validation: validated } : {}) };
        expectInUse('train');
        await saves.along(step); // after whoever asked has done with the event: it would be lost to a process that died between
      }
    } finally {
      isStepping = unvalidated !== undefined; // such a step is not saved: a run that is taken up repeats it
      if (!isDisposed() && !isStepping) await saves.last(step);
      if (status === 'training') status = 'idle';
    }
  }

  async function load(path: string, loadOptions: LoadOptions = {}): Promise<void> {
    expectInUse('load');
    if (status === 'training') throw new Error('load: expected a trainer outside its training loop, got one inside; end the loop first.');
    const state = await kept.load(path, loadOptions);
    expectInUse('load');
    forgetUploaded();
    unvalidated = undefined;
    isStepping = false;
    if (loadOptions.only === 'weights') {
      outer.restore(state.best?.meta ?? state.meta);
      return best.restore(undefined);
    }
    outer.restore(state.meta, state.moments);
    best.restore(state.best);
    step = state.step;
  }

  return {
    learner,
    tasks,
    settings,
    get step() {
      return step;
    },
    get bestStep() {
      return best.kept ? best.kept.step : step;
    },
    get meta() {
      expectInUse('meta');
      // Copied, as tfjs may hold on to values; kept, as the caller may be in a tidy.
      uploaded ??= mapRecord(outer.meta, (value) => tf.keep(toTensor({ ...value, values: value.values.slice() })));
      return uploaded;
    },
    train,
    estimate() {
      expectInUse('estimate');
      return estimateMemory(outer, source, step, settings);
    },
    async adapt(support, adaptOptions) {
      expectInUse('adapt');
      return blamingDispose('adapt', adaptTask(contextOf(), support, adaptOptions));
    },
    async loadTask(saved) {
      expectInUse('loadTask');
      return blamingDispose('loadTask', loadTask(contextOf(), saved));
    },
    async generate(embeddings) {
      expectInUse('generate');
      return blamingDispose('generate', generateTasks(contextOf(), embeddings));
    },
    async evaluate({ source: asked = test, ...evaluateOptions } = {}) {
      expectInUse('evaluate');
      expectFit(learner, asked, 'evaluate');
      return blamingDispose('evaluate', evaluateAdapter(adapting, learner.name, bestMeta(), asked, inner, evaluateOptions));
    },
    async save(dir, saveOptions) {
      expectInUse('save');
      if (isStepping) throw new Error('save: expected a trainer between two steps, got one inside a step, or after a validation that failed; call it in the loop, or after it.');
      return kept.save(dir, stateOf(), saveOptions);
    },
    load,
    async resume(dir) {
      expectInUse('resume');
      if (listCheckpoints(dir).length === 0) return false;
      await load(dir);
      return true;
    },
    dispose() {
      if (isDisposed()) return;
      forgetUploaded();
      best.restore(undefined);
      status = 'disposed';
      void Promise.all([outer.dispose(), adapting.dispose()]);
    },
  };
}
