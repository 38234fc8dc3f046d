import * as tf from '@tensorflow/tfjs';
import { compile, createRng, generatedScales, unscopeRecord, type HostParams, type Network, type Params } from 'hypermeta';
import { hostFloats, noMemory } from './score';
import { encode } from './text';

/** A network of one character at a time, and its weights. */
export interface Reader {
  readonly network: Network;
  readonly params: HostParams;
  readonly vocabulary: string;
}

/** Text as the network goes on from a start, each character drawn by its probability. */
export async function sampleText({ network, params, vocabulary }: Reader, start: string, length: number, seed: string): Promise<string> {
  const step = compile(({ params, x, memory }: { params: Params; x: tf.Tensor; memory: Params }) => {
    const { output, after } = network.memory!.proceed(params, x, memory);
    return { chances: tf.softmax(tf.reshape(output, [-1])), after };
  }, { name: 'a sampled character' });
  const rng = createRng(seed);
  let [memory, text] = [noMemory(network, 1), start];
  let chances = new Float32Array();
  const given = encode(start, vocabulary);
  for (let at = 0; at < given.length + length; at++) {
    if (at >= given.length) text += vocabulary[draw(chances, rng.uniform())]!;
    const x = hostFloats(Float32Array.of(given[at] ?? vocabulary.indexOf(text.at(-1)!)), [1, 1, 1]);
    const read = await step.runOnHost({ params, x, memory });
    chances = read.chances.values as Float32Array<ArrayBuffer>;
    memory = read.after as HostParams; // floats
  }
  await step.dispose();
  return text;
}

/** The place in which a number of [0, 1) falls, where each chance takes as much room as it is large. */
function draw(chances: Float32Array, number: number): number {
  let sum = 0;
  const place = chances.findIndex((chance) => (sum += chance) > number);
  return place < 0 ? chances.length - 1 : place; // chances may sum to a little less than 1
}

/**
 * How much the recurrent weights of each gate change with each character of a text: the Frobenius norm of the change of the
 * scaled matrix, `[character][gate]`, gates i, f, c, o. The first character has none before it.
 */
export async function weightChanges({ network, params, vocabulary }: Reader, text: string): Promise<readonly (readonly number[])[]> {
  const step = compile(({ params, x, memory }: { params: Params; x: tf.Tensor; memory: Params }) => {
    const { after } = network.memory!.proceed(params, x, memory);
    return { after, scales: generatedScales(unscopeRecord(params, 'hyperLstm1'), after['hyperLstm1/hyperOutput']!).state };
  }, { name: 'the weights of a character' });
  const { values, shape } = params['hyperLstm1/recurrentKernel']!;
  const [units, width] = shape.slice(1) as [number, number];
  const squares = Float64Array.from({ length: width }, (_, column) => sumOf(units, (row) => values[row * width + column]! ** 2));
  let [memory, before] = [noMemory(network, 1), undefined as Float32Array | undefined];
  const changes: number[][] = [];
  for (const token of encode(text, vocabulary)) {
    const read = await step.runOnHost({ params, x: hostFloats(Float32Array.of(token), [1, 1, 1]), memory });
    const scales = read.scales.values as Float32Array;
    const last = before ?? scales;
    changes.push([0, 1, 2, 3].map((gate) => Math.sqrt(sumOf(units, (unit) => squares[gate * units + unit]! * (scales[gate * units + unit]! - last[gate * units + unit]!) ** 2))));
    [memory, before] = [read.after as HostParams, scales]; // floats
  }
  await step.dispose();
  return changes;
}

function sumOf(count: number, term: (index: number) => number): number {
  let sum = 0;
  for (let index = 0; index < count; index++) sum += term(index);
  return sum;
}
