import { EngineError } from '../core/errors';
import type { HostValues } from '../core/host-tensor';
import type { Model, Session } from './runtime';
import { workerFeeds, type Feeds } from './worker-feeds';

type Values = Readonly<Record<string, HostValues>>;

/** A worker thread with an open model. */
interface Thread {
  /** One run at a time. */
  run(feeds: Feeds): Promise<Values>;
  end(): Promise<unknown>;
}

/**
 * What a worker thread does: it opens the model, which is its first answer, and answers each message with a run's outputs.
 * A text, for functions do not survive every bundler; CommonJS, as Node takes texts to be.
 */
const script = `
const { parentPort, workerData } = require('node:worker_threads');
const { path, bytes, options, inputs, outputs, busy } = workerData;
const copies = new Map();
let Tensor, session;

function tensorOf({ name, dtype, shape }, feed) {
  if (ArrayBuffer.isView(feed)) return new Tensor(dtype, feed, shape);
  const { values, version } = feed; // in shared memory, which onnxruntime-node refuses
  const copy = copies.get(name) ?? { tensor: new Tensor(dtype, new values.constructor(values.length), shape) };
  if (copy.version !== version) copy.tensor.data.set(values);
  copies.set(name, { ...copy, version });
  return copy.tensor;
}

async function answer(work) {
  try {
    const values = await work();
    parentPort.postMessage({ values }, [...new Set(Object.values(values).map(({ buffer }) => buffer))]);
  } catch (error) {
    parentPort.postMessage({ failure: error instanceof Error ? error.message : String(error) });
  }
  Atomics.sub(busy, 0, 1); // the next run may have been sent already
  Atomics.notify(busy, 0);
}

answer(async () => {
  const onnxruntime = require(path);
  Tensor = onnxruntime.Tensor;
  session = await onnxruntime.InferenceSession.create(bytes.slice(), options);
  return {};
});
parentPort.on('message', (feeds) =>
  answer(async () => {
    const results = await session.run(Object.fromEntries(inputs.map((port) => [port.name, tensorOf(port, feeds[port.name])])), outputs);
    return Object.fromEntries(outputs.map((name) => [name, results[name].data]));
  }),
);
`;

/**
 * A model that is open in each of `count` worker threads. A run goes to an idle one or waits for one, in order. What runs
 * are given is copied, what they give is moved. `onnxruntime` is the package as this thread has it, `options` are for its
 * sessions. Node only.
 *
 * @throws EngineError where a thread cannot start; from `run`, where one fails
 */
export async function openOnWorkers({ bytes, inputs, outputs }: Model, onnxruntime: object, options: object, count: number): Promise<Session> {
  const names = outputs.map(({ name }) => name);
  const workerData = { path: pathOf(onnxruntime), bytes: inSharedMemory(bytes), options, inputs, outputs: names };
  let death: EngineError | undefined;
  if (!process.listeners('exit').includes(waitForThreads)) process.on('exit', waitForThreads);
  const threads = await startThreads(count, workerData, (error) => (death ??= error));
  const { take, giveBack } = queueFor(threads);
  const startRun = workerFeeds(inputs);
  let released: Promise<void> | undefined;

  return {
    async run(given, into = {}) {
      if (released) throw new EngineError('compile: expected a model that is open, got one after release().');
      const { feeds, end } = startRun(given);
      const thread = await take();
      try {
        if (death) throw death;
        const values = await thread.run(feeds());
        return Object.fromEntries(names.map((name) => [name, filled(into[name], values[name]!)]));
      } finally {
        end();
        giveBack(thread);
      }
    },
    release() {
      released ??= Promise.all(threads.map(() => take())).then(() => endThreads(threads)); // after the runs that wait
      return released;
    },
  };
}

/** Gives idle threads to those who ask, first come, first served. */
function queueFor(threads: readonly Thread[]) {
  const idle = [...threads];
  const waiting: ((thread: Thread) => void)[] = [];
  return {
    take: async () => idle.pop() ?? new Promise<Thread>((resolve) => waiting.push(resolve)),
    giveBack(thread: Thread) {
      const next = waiting.shift();
      if (next) next(thread);
      else idle.push(thread);
    },
  };
}

