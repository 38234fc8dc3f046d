import * as tf from '@tensorflow/tfjs';
import { replaceGradient, sumTo } from './replace-gradient';

/** Gradients of elementwise kernels that tfjs takes from a saved output, recomputed from the input. */
export function repairElementwise(): void {
  repairUnary();
  repairPow();
  repairSquaredDifference();
  repairExtremes();
}

/** Derivative of each kernel with one input `x`. */
const derivatives: Readonly<Record<string, (x: tf.Tensor) => tf.Tensor>> = {
  Exp: (x) => tf.exp(x),
  Sigmoid: (x) => {
    const y = tf.sigmoid(x);
    return tf.mul(y, tf.sub(1, y));
  },
  Tanh: (x) => tf.sub(1, tf.square(tf.tanh(x))),
  // 1 above 0, exp(x) below: the exponent is held at 0 where it is not used, so that it cannot overflow.
  Elu: (x) => tf.exp(tf.neg(tf.relu(tf.neg(x)))),
  Selu: (x) => {
    const positive = tf.step(x);
    const below = tf.mul(tf.exp(tf.neg(tf.relu(tf.neg(x)))), tf.sub(1, positive));
    return tf.mul(tf.add(positive, tf.mul(below, seluAlpha)), seluScale);
  },
  Relu6: (x) => tf.mul(tf.step(x), tf.cast(tf.lessEqual(x, 6), 'float32')),
  Softplus: (x) => tf.sigmoid(x),
};

// Klambauer et al., "Self-Normalizing Neural Networks", 2017 (arXiv 1706.02515), equation 14.
const seluAlpha = 1.6732632423543772;
const seluScale = 1.0507009873554805;

function repairUnary(): void {
  for (const [name, derivative] of Object.entries(derivatives))
    replaceGradient(name, ['x'], (dy, [x]) => ({ x: () => tf.mul(dy, derivative(x!)) }));
  replaceGradient('LeakyRelu', ['x'], (dy, [x], { alpha }) => ({
    x: () => tf.mul(dy, slope(x!, tf.scalar(alpha as number))),
  }));
  replaceGradient('Prelu', ['x', 'alpha'], (dy, [x, alpha]) => ({
    x: () => sumTo(tf.mul(dy, slope(x!, alpha!)), x!.shape),
    alpha: () => sumTo(tf.mul(dy, tf.neg(tf.relu(tf.neg(x!)))), alpha!.shape),
  }));
}

/** 1 above 0, `below` elsewhere. */
function slope(x: tf.Tensor, below: tf.Tensor): tf.Tensor {
  const positive = tf.step(x);
  return tf.add(positive, tf.mul(tf.sub(1, positive), below));
}

function repairPow(): void {
  replaceGradient('Pow', ['a', 'b'], (dy, [base, exponent]) => {
    const power = tf.cast(exponent!, 'float32');
    return {
      // b x^(b − 1); x⁰ is flat at 0 too, where 0 · 0⁻¹ would be NaN
      a: () => {
        const flat = tf.mul(tf.cast(tf.equal(power, 0), 'float32'), tf.cast(tf.equal(base!, 0), 'float32'));
        return sumTo(tf.mul(dy, tf.mul(power, tf.pow(base!, tf.add(tf.sub(power, 1), flat)))), base!.shape);
      },
      // x^b log x → 0 as x → 0; below 0 it is undefined and tfjs gives 0
      b: () => {
        const safe = tf.add(tf.mul(base!, tf.step(base!)), tf.sub(1, tf.step(base!)));
        return sumTo(tf.mul(dy, tf.mul(tf.pow(base!, power), tf.log(safe))), exponent!.shape);
      },
    };
  });
}

/** tfjs forgets to sum over the axes along which an argument was broadcast. */
function repairSquaredDifference(): void {
  replaceGradient('SquaredDifference', ['a', 'b'], (dy, [a, b]) => {
    const slope = () => tf.mul(dy, tf.mul(2, tf.sub(a!, b!)));
    return { a: () => sumTo(slope(), a!.shape), b: () => sumTo(tf.neg(slope()), b!.shape) };
  });
}

/** The gradient goes to the larger (smaller) argument; where both are equal, to the first, as tfjs does. */
function repairExtremes(): void {
  const pair = (name: string, firstWins: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor) =>
    replaceGradient(name, ['a', 'b'], (dy, [a, b]) => {
      const first = tf.cast(firstWins(a!, b!), 'float32');
      return {
        a: () => sumTo(tf.mul(dy, first), a!.shape),
        b: () => sumTo(tf.mul(dy, tf.sub(1, first)), b!.shape),
      };
    });
  pair('Maximum', (a, b) => tf.greaterEqual(a, b));
  pair('Minimum', (a, b) => tf.lessEqual(a, b));
  replaceGradient('ClipByValue', ['x'], (dy, [x], { clipValueMin, clipValueMax }) => ({
    x: () => {
      const inside = tf.logicalAnd(tf.greaterEqual(x!, clipValueMin as number), tf.lessEqual(x!, clipValueMax as number));
      return tf.mul(dy, tf.cast(inside, 'float32'));
    },
  }));
}
