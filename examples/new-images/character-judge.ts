import { PCA } from 'ml-pca';
import { copyToHost, readyToAdapt, type HostParams } from 'hypermeta';
import { reader, type Reader } from './classifier';
import { featureCount } from './compare-sets';
import { pixelCount } from './image-tasks';

/** Features of drawings, by the model of handwritten characters that ships with the library, along their 64 main directions. */
export interface CharacterJudge extends Reader {
  /** Those of the real drawings, `[N, 64]`. */
  readonly real: Float32Array;
  /** Of each character, the share of its drawings that are nearer to its own mean than to those of 19 others. */
  namedRight(features: Float32Array, drawings: number): readonly number[];
  /** Of each character, the mean squared distance between two of its drawings. */
  spread(features: Float32Array, drawings: number): readonly number[];
}

/** Characters that a drawing is chosen among: neighbours in the set, mostly of one alphabet. */
const ways = 20;

/** `real` and `known` hold as many drawings of each character, one character after another; `known` makes the means. */
export async function characterJudge(real: Float32Array, known: Float32Array, drawings: number): Promise<CharacterJudge> {
  const ready = await readyToAdapt('characters');
  const { base } = ready.learner;
  const weights = unscoped(copyToHost(ready.meta));
  ready.dispose();
  const seer = reader(base, weights, 'features');
  const all = await seer.read(real);
  const size = all.length / (real.length / pixelCount);
  const directions = new PCA(rowsOf(all, size), { method: 'covarianceMatrix' });
  const project = (features: Float32Array) => Float32Array.from(directions.predict(rowsOf(features, size), { nComponents: featureCount }).to1DArray());
  const see = async (images: Float32Array) => project(await seer.read(images));
  const means = charactersOf(await see(known), drawings).map((each) => meanOf(each));
  return {
    real: project(all),
    read: see,
    dispose: () => seer.dispose(),
    namedRight: (features, count) => charactersOf(features, count).map((each, character) => each.filter((row) => isNearest(row, character, means)).length / count),
    spread: (features, count) =>
      charactersOf(features, count).map((each) => {
        const pairs = each.flatMap((one, index) => each.slice(index + 1).map((other) => distance(one, other)));
        return pairs.reduce((sum, value) => sum + value, 0) / pairs.length;
      }),
  };
}

/** The base network's own names. */
function unscoped(meta: HostParams): HostParams {
  return Object.fromEntries(Object.entries(meta).flatMap(([name, value]) => (name.startsWith('base/') ? [[name.slice('base/'.length), value]] : [])));
}

function rowsOf(values: Float32Array, size: number): number[][] {
  return Array.from({ length: values.length / size }, (_, row) => Array.from(values.subarray(row * size, (row + 1) * size)));
}

/** The features of each character's drawings. */
function charactersOf(features: Float32Array, drawings: number): readonly (readonly (readonly number[])[])[] {
  const rows = rowsOf(features, featureCount);
  return Array.from({ length: rows.length / drawings }, (_, character) => rows.slice(character * drawings, (character + 1) * drawings));
}

function meanOf(rows: readonly (readonly number[])[]): readonly number[] {
  return rows[0]!.map((_, column) => rows.reduce((sum, row) => sum + row[column]!, 0) / rows.length);
}

function isNearest(row: readonly number[], character: number, means: readonly (readonly number[])[]): boolean {
  const first = Math.min(Math.floor(character / ways) * ways, Math.max(0, means.length - ways));
  const own = distance(row, means[character]!);
  return means.slice(first, first + ways).every((mean, index) => first + index === character || distance(row, mean) > own);
}

function distance(one: readonly number[], other: readonly number[]): number {
  return one.reduce((sum, value, index) => sum + (value - other[index]!) ** 2, 0);
}
