import * as tf from '@tensorflow/tfjs';
import { breather } from '../core/breather';
import { DivergenceError, expectCount, expectOneOf, expectPositive } from '../core/errors';
import { copyOnHost, copyToHost, toHost, toTensor, type HostParams } from '../core/host-tensor';
import type { Learner } from '../core/learner';
import { seededNoise } from '../core/noise';
import { disposeParams, mapRecord, type Params } from '../core/params';
import { createRng, type Rng } from '../core/rng';
import { useEngine } from '../engine/use-engine';
import { expectValues } from '../io/expect-values';
import type { UserExamples } from '../tasks/examples';
import { batchOrder, blankRow, pickRows, rowsOfEach, type HostRows } from './batches';
import type { AddTaskOptions, ContinualEvent, ContinualTrainer } from './continual';
import { expectSaved } from './expect-saved';
import { forward } from './forward';
import { expectExamplesApart, readContinualOptions, type ContinualTrainerOptions } from './options';
import { predictions, taskOf } from './predictions';
import { headOf, readTask, type ContinualTask, type TaskExamples } from './read-task';
import { readContinual, writeContinual } from './save-continual';
import { joinTasks, splitTasks } from './stacked';
import { sensitivity } from './sensitivity';
import { continualSteps } from './task-steps';

/**
 * Learns tasks one after another. The learner's meta-parameters are what the tasks share; its state is what each task has of
 * its own: an embedding (`hyperLearner`), a head (`anil`), a context (`cavia`), a whole network (`maml`), nothing
 * (`plainLearner`). What the guard does for the finished tasks, it does for any of them.
 *
 * @example
 * const learner = hyperLearner(mlp([2, 16, 2]), chunkedHypernetwork({ embeddingSize: 8 }), { start: randomEmbedding({ size: 8 }) });
 * const trainer = await continualTrainer(learner, { guard: outputRegularizer({ beta: 1 }) });
 * for await (const { step, loss } of trainer.addTask({ x: [[0, 1], [1, 0]], y: ['up', 'right'] }, { steps: 100 })) console.log(step, loss);
 * await trainer.classify([0, 1], { task: 0 }); // 'up'
 *
 * @throws RangeError for an option out of range, or a base network with batch norm; DataError for shared parameters of another
 * learner, or a learner whose tasks need more than examples; EngineError if the named back-end cannot be used
 */
