/**
 * npm run demo                            a hypernetwork learns to learn sine waves
 * npm run demo -- omniglot --data DIR     the same with handwritten characters
 */
import { parseArgs } from 'node:util';
import { readCount } from './read-count';
import { demoOmniglot } from './demo-omniglot';
import { demoSinusoids } from './demo-sinusoids';

const help = `Usage: npm run demo -- [sinusoids | omniglot] [options]

  sinusoids            meta-train on sine waves and adapt to unseen ones (the default; nothing to download)
  omniglot             few-shot handwritten characters

  --data DIR           omniglot: the folder with images_background.zip and images_evaluation.zip
  --steps N            outer steps of meta-training
  --episodes N         unseen tasks to score (default 600)
  --seed TEXT          source of all chance: the same seed prints the same numbers
  --out DIR            where pictures go (default demo-output)
  --json FILE          writes the table as JSON, with settings, machine and time`;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      data: { type: 'string' },
      steps: { type: 'string' },
      episodes: { type: 'string', default: '600' },
      seed: { type: 'string', default: 'one' },
      out: { type: 'string', default: 'demo-output' },
      json: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  const [which = 'sinusoids'] = positionals;
  if (values.help) return console.log(help);
  const steps = values.steps === undefined ? {} : { steps: readCount('demo: --steps', values.steps) };
  const episodes = readCount('demo: --episodes', values.episodes);
  const options = { ...steps, episodes, seed: values.seed, out: values.out, ...(values.json ? { json: values.json } : {}) };
  if (which === 'sinusoids') return demoSinusoids(options);
  if (which !== 'omniglot') throw new RangeError(`demo: expected sinusoids or omniglot, got '${which}'; see --help.`);
  if (!values.data)
    throw new RangeError('demo: omniglot: expected --data DIR, the folder with images_background.zip and images_evaluation.zip.');
  return demoOmniglot({ ...options, data: values.data });
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
