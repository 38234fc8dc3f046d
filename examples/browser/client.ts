import type { EngineChoice } from './engine-choices';
import type { Answer, Question, Started } from './worker';
import type { Workbench } from './workbench';

/** A worker that computes, so that the page stays free. */
export interface Client extends Workbench {
  readonly engine: Promise<Started>;
  /** Ends the worker; what was asked for ends in an AbortError. */
  end(): void;
}

export function openClient(choice: EngineChoice): Client {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  let asked = 0;

  const ask = <Method extends Question['method']>(method: Method, ...args: readonly unknown[]) =>
    new Promise<unknown>((resolve, reject) => {
      const question: Question = { id: asked++, method, args };
      waiting.set(question.id, { resolve, reject });
      worker.postMessage(question);
    });

  worker.addEventListener('message', ({ data }: MessageEvent<Answer>) => {
    const { resolve, reject } = waiting.get(data.id)!; // it was asked for
    waiting.delete(data.id);
    if ('error' in data) reject(new Error(data.error));
    else resolve(data.value);
  });
  function refuseAll(error: Error): void {
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  }
  worker.addEventListener('error', ({ message }) => refuseAll(new Error(`The page's worker stopped: ${message}`)));

  /** A method of the workbench, asked for from afar. */
  const remote = <Method extends keyof Workbench>(method: Method) => ((...args: readonly unknown[]) => ask(method, ...args)) as unknown as Workbench[Method];
  return {
    engine: ask('start', choice, document.baseURI) as Promise<Started>,
    adapt: remote('adapt'),
    restore: remote('restore'),
    predict: remote('predict'),
    adaptCurve: remote('adaptCurve'),
    fitCurve: remote('fitCurve'),
    saveTask: remote('saveTask'),
    loadTask: remote('loadTask'),
    toOnnx: remote('toOnnx'),
    dispose: remote('dispose'),
    end() {
      worker.terminate();
      refuseAll(new DOMException('The worker was ended.', 'AbortError'));
    },
  };
}
