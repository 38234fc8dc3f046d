import { EngineError } from '../core/errors';
import { loadRuntime } from '../onnx/onnxruntime';

/** @throws EngineError where there is nothing that adapts in a worker thread */
export async function expectWorker(): Promise<void> {
  try {
    await loadRuntime('onnxruntime-node');
  } catch (cause) {
    throw new EngineError(
      "metaTrainer: adaptIn: 'worker': expected onnxruntime-node, which runs compiled steps in worker threads of Node, got none; install it with `npm install onnxruntime-node`, or adapt 'here'.",
      { cause },
    );
  }
}
