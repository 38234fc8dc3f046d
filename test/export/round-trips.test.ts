import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeExport } from '../../src/export/write-export-node';
import type { Numbers } from '../../src/trainer/adapted';
import { exportAdapted } from '../../src/trainer/export-files';
import { metaTrainer } from '../../src/trainer/meta-trainer';
import { isFull } from '../helpers/full';
import { exportCases, type ExportCase } from './networks';

const slice = ['mlp', 'siren', 'residual', 'CAVIA', 'conv4, running statistics, logits', 'dilated, each channel by itself', 'dilated, channels mixed'];
const cases = Object.entries(exportCases).filter(([name]) => isFull || slice.includes(name));

/** Whose loss need not fall in one step of further training: dropout, or probabilities at 0 and 1. */
const stuck = ['residual', 'branches, margins, windows that are not square', 'sequences'];

const child = fileURLToPath(new URL('../helpers/plain-child.mjs', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'exports-'));

interface Found {
  readonly tfjs: { readonly values: Numbers; readonly metadata: Readonly<Record<string, unknown>>; readonly losses?: readonly number[] };
  readonly module?: { readonly values: Numbers; readonly first: Numbers; readonly classes?: unknown; readonly label?: unknown };
}

const expected: Record<string, { readonly values: Numbers; readonly label?: unknown; readonly note: string | undefined }> = {};
let found: Readonly<Record<string, Found>>;

/** Adapts, exports and writes; in a process without this library, another reads and predicts. */
beforeAll(async () => {
  for (const [name, one] of cases) await writeCase(join(folder, name), name, one);
  execFileSync(process.execPath, [child, folder], { stdio: 'pipe' });
  found = JSON.parse(readFileSync(join(folder, 'predictions.json'), 'utf8')) as typeof found;
}, 120_000);

afterAll(() => rmSync(folder, { recursive: true }));

async function writeCase(dir: string, name: string, { learner, tasks, support, samples, output = 'values', kind, isTransductive, isDilated }: ExportCase): Promise<void> {
  const trainer = await metaTrainer(learner(), tasks, { metaBatchSize: 2, runtime: 'tfjs' });
  const adapted = await trainer.adapt(support, { steps: 2 });
  const shaped = samples.map((sample) => Float32Array.from(sample));
  const model = exportAdapted(adapted, 'tfjs', { output, batch: samples.length });
  mkdirSync(dir);
  writeExport(join(dir, 'tfjs'), model);
  if (isTransductive) expect(() => adapted.toJavaScript({ output })).toThrow('toJavaScript: expected a network that predicts each sample alone');
  else writeExport(join(dir, 'model.mjs'), exportAdapted(adapted, 'javascript', { output }));
  const nested = shaped.map((sample) => nest(sample, tasks.inputShape));
  writeFileSync(join(dir, 'case.json'), JSON.stringify({ kind, samples: nested, inputShape: tasks.inputShape, hasModule: !isTransductive, hasGradient: !isDilated }));
  expected[name] = { values: adapted.predict(shaped, { output }), note: model.note, ...(adapted.classes ? { label: adapted.classify(shaped[0]!) } : {}) };
  adapted.dispose();
  trainer.dispose();
}

function nest(values: Float32Array, [first, ...rest]: readonly number[]): Numbers {
  if (first === undefined) return values[0]!;
  const size = values.length / first;
  return Array.from({ length: first }, (_, index) => nest(values.subarray(index * size, (index + 1) * size), rest));
}

/** The largest difference, relative to the largest value. */
function difference(values: Numbers, others: Numbers): number {
  const [one, other] = [flat(values), flat(others)];
  expect(one.length).toBe(other.length);
  return Math.max(...one.map((value, index) => Math.abs(value - other[index]!))) / Math.max(...other.map(Math.abs));
}

function flat(values: Numbers): readonly number[] {
  return typeof values === 'number' ? [values] : values.flatMap((each) => flat(each));
}

describe('exported networks predict the same without this library', () => {
  test.each(cases)('%s', (name, { kind, reason, tasks, isTransductive, isDilated, output }) => {
    const { tfjs, module } = found[name]!;
    const { values, label, note } = expected[name]!;
    expect(difference(tfjs.values, values)).toBeLessThan(1e-6);
    expect(note).toContain(kind === 'layers' ? 'A layers model, for tf.loadLayersModel.' : `since ${reason}`);
    const isClassifier = tasks.objective.target === 'class';
    expect(tfjs.metadata['classes']).toEqual(isClassifier ? ['a', 'b', 'c'] : undefined);
    expect(tfjs.metadata['output']).toBe(isClassifier ? (output ?? 'probabilities') : 'values');
    if (kind === 'layers' && !isDilated && !stuck.includes(name)) expect(tfjs.losses![1]).toBeLessThan(tfjs.losses![0]!);
    if (isTransductive) return expect(note).toContain('for 3 samples at once');
    expect(difference(module!.values, values)).toBeLessThan(1e-6);
    expect(module!.first).toEqual((module!.values as Numbers[])[0]);
    expect(module!.label).toBe(label);
    expect(module!.classes).toEqual(isClassifier ? ['a', 'b', 'c'] : undefined);
  });
});