export async function continualTrainer(learner: Learner, options: ContinualTrainerOptions = {}): Promise<ContinualTrainer> {
  const settings = readContinualOptions(learner, options, ownNamesOf(learner));
  await useEngine(options.engine);
  const { base } = learner;
  expectExamplesApart(learner);
  const { guard, objective, seed, batchSize } = settings;
  const steps = continualSteps(settings);
  const shapes = { input: base.inputShape, target: base.outputShape };
  const shapesOf = (params: HostParams) => mapRecord(params, ({ shape }) => shape);
  if (options.meta) {
    const start = toHost(options.meta);
    expectValues(start, shapesOf(steps.shared), 'continualTrainer: meta');
    overwrite(steps.shared, start);
  }
  const passes = forward(settings);
  const sensitivities = sensitivity(settings);
  const tasks: ContinualTask[] = [];
  let own: readonly HostParams[] = [];
  let memory = guard?.begin?.(steps.shared) ?? {};
  let status: 'idle' | 'adding' | 'disposed' = 'idle';

  const isDisposed = () => status === 'disposed';

  function expectInUse(where: string): void {
    if (isDisposed()) throw new Error(`${where}: expected a continual trainer that is in use, got one after dispose().`);
  }

  const headFor = (task: Pick<ContinualTask, 'classes' | 'outputs'>) => (task.classes ? headOf(task, base.outputShape) : undefined);
  const context = { settings, passes, tasks, headFor, shared: () => steps.shared, ownOf: (task: number) => own[task]!, expectInUse };

  async function* addTask(examples: UserExamples, addOptions: AddTaskOptions): AsyncGenerator<ContinualEvent, void> {
    expectInUse('addTask');
    const { moves = 'all', outputs, steps: count, learningRate } = addOptions;
    expectCount('addTask: steps', count, 0);
    expectOneOf('addTask: moves', moves, ['all', 'own']);
    if (learningRate !== undefined) expectPositive('addTask: learningRate', learningRate);
    const rateAt = learningRate === undefined ? settings.learningRate : () => learningRate;
    const task = readTask(base, objective, examples, outputs, 'addTask');
    if (status === 'adding') throw new Error('addTask: expected one task at a time, got a second before the first had ended.');
    const rng = createRng(`${seed}/task ${tasks.length}`);
    const next = batchOrder(task.arrays.count, batchSize, rng.fork('order'));
    const head = headFor(task);
    const kept = { shared: copyOnHost(steps.shared), memory: copyOnHost(memory) };
    let batch: HostRows = pickRows(task.arrays, next(), shapes);
    const first = task.classes ? pickRows(task.arrays, rowsOfEach(task.arrays, batchSize, rng.fork('classes')), shapes) : batch;
    const mine = startOwn(learner, steps.shared, first, rng.fork('start'));
    if (moves === 'own' && (settings.ownNames ?? Object.keys(mine)).length === 0)
      throw new RangeError(`addTask: moves: expected 'all' for the ${learner.name} learner, whose tasks have nothing of their own to move, got 'own'.`);
    status = 'adding';
    const training = steps.begin(mine, head, moves);
    const [chance, noise] = [rng.fork('guard'), rng.fork('noise')];
    let taken = 0;
    let end: 'broken' | 'whole' = 'broken';
    const keepOrUndo = async (how: typeof end) => {
      let isKept = false;
      try {
        if (how === 'whole') await finish(task, mine, taken, rng.fork('finish')); // a guard may fail
        isKept = how === 'whole';
      } finally {
        if (!isKept) {
          overwrite(steps.shared, kept.shared);
          memory = kept.memory;
        }
        if (!isDisposed()) status = 'idle';
      }
    };
    try {
      const breathe = breather();
      while (taken < count) {
        const reminder = guard && moves === 'all' ? guard.remind(memory, { batchSize: Math.min(task.arrays.count, batchSize), rng: chance }) : undefined;
        const rate = rateAt(taken);
        if (!Number.isFinite(rate)) throw new RangeError(`addTask: step ${taken + 1}: learningRate: expected a finite number from the schedule, got ${rate}.`);
        const metrics = await training.take(batch, reminder, memory, rate, noise);
        expectInUse('addTask');
        expectFinite(metrics.loss + metrics.penalty + metrics.gradientNorm, taken + 1);
        taken++;
        batch = pickRows(task.arrays, next(), shapes, batch);
        await breathe();
        end = 'whole'; // a loop that is left keeps the task
        yield { task: tasks.length, step: taken, ...metrics };
        end = 'broken';
        expectInUse('addTask');
      }
      end = 'whole';
    } finally {
      await training.dispose();
      if (!isDisposed()) await keepOrUndo(end);
    }
  }

  /** The task is there from now on, and guarded. */
  async function finish(task: TaskExamples, mine: HostParams, taken: number, rng: Rng): Promise<void> {
    const { arrays, ...rest } = task;
    const all = [...own, mine];
    const known = [...tasks, { ...rest, steps: taken }];
    const head = headFor(task);
    const together = joinTasks(all);
    if (guard)
      memory = await guard.finish(memory, {
        shared: steps.shared,
        own: together,
        heads: Float32Array.from(known.flatMap((each) => [...headOf(each, base.outputShape)])),
        tasks: all.length,
        examples: arrays,
        rng,
        weights: () => passes.weights(steps.shared, together),
        gradient: (rows) => steps.gradient(mine, head, pickRows(arrays, rows, shapes)),
        sensitivity: async (count) => sensitivities.of(await passes.weights(steps.shared, mine), arrays, { count, outputs: task.outputs, rng: rng.fork('sensitivity') }),
      });
    own = all;
    tasks.push(known.at(-1)!);
  }

  return {
    learner,
    get tasks() {
      return [...tasks];
    },
    get shared() {
      return copyOnHost(steps.shared);
    },
    ownOf(task) {
      context.expectInUse('ownOf');
      return copyOnHost(taskOf('ownOf', own, task));
    },
    addTask,
    ...predictions(context),
    save() {
      expectInUse('save');
      if (status === 'adding') throw new Error('save: expected a trainer between two tasks, got one inside addTask; end its loop first.');
      return writeContinual({ learner: learner.name, guard: guard?.name, tasks, shared: steps.shared, own: joinTasks(own), memory });
    },
    load(bytes) {
      expectInUse('load');
      if (status === 'adding') throw new Error('load: expected a trainer between two tasks, got one inside addTask; end its loop first.');
      const found = readContinual(bytes, { learner: learner.name, guard: guard?.name });
      expectSaved(found, { settings, shared: steps.shared, start: () => startOwn(learner, steps.shared, blankRow(shapes), createRng('load')) });
      overwrite(steps.shared, found.shared);
      tasks.splice(0, tasks.length, ...found.tasks);
      own = splitTasks(found.own, found.tasks.length);
      memory = found.memory;
    },
    dispose() {
      if (isDisposed()) return;
      status = 'disposed';
      void Promise.all([steps.dispose(), passes.dispose(), sensitivities.dispose()]);
    },
  };
}

/** Entries of the state that any of the learner's inner steps would move. */
function ownNamesOf({ adapts, distinctSteps = 1 }: Learner): readonly string[] | undefined {
  return adapts && [...new Set(Array.from({ length: distinctSteps }, (_, step) => adapts(step)).flat())];
}

/** What a new task has of its own before its first step, from a batch that shows all its classes. */
function startOwn(learner: Learner, shared: HostParams, { x, y }: HostRows, rng: Rng): HostParams {
  const start: Params = tf.tidy(() => {
    const support = { x: toTensor(x), y: toTensor(y), weight: tf.ones([1, x.shape[1]!]) };
    return { ...learner.start(mapRecord(shared, (value) => toTensor(value)), { support, noise: seededNoise(rng) }) };
  });
  const values = copyToHost(start);
  disposeParams(start);
  return values;
}

function overwrite(params: HostParams, values: HostParams): void {
  for (const [name, { values: into }] of Object.entries(params)) into.set(values[name]!.values);
}

/** @throws DivergenceError */
function expectFinite(value: number, step: number): void {
  if (!Number.isFinite(value))
    throw new DivergenceError(`addTask: step ${step}: expected a finite loss and gradient, got ${value}; lower learningRate, or set clip. The tasks before are as they were.`);
}
