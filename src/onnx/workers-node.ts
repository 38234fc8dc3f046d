import { EngineError, expectCount } from '../core/errors';
import type { HostValues } from '../core/host-tensor';
import { requireFrom } from '../core/program-folders-node';
import type { Model, Session } from './runtime';
import { workerFeeds } from './worker-feeds';
import { startThread, type Thread, type Values } from './worker-thread-node';

/** Worker threads that models are opened on, started with the first one. Node only. */
export interface WorkerHost {
  /**
   * The model, open in each thread. A run goes to an idle thread or waits for one, in order. What runs are given is copied,
   * what they give is moved. `onnxruntime` is the package as this thread has it, `options` are for its sessions.
   *
   * @throws EngineError where a thread cannot start, or not open the model; from `run`, where one fails
   */
  open(model: Model, onnxruntime: object, options: object): Promise<Session>;
  /** Ends the threads, after the runs that wait. */
  end(): Promise<void>;
}

/** @throws RangeError for less than one thread */
export function workerHost(count: number): WorkerHost {
  expectCount('workerHost: count', count);
  const queue = threadQueue();
  let death: EngineError | undefined;
  let starting: Promise<readonly Thread[]> | undefined;
  let ended: Promise<void> | undefined;
  let opened = 0;

  async function start(path: string): Promise<readonly Thread[]> {
    const threads = await startThreads(count, path, (error) => (death ??= error));
    for (const thread of threads) queue.giveBack(thread);
    return threads;
  }

  async function endAll(): Promise<void> {
    const threads = (await starting?.catch(() => undefined)) ?? []; // who asked for them knows that they did not start
    await Promise.all(threads.map(() => queue.take())); // after the runs that wait
    await endThreads(threads);
  }

  return {
    async open({ bytes, inputs, outputs }, onnxruntime, options) {
      if (ended) throw new EngineError('compile: expected worker threads that are in use, got ended ones.');
      const threads = await (starting ??= start(pathOf(onnxruntime)));
      const id = opened++;
      const names = outputs.map(({ name }) => name);
      const model = { bytes: inSharedMemory(bytes), options, inputs, outputs: names };
      await Promise.all(threads.map((thread) => thread.open(id, model)));
      const startRun = workerFeeds(inputs);
      return sessionOf(names, {
        async run(given) {
          const { feeds, end } = startRun(given);
          const thread = await queue.take();
          try {
            if (death) throw death;
            return await thread.run(id, feeds());
          } finally {
            end();
            queue.giveBack(thread);
          }
        },
        close: () => Promise.allSettled(threads.map((thread) => thread.close(id))), // one that is dead has nothing open
      });
    },
    end: () => (ended ??= endAll()),
  };
}

interface OpenModel {
  run(given: Values): Promise<Values>;
  close(): Promise<unknown>;
}

/** A session that closes its model after the runs that wait. */
function sessionOf(names: readonly string[], { run, close }: OpenModel): Session {
  const running = new Set<Promise<Values>>();
  let released: Promise<void> | undefined;

  async function closeAfterRuns(): Promise<void> {
    await Promise.allSettled(running);
    await close();
  }

  return {
    async run(given, into = {}) {
      if (released) throw new EngineError('compile: expected a model that is open, got one after release().');
      const started = run(given);
      running.add(started);
      try {
        const values = await started;
        return Object.fromEntries(names.map((name) => [name, filled(into[name], values[name]!)]));
      } finally {
        running.delete(started);
      }
    },
    release: () => (released ??= closeAfterRuns()),
  };
}

/** A model on `count` threads of its own, which end with it. */
export async function openOnWorkers(model: Model, onnxruntime: object, options: object, count: number): Promise<Session> {
  const host = workerHost(count);
  try {
    const { run, release } = await host.open(model, onnxruntime, options);
    return { run, release: () => release().then(() => host.end()) };
  } catch (error) {
    await host.end();
    throw error;
  }
}

/** Gives idle threads to those who ask, first come, first served. */
function threadQueue() {
  const idle: Thread[] = [];
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
async function startThreads(count: number, path: string, onDeath: (death: EngineError) => void): Promise<readonly Thread[]> {
  const starts = await Promise.allSettled(Array.from({ length: count }, () => startThread(path, onDeath)));
  const threads = starts.flatMap((start) => (start.status === 'fulfilled' ? [start.value] : []));
  const failed = starts.find((start) => start.status === 'rejected');
  if (!failed) return threads;
  await endThreads(threads);
  throw failed.reason;
}

async function endThreads(threads: readonly Thread[]): Promise<void> {
  await Promise.all(threads.map((thread) => thread.end()));
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
  const exported = 'default' in loaded ? loaded.default : loaded;
  const { cache } = requireFrom(process.cwd());
  const found = Object.values(cache).find((module) => module?.exports === exported);
  if (!found) throw new EngineError('compile: threads: expected onnxruntime-node in a file of its own, got it bundled; leave it out of the bundle.');
  return found.filename;
}
