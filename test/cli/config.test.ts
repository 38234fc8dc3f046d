import fc from 'fast-check';
import { fewShot, hyperLearner, fullHypernetwork, labelledSet, mlp, sinusoids, type RunConfig } from 'hypermeta';
import { describe, expect, test } from 'vitest';
import { checkConfig, jsonSchema } from '../../src/cli/config';
import { bases } from '../../src/cli/config-base';
import { classStarts, families, starts } from '../../src/cli/config-embedding';
import { learners } from '../../src/cli/config-learner';
import { openRun } from '../../src/cli/open-run';
import { UsageError } from '../../src/cli/usage-error';
import { isFull } from '../helpers/full';

const valid = {
  data: { kind: 'sinusoids', shots: 5, x: [-5, 5] },
  base: { kind: 'mlp', hidden: [8, 8], activation: 'tanh' },
  learner: { kind: 'hypernetwork', embeddingSize: 4, family: { kind: 'residual', of: 'full' }, start: 'learned' },
  trainer: { innerSteps: 2, outerLearningRate: { kind: 'cosine', from: 0.01, steps: 100 }, order: { firstFor: 10 } },
  train: { steps: 10, save: { every: 5 } },
} satisfies RunConfig;

/** What the check says of a config. */
function said(config: unknown): string {
  try {
    checkConfig(config, 'waves.json');
    return 'nothing';
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
}

describe('a config', () => {
  test('is taken as it is, in JSON', () => expect(checkConfig(JSON.parse(JSON.stringify(valid)), 'waves.json')).toEqual(valid));

  test('may hold real objects', () => {
    const base = mlp([1, 4, 1]);
    const learner = hyperLearner(base, fullHypernetwork({ embeddingSize: 2 }));
    const trainer = { outerLearningRate: (step: number) => 0.1 / (1 + step) };
    const config = { data: sinusoids(), learner, trainer, train: { steps: 1 } };
    expect(checkConfig(config, 'config.ts')).toMatchObject(config);
    expect(said({ ...config, learner: 'maml' })).toBe("waves.json: config.base: expected one of 'conv4', 'conv4Strided', 'resnet', or an object { \"kind\": … }, got nothing.");
  });

  test('may hold a function that changes the examples of meta-training', () => {
    const data = { kind: 'images', dir: 'photos', size: 8, train: { shots: 2, augment: (image: Float32Array) => image } } as const;
    const config = { ...valid, data } satisfies RunConfig;
    expect(checkConfig(config, 'config.ts')).toEqual(config);
    expect(said({ ...config, data: { ...data, size: 0 } })).toContain('config.data.size');
    expect(said({ ...config, data: { ...data, train: { augment: 'mirror' } } })).toBe("waves.json: config.data.train: unknown key 'augment' (known: ways, shots, queryShots, distortion).");
  });

  test('has all options of the trainer but a start of its own', () => {
    const config = { ...valid, trainer: { adaptIn: 'worker' } } satisfies RunConfig;
    expect(checkConfig(config, 'waves.json')).toEqual(config);
    // @ts-expect-error: its values could not be in a config's text
    const started: RunConfig = { ...valid, trainer: { meta: {} } };
    expect(said(started)).toContain("unknown key 'meta'");
  });

  const wrong: readonly (readonly [problem: string, config: unknown])[] = [
    ['waves.json: expected an object with data, base, learner and train, got [].', []],
    [
      "waves.json: config.learner.family: expected one of 'full', 'chunked', 'layerwise', 'kernel', 'token', 'lowRank', 'modulation', " +
        'or an object { "kind": … }, got "fulll"; did you mean \'full\'?',
      { ...valid, learner: { kind: 'hypernetwork', family: 'fulll' } },
    ],
    [
      "waves.json: config.learner: unknown key 'famly' (known: kind, embeddingSize, family, start, adapt, embeddingSteps); did you mean 'family'?",
      { ...valid, learner: { kind: 'hypernetwork', famly: 'full' } },
    ],
    ["waves.json: config.learner.kind: expected one of 'hypernetwork', 'hyperClassifier', 'maml', 'anil', 'boil', 'metaSgd', 'metaCurvature', 'mamlPlusPlus', 'imaml', 'leo', 'cavia', 'protonet', 'r2d2', 'hyperMaml', 'versa', 'neuralProcess', 'learnedRates', got \"mmal\"; did you mean 'maml'?", { ...valid, learner: { kind: 'mmal' } }],
    ['waves.json: config.data: expected an object { "kind": "csv", "file": …, "target": … }, got "csv".', { ...valid, data: 'csv' }],
    ['waves.json: config.base.hidden[1]: expected a number of at least 1, got 0.', { ...valid, base: { kind: 'mlp', hidden: [8, 0] } }],
    ['waves.json: config.data.x: expected a list of at least 2 entries, got [1].', { ...valid, data: { kind: 'sinusoids', x: [1] } }],
    [
      'waves.json: 3 problems:\n' +
        '  config.data.dir: expected text, got nothing.\n' +
        '  config.data.size: expected a number, or a list, got "28".\n' +
        '  config.train.steps: expected a whole number, got 0.5.',
      { ...valid, data: { kind: 'images', size: '28' }, train: { steps: 0.5 } },
    ],
    ["waves.json: config.trainer.order: expected one of 'first', 'second', or an object, got 1.", { ...valid, trainer: { order: 1 } }],
    ["waves.json: config.trainer.outerOptimizer.kind: expected one of 'sgd', 'momentum', 'adam', got nothing.", { ...valid, trainer: { outerOptimizer: {} } }],
    [
      'waves.json: config.base.layers[1].layers[0]: expected an object { "kind": "dense", "units": … }, got "dense".',
      { ...valid, base: { kind: 'layers', layers: ['flatten', { kind: 'residual', layers: ['dense'] }] } },
    ],
  ];
  test.each(wrong)('%s', (problem, config) => expect(said(config)).toBe(problem));

  test('whatever it is, is taken or refused in our words', () => {
    const places = placesOf(valid);
    const anywhere = fc.record({ place: fc.constantFrom(...places), value: fc.oneof(fc.anything({ maxDepth: 3 }), fc.jsonValue(), fc.constantFrom(...places.flat())) });
    const changed = fc.array(anywhere, { minLength: 1, maxLength: 4 }).map((changes) => changes.reduce((config: unknown, { place, value }) => put(config, place, value), valid));
    const config = fc.oneof({ weight: 9, arbitrary: changed }, { weight: 1, arbitrary: fc.anything() });
    fc.assert(
      fc.property(config, (given) => {
        expect(said(given)).toMatch(/^nothing$|^waves\.json: (config[^\n]*: (expected |unknown key )[^]*[.?]|expected an object with data, [^]*\.|\d+ problems:(\n {2}config[^\n]*: (expected |unknown key )[^]*[.?])+)$/);
      }),
      { seed: 7, numRuns: isFull ? 10_000 : 200 },
    );
  });

  test('has a JSON Schema', () => {
    const { properties, required } = jsonSchema() as { properties: object; required: readonly string[] };
    expect(Object.keys(properties)).toEqual(['$schema', 'data', 'objective', 'base', 'learner', 'trainer', 'train', 'evaluate']);
    expect(required).toEqual(['data', 'base', 'learner', 'train']);
  });
});

/** Paths of all values in a config. */
function placesOf(value: unknown, path: readonly string[] = []): readonly (readonly string[])[] {
  const inner = typeof value === 'object' && value !== null ? Object.entries(value).flatMap(([key, each]) => placesOf(each, [...path, key])) : [];
  return [...(path.length > 0 ? [path, [...path.slice(0, -1), 'other']] : []), ...inner];
}

function put(config: unknown, [key, ...rest]: readonly string[], value: unknown): unknown {
  if (key === undefined) return value;
  if (typeof config !== 'object' || config === null) return config;
  return { ...config, [key]: put((config as Readonly<Record<string, unknown>>)[key], rest, value) };
}

describe('every kind can be made', () => {
  const x = Array.from({ length: 40 }, (_, index) => [Math.sin(index), Math.cos(index), index % 3]);
  const points = fewShot(labelledSet({ x, y: x.map((_, index) => index % 8) }), { ways: 3, shots: 2, queryShots: 2 });
  const pictures = { ...points, inputShape: [16, 16, 1], sample: undefined };
  const base = { kind: 'mlp', hidden: [6] } as const;
  const made = async (config: Partial<RunConfig>) => {
    const full = { data: points, base, learner: 'maml', train: { steps: 1 }, ...config } as RunConfig; // a member of each kind
    const { trainer } = await openRun({ config: checkConfig(full, 'c'), file: 'c', text: '', folder: '.' });
    trainer.dispose();
    return trainer.learner.name;
  };
  const needs: Readonly<Record<string, object>> = {
    mamlPlusPlus: { steps: 2 },
    imaml: { lambda: 1 },
    cavia: { contextSize: 2 },
    learnedRates: { of: 'maml', steps: 2 },
    residual: { of: 'full' },
    gaussian: { of: 'set' },
    mlp: { hidden: [4] },
    siren: { hidden: [4] },
    resnet: { filters: [3, 4], convolutions: 1 },
    layers: { layers: [{ kind: 'dense', units: 5 }, { kind: 'activation', name: 'relu' }, { kind: 'residual', layers: ['layerNorm', 'batchNorm'] }] },
  };
  const one = (kind: string) => ({ kind, ...needs[kind] });

  test.each(Object.keys(learners))('learner %s', async (kind) => expect(await made({ learner: one(kind) as RunConfig['learner'] })).not.toBe(''));
  test.each(Object.keys(families))('family %s', async (kind) =>
    expect(await made({ learner: { kind: 'hypernetwork', family: one(kind) } as RunConfig['learner'] })).toBe('hypernetwork'),
  );
  test.each(Object.keys(starts))('start %s', async (kind) => {
    const data = kind === 'table' ? { ...points, rows: 3 } : kind === 'condition' ? { ...points, conditionSize: 2 } : points;
    expect(await made({ data, learner: { kind: 'hypernetwork', start: one(kind) } as RunConfig['learner'] })).toBe('hypernetwork');
  });
  test.each(Object.keys(classStarts))('class embeddings %s', async (classes) =>
    expect(await made({ learner: { kind: 'hyperClassifier', classes, body: { start: 'set', family: 'modulation' } } as RunConfig['learner'] })).toBe('hypernetwork classifier'),
  );
  test.each(Object.keys(bases))('base %s', async (kind) => {
    const isImage = kind.startsWith('conv4') || kind === 'resnet';
    const blank = { x: new Float32Array(256 * 6), y: new Float32Array(3 * 6), count: 6 };
    const data = isImage ? { ...pictures, sample: () => ({ support: blank, query: blank }) } : points;
    expect(await made({ data, base: one(kind) as NonNullable<RunConfig['base']> })).toBe('MAML');
  });
  test('optimizers, schedules, meta-gradients and objectives', async () => {
    const outerLearningRate = { kind: 'warmup', to: { kind: 'cosine', from: 0.1, steps: 9 }, steps: 3 } as const;
    const trainer = { innerOptimizer: { kind: 'momentum', decay: 0.5 }, outerOptimizer: 'adam', outerLearningRate, metaGradient: { kind: 'unrolled', losses: 'every' } } as const;
    expect(await made({ data: 'sinusoids', objective: 'gaussian', learner: { kind: 'maml', head: 'columns' }, trainer })).toBe('MAML');
  });

  test('what cannot go together is the fault of that part of the config', async () => {
    await expect(made({ data: 'sinusoids', learner: 'protonet' })).rejects.toThrow(/^c: config: metaTrainer: ProtoNet learner: expected tasks with classes/);
    await expect(made({ base: { kind: 'conv4' } })).rejects.toThrow(/^c: config\.base: conv2d: expected images/);
    await expect(made({ objective: 'gaussian' })).rejects.toThrow('c: config.objective: expected tasks with values, got tasks with classes; leave it out.');
    await expect(made({ data: 'sinusoids', train: { steps: 1 }, trainer: { runtime: 'tfjs', threads: 2 } })).rejects.toThrow(UsageError);
  });
});
