import type { Hypernetwork } from '../core/hypernetwork';
import { countParams } from '../core/params';
import { formatShape, sizeOf, type Shape } from '../core/shape';

/** How many weights come from how many parameters; all counts are exact. */
export interface HypernetworkSummary {
  /** What is generated for each task, tensor by tensor. */
  readonly tensors: readonly { readonly name: string; readonly shape: Shape; readonly weights: number }[];
  readonly generatedWeights: number;
  /** The hypernetwork's own parameters by part, such as its trunk and its heads. */
  readonly parts: readonly { readonly name: string; readonly parameters: number }[];
  readonly ownParameters: number;
  /** Generated weights per own parameter: above 1, the hypernetwork is smaller than what it generates. */
  readonly compression: number;
  /** All of it as an aligned table. */
  readonly text: string;
}

/**
 * Counts what a hypernetwork generates and what it needs for that.
 *
 * @example
 * summarize(fullHypernetwork({ embeddingSize: 8, hidden: [] }).build(mlp([1, 40, 1]).specs)).generatedWeights // 121
 */
export function summarize(hypernetwork: Hypernetwork): HypernetworkSummary {
  const { specs, target } = hypernetwork;
  const tensors = Object.entries(target).map(([name, { shape }]) => ({ name, shape, weights: sizeOf(shape) }));
  const partNames = [...new Set(Object.keys(specs).map((name) => name.split('/')[0]!))];
  const parts = partNames.map((name) => ({ name, parameters: countPart(hypernetwork, name) }));
  const generatedWeights = countParams(target);
  const ownParameters = countParams(specs);
  const compression = generatedWeights / ownParameters;
  const text = table([
    ...tensors.map(({ name, shape, weights }) => [name, formatShape(shape), count(weights)]),
    ['generated per task', '', count(generatedWeights)],
    ...parts.map(({ name, parameters }) => [`from ${name}`, '', count(parameters)]),
    ['own parameters', '', count(ownParameters)],
    ['generated per own', '', compression.toFixed(3)],
  ]);
  return { tensors, generatedWeights, parts, ownParameters, compression, text };
}

function countPart({ specs }: Hypernetwork, part: string): number {
  return Object.entries(specs)
    .filter(([name]) => name.split('/')[0] === part)
    .reduce((total, [, { shape }]) => total + sizeOf(shape), 0);
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}

/** Rows of words, a shape and a number: the first two to the left, numbers to the right. */
function table(rows: readonly (readonly string[])[]): string {
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map(([name, shape, number]) => `${name!.padEnd(widths[0]!)}  ${shape!.padEnd(widths[1]!)}  ${number!.padStart(widths[2]!)}`)
    .join('\n');
}
