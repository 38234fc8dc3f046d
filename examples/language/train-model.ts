import * as tf from '@tensorflow/tfjs';
import { adam, clipTogether, compile, cosine, createRng, DivergenceError, initParams, valueAndGradients, type HostFloats, type HostParams, type Network, type Params } from 'hypermeta';
import { hostFloats, noMemory, onHost, readPiece, scorer, type Reading } from './score';
import { pieces, type Text } from './text';

/** How a network is trained; all models alike. */
export interface Training {
  /** Sequences that are read side by side. */
  readonly streams: number;
  readonly steps: number;
  readonly validateEvery: number;
  /** Ends training after so many validations in a row that were not the best. */
  readonly patience: number;
  /** Of the gradients' global norm. */
  readonly clip: number;
}

/** A validation; seconds are those of the steps before it. */
export interface CurvePoint {
  readonly step: number;
  readonly seconds: number;
  readonly train: number;
  readonly validation: number;
}

export interface Trained {
  /** Those of the best validation. */
  readonly params: HostParams;
  readonly best: number;
  readonly curve: readonly CurvePoint[];
}

/**
 * Reads the text again and again, a piece of each stream a step: back-propagation ends at the start of the piece, but what was
 * remembered of the piece before it is where it begins.
 */
export async function trainModel(network: Network, text: Text, rate: number, training: Training, seed: string, watch: (point: CurvePoint) => void = () => {}): Promise<Trained> {
  const { streams, steps, validateEvery, patience, clip } = training;
  const step = compile(({ params, reading }: { params: Params; reading: Reading }, noise) => {
    let after: Params = {};
    const { value: loss, gradients } = valueAndGradients((moved) => {
      const read = readPiece(network, moved, reading, noise);
      after = Object.fromEntries(Object.entries(read.after).map(([name, value]) => [name, tf.keep(tf.clone(value))])); // what a gradient's function makes is disposed otherwise
      return tf.div<tf.Scalar>(read.nats, tf.sum(reading.weight));
    }, params);
    return { loss, after, gradients: clipTogether(gradients, { by: 'norm', limit: clip }) };
  }, { name: 'a training step' });
  const validating = scorer(network, validationStreams);
  const all = pieces(text.train, streams, network.inputShape[0]!);
  const schedule = cosine(rate, steps, { end: rate / 20 });
  const noise = createRng(`${seed}/noise`);
  const { params, moments } = startOnHost(network, seed);
  let memory = noMemory(network, streams);
  let best: Pick<Trained, 'params' | 'best'> = { params, best: Infinity };
  const curve: CurvePoint[] = [];
  let [seconds, sum, sinceBest] = [0, 0, 0];
  for (let taken = 0; taken < steps && sinceBest < patience; taken++) {
    const piece = all[taken % all.length]!;
    if (taken % all.length === 0) memory = noMemory(network, streams);
    const began = performance.now();
    const made = (await step.runOnHost({ params, reading: { ...onHost(piece, streams), memory } }, { rng: noise })) as Floats;
    for (const [name, { values }] of Object.entries(params)) adam().updateInPlace!(values, made.gradients[name]!.values, moments[name]!, schedule(taken));
    memory = copy(made.after);
    const loss = made.loss.values[0]!;
    step.recycle(made);
    seconds += (performance.now() - began) / 1000;
    if (!Number.isFinite(loss)) throw new DivergenceError(`language: expected a finite loss at step ${taken + 1}, got ${loss}; lower the learning rate.`);
    sum += loss;
    if ((taken + 1) % validateEvery !== 0 && taken + 1 < steps) continue;
    const since = taken + 1 - (curve.at(-1)?.step ?? 0);
    const point = { step: taken + 1, seconds, train: sum / since / Math.LN2, validation: await validating.score(params, text.validation) };
    sum = 0;
    sinceBest = point.validation < best.best ? 0 : sinceBest + 1;
    if (sinceBest === 0) best = { params: copy(params), best: point.validation };
    curve.push(point);
    watch(point);
  }
  await Promise.all([step.dispose(), validating.dispose()]);
  return { ...best, curve };
}

/** The validation text is read so, each stream from an empty memory: faster than as one, and hardly worse. */
const validationStreams = 4;

/** Parameters, and for each what Adam remembers. */
function startOnHost(network: Network, seed: string) {
  return tf.tidy(() => {
    const params = initParams(network.specs, createRng(`${seed}/start`));
    const floats = (value: tf.Tensor) => Float32Array.from(value.dataSync());
    const moments = Object.entries(params).map(([name, value]) => [name, Object.fromEntries(Object.entries(adam().start(value)).map(([moment, each]) => [moment, floats(each)]))] as const);
    const onHost = Object.entries(params).map(([name, value]) => [name, hostFloats(floats(value), value.shape)] as const);
    return { params: Object.fromEntries(onHost), moments: Object.fromEntries(moments) } as never;
  }) as { params: HostParams; moments: Readonly<Record<string, Readonly<Record<string, Float32Array>>>> };
}

function copy(params: HostParams): HostParams {
  return Object.fromEntries(Object.entries(params).map(([name, { values, shape }]) => [name, hostFloats(values.slice(), shape)]));
}

interface Floats {
  readonly loss: HostFloats;
  readonly after: HostParams;
  readonly gradients: HostParams;
}
