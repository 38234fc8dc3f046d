import * as tf from '@tensorflow/tfjs';
import { EngineError } from '../core/errors';
import { areSamplesApart } from '../core/samples-apart';
import { formatShape, sizeOf, type Shape } from '../core/shape';
import { readableTrace } from './bound-trace';
import { jsFunctions } from './js-functions';
import { jsProgram, type JsProgram } from './js-program';
import type { ExportedFunction } from './tfjs-model';

/** By which such a module is known. */
export const firstLine = '// A network adapted to one task, as plain JavaScript. Written by hypermeta; needs nothing else.';

/**
 * A function of samples as the text of a JavaScript module that needs nothing else: `predict(rows)`, and `classify(row)` where
 * the metadata has classes. Weights are in it as base64 of float32; all else is computed in double, one sample after
 * another.
 *
 * @throws EngineError for a function that draws noise, has an operation without a counterpart, or looks at several samples together
 */
export function javaScriptModule(fn: ExportedFunction): string {
  const { inputShape, metadata } = fn;
  const predict = (x: tf.Tensor) => tf.tidy(() => fn.read(fn.apply(x)));
  const graph = readableTrace('toJavaScript', predict, [1, ...inputShape]);
  const program = jsProgram(graph);
  expectSamplesApart(fn);
  const outputShape = graph.outputs[0]!.shape.slice(1);
  const { classes } = metadata;
  return [
    firstLine,
    `export const inputShape = ${JSON.stringify(inputShape)};`,
    `export const outputShape = ${JSON.stringify(outputShape)};`,
    ...(classes ? [`/** In the order of the outputs, which are ${String(metadata['output'])}. */`, `export const classes = ${JSON.stringify(classes)};`] : []),
    '',
    door(inputShape, outputShape, String(metadata['output'])),
    ...(classes ? [classifier] : []),
    ...body(program, sizeOf(inputShape)),
  ].join('\n');
}

const samples = (shape: Shape) => (shape.length === 0 ? 'a number' : `lists of shape ${formatShape(shape)}`);

function door(inputShape: Shape, outputShape: Shape, meaning: string): string {
  return `/**
 * The ${meaning} of one sample (${samples(inputShape)}, or a flat typed array; bytes are divided by 255), as ${samples(outputShape)}; of a
 * list of samples, a list of them.
 */
export function predict(rows) {
  const axes = countAxes(rows);
  if (axes === inputShape.length) return predictOne(rows);
  if (axes === inputShape.length + 1 && rows.length > 0) return Array.from(rows, predictOne);
  throw new RangeError(\`predict: expected a sample of shape ${formatShape(inputShape)} or a list of them, got \${axes} axes.\`);
}

function predictOne(sample) {
  read(sample, inputShape, 0);
  if (!x.every((value) => Number.isFinite(value))) throw new RangeError('predict: expected finite numbers.');
  return nest(run(), outputShape, 0);
}

function countAxes(source) {
  if (typeof source === 'number') return inputShape.length === 1 && inputShape[0] === 1 ? 1 : 0;
  if (ArrayBuffer.isView(source)) return inputShape.length;
  const depth = (value) => (Array.isArray(value) ? 1 + depth(value[0]) : Number(ArrayBuffer.isView(value)));
  return ArrayBuffer.isView(source[0]) ? inputShape.length + 1 : depth(source);
}

function read(source, shape, at) {
  const size = shape.reduce((product, each) => product * each, 1);
  if (typeof source === 'number' && size === 1 && shape.length <= 1) x[at] = source;
  else if (ArrayBuffer.isView(source) && source.length === size) x.set(isBytes(source) ? Float32Array.from(source, (level) => level / 255) : source, at);
  else if (Array.isArray(source) && shape.length > 0 && source.length === shape[0])
    for (let index = 0; index < shape[0]; index++) read(source[index], shape.slice(1), at + (index * size) / shape[0]); // a hole is read too
  else throw new RangeError('predict: expected samples of shape ${formatShape(inputShape)}, got another.');
}

function isBytes(source) {
  return source instanceof Uint8Array || source instanceof Uint8ClampedArray;
}

function nest(values, [first, ...rest], at) {
  if (first === undefined) return values[at];
  const size = rest.reduce((product, each) => product * each, 1);
  return Array.from({ length: first }, (_, index) => nest(values, rest, at + index * size));
}
`;
}

const classifier = `/** The label of the most probable class of one sample. */
export function classify(sample) {
  if (countAxes(sample) !== inputShape.length) throw new RangeError('classify: expected one sample; use predict for a list.');
  const values = predictOne(sample);
  if (values.some((value) => Number.isNaN(value))) throw new Error('classify: expected finite scores, got NaN: the sample is far from those that the network was made for, or its training went astray.');
  return classes[values.indexOf(Math.max(...values))];
}
`;

/** The weights, the arrays between, and what computes. */
function body({ stored, once, run, output, functions }: JsProgram, inputSize: number): readonly string[] {
  const { bytes, offsets } = pack(stored.map(({ values }) => values));
  const readers = { Float32Array: 'floats', Int32Array: 'integers', Uint8Array: 'flags' };
  const used = new Set(stored.map(({ values }) => values.constructor.name as keyof typeof readers));
  return [
    ...[...functions].map((name) => `${jsFunctions[name]}\n`),
    'const bytes = Uint8Array.from(atob(weights()), (letter) => letter.charCodeAt(0));',
    ...[...used].map((type) => `const ${readers[type]} = (offset, count) => new ${type}(bytes.buffer, offset, count);`),
    ...stored.map(({ name, values, comment }, index) => `const ${name} = ${readers[values.constructor.name as keyof typeof readers]}(${offsets[index]}, ${values.length}); // ${comment}`),
    `const x = new Float32Array(${inputSize});`,
    ...once,
    '',
    'function run() {',
    ...run.map((line) => `  ${line}`),
    `  return ${output};`,
    '}',
    '',
    'function weights() {',
    `  return '${toBase64(bytes)}';`,
    '}',
    '',
  ];
}

/** All values one after another, each array from a multiple of 4 bytes on. */
function pack(arrays: JsProgram['stored'][number]['values'][]): { readonly bytes: Uint8Array; readonly offsets: readonly number[] } {
  let end = 0;
  const offsets = arrays.map(({ byteLength }) => {
    const offset = end;
    end += Math.ceil(byteLength / 4) * 4;
    return offset;
  });
  const bytes = new Uint8Array(end);
  arrays.forEach(({ buffer, byteOffset, byteLength }, index) => bytes.set(new Uint8Array(buffer, byteOffset, byteLength), offsets[index]));
  return { bytes, offsets };
}

function toBase64(bytes: Uint8Array): string {
  const part = 0x6000; // a multiple of 3
  const parts = Array.from({ length: Math.ceil(bytes.length / part) }, (_, index) => btoa(String.fromCharCode(...bytes.subarray(index * part, (index + 1) * part))));
  return parts.join('');
}

/** @throws EngineError where what is predicted for a sample depends on those beside it */
function expectSamplesApart({ apply, inputShape }: ExportedFunction): void {
  if (!areSamplesApart(apply, inputShape))
    throw new EngineError('toJavaScript: expected a network that predicts each sample alone, got one that looks at the samples beside it (batch norm over the batch at hand?); toOnnx and toTfjs take a batch.');
}