/** All, or none. */
async function startThreads(count: number, workerData: object, onDeath: (death: EngineError) => void): Promise<readonly Thread[]> {
  const starts = await Promise.allSettled(Array.from({ length: count }, () => startThread(workerData, onDeath)));
  const threads = starts.flatMap((start) => (start.status === 'fulfilled' ? [start.value] : []));
  const failed = starts.find((start) => start.status === 'rejected');
  if (!failed) return threads;
  await endThreads(threads);
  throw failed.reason;
}

async function endThreads(threads: readonly Thread[]): Promise<void> {
  await Promise.all(threads.map((thread) => thread.end()));
}

/** Keeps the process alive only while it works. */
async function startThread(data: object, onDeath: (death: EngineError) => void): Promise<Thread> {
  const { Worker } = process.getBuiltinModule('node:worker_threads');
  const busy = new Int32Array(new SharedArrayBuffer(4));
  const workerData = { ...data, busy };
  const worker = new Worker(script, { eval: true, execArgv: [], workerData }); // without what the program was started with, such as loaders
  let asked: { readonly resolve: (values: Values) => void; readonly reject: (error: EngineError) => void } | undefined;
  let death: EngineError | undefined;

  function die(why: string): void {
    death ??= new EngineError(`compile: expected a worker thread to go on, but it ended: ${why}.`);
    onDeath(death);
    asked?.reject(death);
    working.delete(busy);
  }
  worker.on('error', (error: unknown) => die(error instanceof Error ? error.message : String(error)));
  worker.on('exit', (code) => die(`exit code ${code}`));
  worker.on('message', ({ values, failure }: { readonly values: Values; readonly failure?: string }) => {
    worker.unref();
    working.delete(busy);
    if (failure === undefined) asked?.resolve(values);
    else asked?.reject(new EngineError(`compile: a worker thread failed: ${failure}`));
  });
  const answer = () => {
    Atomics.add(busy, 0, 1);
    working.add(busy);
    return new Promise<Values>((resolve, reject) => (asked = { resolve, reject }));
  };

  try {
    await answer();
  } catch (error) {
    await worker.terminate();
    throw error;
  }
  return {
    async run(feeds) {
      if (death) throw death;
      worker.ref();
      const answered = answer();
      worker.postMessage(feeds, Object.values(feeds).flatMap((feed) => (ArrayBuffer.isView(feed) ? [feed.buffer as ArrayBuffer] : [])));
      return answered;
    },
    end: () => worker.terminate(),
  };
}

/** Of the threads that have not answered: how much they have to do in onnxruntime still. */
const working = new Set<Int32Array>();

/** Long enough for one run. */
const patience = 30_000;

/** onnxruntime-node aborts the process when a thread is stopped within it, as `process.exit` and an uncaught error would do. */
function waitForThreads(): void {
  for (const busy of working)
    for (let left = Atomics.load(busy, 0); left > 0; left = Atomics.load(busy, 0)) if (Atomics.wait(busy, 0, left, patience) === 'timed-out') break;
}

/** One copy for all threads. */
function inSharedMemory(bytes: Uint8Array): Uint8Array {
  const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
  shared.set(bytes);
  return shared;
}

function filled(target: HostValues | undefined, values: HostValues): HostValues {
  target?.set(values);
  return target ?? values;
}

/** Where Node found a CommonJS package that is loaded. */
function pathOf(loaded: object): string {
  const { createRequire } = process.getBuiltinModule('node:module');
  const { join } = process.getBuiltinModule('node:path');
  const exported = 'default' in loaded ? loaded.default : loaded;
  const { cache } = createRequire(join(process.cwd(), 'hypermeta-probe.js')); // a file that need not exist
  const found = Object.values(cache).find((module) => module?.exports === exported);
  if (!found) throw new EngineError('compile: threads: expected onnxruntime-node in a file of its own, got it bundled; leave it out of the bundle.');
  return found.filename;
}
