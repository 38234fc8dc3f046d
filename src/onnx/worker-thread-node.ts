import { EngineError } from '../core/errors';
import type { HostValues } from '../core/host-tensor';
import type { Port } from './runtime';
import type { Feeds } from './worker-feeds';

export type Values = Readonly<Record<string, HostValues>>;

/** A model as a thread gets it. */
export interface ThreadModel {
  /** In shared memory: one copy for all threads. */
  readonly bytes: Uint8Array;
  readonly options: object;
  readonly inputs: readonly Port[];
  readonly outputs: readonly string[];
}

/** A worker thread that has onnxruntime, and the models that it was asked to open, by a number. What it is asked it does in order. */
export interface Thread {
  open(id: number, model: ThreadModel): Promise<unknown>;
  run(id: number, feeds: Feeds): Promise<Values>;
  close(id: number): Promise<unknown>;
  end(): Promise<unknown>;
}

/**
 * What a worker thread does: it loads onnxruntime, which is its first answer, and answers each message.
 * A text, for functions do not survive every bundler; CommonJS, as Node takes texts to be.
 */
const script = `
const { parentPort, workerData } = require('node:worker_threads');
const { path, busy } = workerData;
const models = new Map();
let onnxruntime;

function tensorOf({ copies }, { name, dtype, shape }, feed) {
  const { Tensor } = onnxruntime;
  if (ArrayBuffer.isView(feed)) return new Tensor(dtype, feed, shape);
  const { values, version } = feed; // in shared memory, which onnxruntime-node refuses
  const copy = copies.get(name) ?? { tensor: new Tensor(dtype, new values.constructor(values.length), shape) };
  if (copy.version !== version) copy.tensor.data.set(values);
  copies.set(name, { ...copy, version });
  return copy.tensor;
}

const works = {
  load() {
    onnxruntime = require(path);
    return {};
  },
  async open({ id, model: { bytes, options, inputs, outputs } }) {
    models.set(id, { session: await onnxruntime.InferenceSession.create(bytes.slice(), options), inputs, outputs, copies: new Map() });
    return {};
  },
  async run({ id, feeds }) {
    const model = models.get(id);
    const fed = Object.fromEntries(model.inputs.map((port) => [port.name, tensorOf(model, port, feeds[port.name])]));
    const results = await model.session.run(fed, model.outputs);
    return Object.fromEntries(model.outputs.map((name) => [name, results[name].data]));
  },
  async close({ id }) {
    await models.get(id).session.release();
    models.delete(id);
    return {};
  },
};

async function answer(question) {
  try {
    const values = await works[question.work](question);
    parentPort.postMessage({ values }, [...new Set(Object.values(values).map(({ buffer }) => buffer))]);
  } catch (error) {
    parentPort.postMessage({ failure: error instanceof Error ? error.message : String(error) });
  }
  Atomics.sub(busy, 0, 1); // more may have been sent already
  Atomics.notify(busy, 0);
}

let last = Promise.resolve(); // one after another
parentPort.on('message', (question) => (last = last.then(() => answer(question))));
`;

/** Starts a thread with the package at `path`. It keeps the process alive only while it works. @throws EngineError where it cannot start */
export async function startThread(path: string, onDeath: (death: EngineError) => void): Promise<Thread> {
  const { Worker } = process.getBuiltinModule('node:worker_threads');
  if (!process.listeners('exit').includes(waitForThreads)) process.on('exit', waitForThreads);
  const busy = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(script, { eval: true, execArgv: [], workerData: { path, busy } }); // without what the program was started with, such as loaders
  const asked: { readonly resolve: (values: Values) => void; readonly reject: (error: EngineError) => void }[] = [];
  let death: EngineError | undefined;

  function die(why: string): void {
    death ??= new EngineError(`compile: expected a worker thread to go on, but it ended: ${why}.`);
    onDeath(death);
    for (const { reject } of asked.splice(0)) reject(death);
    working.delete(busy);
  }
  worker.on('error', (error: unknown) => die(error instanceof Error ? error.message : String(error)));
  worker.on('exit', (code) => die(`exit code ${code}`));
  worker.on('message', ({ values, failure }: { readonly values: Values; readonly failure?: string }) => {
    const first = asked.shift()!; // answers come in order
    if (asked.length === 0) {
      worker.unref();
      working.delete(busy);
    }
    if (failure === undefined) first.resolve(values);
    else first.reject(new EngineError(`compile: a worker thread failed: ${failure}`));
  });

  async function ask(question: object, moved: readonly ArrayBuffer[] = []): Promise<Values> {
    if (death) throw death;
    worker.ref();
    Atomics.add(busy, 0, 1);
    working.add(busy);
    const answered = new Promise<Values>((resolve, reject) => asked.push({ resolve, reject }));
    worker.postMessage(question, moved);
    return answered;
  }

  try {
    await ask({ work: 'load' });
  } catch (error) {
    await worker.terminate();
    throw error;
  }
  return {
    open: (id, model) => ask({ work: 'open', id, model }),
    run: (id, feeds) =>
      ask({ work: 'run', id, feeds }, Object.values(feeds).flatMap((feed) => (ArrayBuffer.isView(feed) ? [feed.buffer as ArrayBuffer] : []))),
    close: (id) => ask({ work: 'close', id }),
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
