/**
 * npm run new-images -- [--quick] [--only items|characters] [--seeds N] [--resume] [--data DIR] [--out DIR] [--work DIR]
 *
 * Images that nobody has drawn, by a variational hypernetwork: an encoder makes a distribution over latent codes of an image, and a
 * hypernetwork turns a code into a network from places to grey levels. New items of clothing after Fashion-MNIST, and more
 * drawings of a character that it has seen once, three or five times; beside the usual decoder, which makes all pixels at once.
 */
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { describeEngine, useEngine } from 'hypermeta';
import { keptRule } from '../kept-runs';
import { readSeeds, studyOptions } from '../study-options';
import { openCharacters } from './characters';
import { openItems } from './items';
import { characterSettings, itemSettings, quickCharacters, quickItems } from './settings';

const help = `Usage: npm run new-images -- [options]

  --only NAME    items or characters (default both)
  --seeds N      trainings of each model, or which, as in 2-3 (default 1)
  --resume       keep the results that are there
  --data DIR     folder with fashion-mnist and omniglot (default ../shared/data)
  --out DIR      where results and pictures go (default results/new-images)
  --work DIR     where trained models are kept, and taken from (default demo-output/new-images)
  --quick        three steps of small models, into a temporary folder: does it run?

${keptRule}`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      ...studyOptions,
      only: { type: 'string' },
      seeds: { type: 'string', default: '1' },
      work: { type: 'string' },
    },
  });
  if (values.help) return console.log(help);
  const { only, data, resume, quick } = values;
  if (only !== undefined && only !== 'items' && only !== 'characters') throw new RangeError(`new-images: --only: expected items or characters, got ${only}.`);
  const folder = quick ? mkdtempSync(join(tmpdir(), 'hypermeta-new-images-')) : undefined;
  const seeds = readSeeds('new-images: --seeds', values.seeds);
  const common = { data, seeds, resume, out: values.out ?? folder ?? 'results/new-images', work: values.work ?? folder ?? 'demo-output/new-images' };
  const parts = [
    { name: 'items', needs: 'fashion-mnist', open: () => openItems({ ...common, settings: quick ? quickItems : itemSettings }) },
    { name: 'characters', needs: 'omniglot', open: () => openCharacters({ ...common, settings: quick ? quickCharacters : characterSettings }) },
  ].filter(({ name }) => only === undefined || only === name);
  const isThere = ({ needs }: (typeof parts)[number]) => existsSync(join(data, needs));
  for (const part of parts.filter((each) => !isThere(each))) console.log(`${part.name}: skipped, because ${join(data, part.needs)} is not there: give --data DIR.`);
  const opened = parts.filter(isThere).map(({ open }) => open()); // each file is looked at before any work
  await useEngine();
  console.log(describeEngine().text);
  for (const run of opened) await run();
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
