import * as tf from '@tensorflow/tfjs';

/** The back-ends that every test machine has. */
export const backends = ['cpu', 'wasm'] as const;

/** Runs `work` on every back-end in turn and puts the one that was active back. */
export async function onEveryBackend(work: (backend: string) => void | Promise<void>): Promise<void> {
  const before = tf.getBackend();
  try {
    for (const backend of backends) {
      await tf.setBackend(backend);
      await tf.ready();
      await work(backend);
    }
  } finally {
    await tf.setBackend(before);
  }
}
