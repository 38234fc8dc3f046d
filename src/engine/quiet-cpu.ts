import * as tf from '@tensorflow/tfjs';

/** The pure-JavaScript back-end advertises tfjs-node at its first use in Node, in the middle of anyone's output. */
export function quietCpu(): void {
  const backend = tf.findBackend('cpu') as unknown as { firstUse?: boolean } | null; // a public field without a type
  if (backend) backend.firstUse = false;
}
