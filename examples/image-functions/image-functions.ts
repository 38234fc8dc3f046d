/**
 * npm run image-functions -- --data DIR
 *
 * Images as functions from coordinates to colour. Completion: 10, 100 or many pixels of an unseen image are given, and methods of
 * one network are compared by their error on all of them. Photographs: how many inner steps a generated, a learned and a standard
 * start of that network need. Writes results/image-functions/, a file after every run.
 */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { describeEngine, labelledSet, useEngine } from 'hypermeta';
import { keptRule } from '../kept-runs';
import { readCount } from '../read-count';
import { readSeeds, studyOptions } from '../study-options';
import { describeImages, runCompletion, type CompletionOptions } from './completion';
import { madeUpImages, readCompletionImages, readPhotographs, type CompletionImages, type Photographs } from './images';
import { completionMethods, startMethods } from './methods';
import { describePhotographs, runPhotographs, type PhotographOptions } from './photographs';
import { readJson, writeJson } from '../json-file';
import { keptMethods, mergeData, readCompletion, withChoiceOf, type CompletionFile, type CompletionRun, type PhotographFile } from './records';
import { completionFile, imageFunctionsSection, photographFile } from './report';

const help = `Usage: npm run image-functions -- [options]

  --data DIR           folder with fashion-mnist, caltech-fs and natural-images (default ../shared/data)
  --seeds N            meta-trainings of each method for completion, or which, as in 2-3 (default 1)
  --seconds N          processor seconds of each meta-training (default 30); a trial of its rates takes a fifth
  --only TEXT          run only what has TEXT in 'DATA, METHOD'; may be given several times
  --resume             keep the runs that are there
  --out DIR            where results/ goes (default here)
  --quick              made-up images of 8 × 8, a step of each method, uncompiled, into a temporary folder: does it run?

${keptRule}`;

type Chosen = (data: string, method: string) => boolean;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      ...studyOptions,
      seeds: { type: 'string', default: '1' },
      seconds: { type: 'string', default: '30' },
      only: { type: 'string', multiple: true, default: [''] },
    },
  });
  if (values.help) return console.log(help);
  const { quick, data, only, resume } = values;
  const folder = values.out ?? (quick ? mkdtempSync(join(tmpdir(), 'hypermeta-image-functions-')) : '.');
  const seconds = quick ? 0 : readCount('image-functions: --seconds', values.seconds);
  const seeds = readSeeds('image-functions: --seeds', values.seeds);
  const results = join(folder, 'results');
  const time = { width: quick ? 8 : 64, seconds, trialSeconds: seconds / 5, ...(quick ? { runtime: 'tfjs' as const } : {}) };
  const isChosen: Chosen = (name, method) => only.some((text) => `${name}, ${method}`.includes(text));
  await useEngine();
  console.log(describeEngine().text);

  const images = quick ? [madeUpImages('grey blobs', 1)] : present(readCompletionImages(data));
  const scored = quick ? { episodes: 6, validationEpisodes: 2 } : { episodes: 300, validationEpisodes: 50 };
  const [photographs] = quick ? [madeUpPhotographs()] : present([readPhotographs(data)]);
  const sizes = quick ? { side: 4, given: 8, episodes: 4, validationEpisodes: 2 } : { side: 64, given: 512, episodes: 60, validationEpisodes: 12 };
  const complete = completion(images, { ...time, ...scored }, { path: join(results, completionFile), seeds, resume, isChosen, quick });
  const adapt = photographs && adaptation(photographs, { ...time, ...sizes, seed: '1' }, { path: join(results, photographFile), resume, isChosen, quick });
  await complete(); // neither file was refused
  await adapt?.();

  console.log(`\n${(await imageFunctionsSection(results)) ?? 'Nothing was run.'}\n\nResults: ${join(results, 'image-functions')}`);
}

interface Where {
  readonly path: string;
  readonly resume: boolean;
  readonly isChosen: Chosen;
  readonly quick: boolean;
}

const nothing = () => Promise.resolve();

/** Looks at the file at once; what is returned makes the runs that are not there. */
function completion(
  images: readonly CompletionImages[],
  settings: Omit<CompletionOptions, 'seed' | 'trials'>,
  { path, seeds, resume, isChosen, quick }: Where & { readonly seeds: readonly string[] },
): () => Promise<void> {
  const all = seeds.flatMap((seed) => images.flatMap((each) => completionMethods(quick).map((method) => ({ seed, each, method }))));
  const asked = all.filter(({ each, method }) => isChosen(each.name, method.name));
  if (asked.length === 0) return nothing;
  const old = readCompletion(path);
  const isAsked = (run: CompletionRun) => asked.some(({ seed, each, method }) => run.seed === seed && run.data === each.name && run.name === method.name);
  const runs = [...keptMethods(path, old, { ...settings }, { resume, isAsked })];
  const known = old?.data.filter(({ name }) => runs.some((run) => run.data === name)) ?? [];
  return async () => {
    const data = mergeData(known, images.map((each) => describeImages(each, settings.episodes)));
    for (const { seed, each, method } of asked) {
      const own = runs.filter(({ name }) => name === method.name);
      if (own.some((run) => run.data === each.name && run.seed === seed)) continue;
      const [from] = own; // rates are chosen once, on the first data set and seed
      const made = await runCompletion(method, each, { ...settings, seed, ...(from ? { trials: from.trials } : {}) });
      const run = from ? withChoiceOf(made, from) : made;
      runs.push(run);
      console.log(`${run.data}, ${run.name}, seed ${seed}: ${run.tests.map(({ given, values }) => `${mean(values).toFixed(4)} (${given} given)`).join(', ')}; ${run.steps} steps in ${run.seconds.toFixed(0)} s`);
      writeJson(path, { settings: { ...settings }, data, runs } satisfies CompletionFile);
    }
  };
}

/** The same for photographs. */
function adaptation(photographs: Photographs, options: PhotographOptions, { path, resume, isChosen, quick }: Where): () => Promise<void> {
  const { seed: _, ...settings } = options;
  const asked = startMethods(quick).filter(({ name }) => isChosen('photographs', name));
  if (asked.length === 0) return nothing;
  const runs = [...keptMethods(path, readJson<PhotographFile>(path), settings, { resume, isAsked: (run) => asked.some(({ name }) => name === run.name) })];
  return async () => {
    const about = describePhotographs(photographs, options);
    for (const method of asked.filter(({ name }) => !runs.some((run) => run.name === name))) {
      const run = await runPhotographs(method, photographs, options);
      runs.push(run);
      console.log(`photographs, ${run.name}: ${run.tests.map(({ steps, values }) => `${mean(values).toFixed(2)} dB (${steps} steps)`).join(', ')}; doubled ${mean(run.doubled).toFixed(2)} dB`);
      writeJson(path, { settings, ...about, runs } satisfies PhotographFile);
    }
  };
}

/** Says what is missing. */
function present<Item extends object>(read: readonly (Item | string)[]): readonly Item[] {
  for (const each of read) if (typeof each === 'string') console.log(`image-functions: ${each}`);
  return read.filter((each): each is Item => typeof each === 'object');
}

function madeUpPhotographs(): Photographs {
  const { sets } = madeUpImages('photographs', 3);
  const train = labelledSet({ x: sets.train.classes[0]!.examples, y: Array.from({ length: 6 }, (_, image) => image >> 1), inputShape: sets.train.inputShape });
  return { train, tuning: { train, validation: train }, test: train };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value / values.length, 0);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
