import { learnedRates, sinusoid, sinusoids, type TaskSource } from 'hypermeta';
import type { Entry, Protocol } from './protocol';
import { aboutHyper, waveCavia, waveEncoder, waveHyper, waveMaml, waveProcess } from './waves';

export const sinusoidCaviaTable: Protocol = {
  name: 'sinusoid-cavia',
  title: 'Sine waves, at most five adapted values (the protocol of CAVIA)',
  about:
    'The same waves with 10 support and 10 query points; 25 tasks a step, 50,000 outer steps of Adam 0.001; mean squared error after one inner step over 100 evenly spaced x in [−5, 5], with the meta-parameters that were best on 100 validation waves, looked at every 500 steps (Zintgraf et al. 2019, arXiv 1810.03642). Scored on 1,000 unseen waves in place of 100. Networks start uniform in ± 1 / √fan-in, as CAVIA’s code does; generators by hyperfan-in.',
  async groups({ steps = 50_000, episodes = 1000 }) {
    const train = sinusoids({ shots: 10 });
    const unseen = onGrid(train);
    return [
      {
        name: '10-shot',
        tasks: { train, validation: unseen, test: unseen },
        settings: { shots: 10, queryShots: 10, testPoints: grid.length },
        episodes,
        transductive: false,
        entries: entries(steps, Math.min(100, episodes)),
      },
    ];
  },
};

const grid = Float32Array.from({ length: 100 }, (_, point) => -5 + (10 * point) / 99);

/** The same waves, queried at 100 evenly spaced points. Validation and test ask for streams of other seeds. */
function onGrid(waves: TaskSource): TaskSource {
  return {
    ...waves,
    sample(seed, index) {
      const episode = waves.sample(seed, index);
      const { amplitude, phase } = episode.about as { amplitude: number; phase: number };
      return { ...episode, query: { x: grid, y: grid.map(sinusoid(amplitude, phase)), count: grid.length } };
    },
  };
}

function entries(steps: number, validationEpisodes: number): readonly Entry[] {
  const train = { steps, validateEvery: Math.min(500, steps), validationEpisodes };
  const norm = { by: 'norm', limit: 10 } as const;
  const value = { by: 'value', limit: 10 } as const; // the authors' clamp
  const common = { innerSteps: 1, metaBatchSize: 25, outerLearningRate: 0.001 };
  const cavia = { ...common, innerLearningRate: 1, innerClip: value, outerClip: value };
  const hyper = { ...common, innerLearningRate: 0.1, innerClip: norm, outerClip: norm };
  return [
    { name: 'MAML, inner rate 0.1', like: 'MAML', learner: waveMaml, options: { ...common, innerLearningRate: 0.1, outerClip: value }, train },
    { name: 'MAML, inner rate 0.01', learner: waveMaml, options: { ...common, innerLearningRate: 0.01, outerClip: value }, train },
    { name: 'CAVIA, 2 values', like: 'CAVIA, 2 values', learner: () => waveCavia(2), options: cavia, train },
    { name: 'CAVIA, 5 values', like: 'CAVIA, 4 or more values', learner: () => waveCavia(5), options: cavia, train },
    { name: 'CAVIA, 5 values, a learned rate', learner: () => learnedRates(waveCavia(5), { steps: 1 }), options: cavia, train },
    {
      name: 'neural process, 5 values, no step',
      about: 'embedding of 5 from a set encoder, hidden 64-64',
      learner: () => waveProcess(5),
      options: { ...hyper, innerSteps: 0 },
      train,
    },
    {
      name: 'hypernetwork, 5 values',
      about: `embedding of 5; ${aboutHyper}`,
      learner: () => waveHyper({ embeddingSize: 5, adapt: 'embedding' }),
      options: hyper,
      train,
    },
    {
      name: 'hypernetwork, set encoder, 5 values, no step',
      about: 'embedding of 5 from a set encoder, hidden 64-64; full generator, hidden 32, around learned weights',
      learner: () => waveEncoder({ embeddingSize: 5, adapt: 'nothing' }),
      options: { ...hyper, innerSteps: 0 },
      train,
    },
    {
      name: 'hypernetwork, set encoder, 5 values',
      about: `embedding of 5 from a set encoder, hidden 64-64; ${aboutHyper}`,
      learner: () => waveEncoder({ embeddingSize: 5, adapt: 'embedding' }),
      options: hyper,
      train,
    },
  ];
}
