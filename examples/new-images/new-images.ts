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
import { readSeeds, studyOptions } from '../study-options';
import { runCharacters } from './characters';
import { runItems } from './items';
import { characterSettings, itemSettings, quickCharacters, quickItems } from './settings';

const help = `Usage: npm run new-images -- [options]

  --only NAME    items or characters (default both)
  --seeds N      trainings of each model, or which, as in 2-3 (default 1)
  --resume       keep the results that are there with the same settings
  --data DIR     folder with fashion-mnist and omniglot (default ../shared/data)
  --out DIR      where results and pictures go (default results/new-images)
  --work DIR     where trained models are kept, and taken from (default demo-output/new-images)
  --quick        three steps of small models, into a temporary folder: does it run?`;

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
  const seeds = readSeeds('--seeds', values.seeds);
  const common = { data, seeds, resume, out: values.out ?? folder ?? 'results/new-images', work: values.work ?? folder ?? 'demo-output/new-images' };
  await useEngine();
  console.log(describeEngine().text);
  const parts = [
    { name: 'items', needs: 'fashion-mnist', run: () => runItems({ ...common, settings: quick ? quickItems : itemSettings }) },
    { name: 'characters', needs: 'omniglot', run: () => runCharacters({ ...common, settings: quick ? quickCharacters : characterSettings }) },
  ];
  for (const { name, needs, run } of parts) {
    if (only !== undefined && only !== name) continue;
    if (existsSync(join(data, needs))) await run();
    else console.log(`${name}: skipped, because ${join(data, needs)} is not there: give --data DIR.`);
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
