import * as tf from '@tensorflow/tfjs';

/** The pure-JavaScript back-end advertises tfjs-node at its first use in Node, in the middle of anyone's output. */
export function quietCpu(): void {
  const backend = tf.findBackend('cpu') as unknown as { firstUse?: boolean } | null; // a public field without a type
  if (!backend) return;
  backend.firstUse = false;
  // A tensor made before tf.setBackend makes tfjs build another instance, so its class is told too.
  const never = { get: () => false, set: () => undefined, configurable: true };
  Object.defineProperty(Object.getPrototypeOf(backend) as object, 'firstUse', never);
}
