import {
  adam,
  copyToHost,
  cosine,
  difference,
  learnedRates,
  mamlPlusPlus,
  metaCurvature,
  metaTrainer,
  sgd,
  sinusoids,
  type HostParams,
  type Learner,
} from 'hypermeta';
import { waveBase, waveCavia, waveEncoder, waveHyper, waveMaml, waveRidge } from '../tables/waves';
import type { Domain, Method, Trial } from './method';

const shots = 10;
const train = sinusoids({ shots });
const unseen = sinusoids({ shots, queryShots: 100 });
const shifted = sinusoids({ shots, queryShots: 100, amplitude: [5, 8] });

const innerSteps = 5;
const norm = { by: 'norm', limit: 10 } as const;

/** Every setting that the trials share. */
const common = { innerSteps, innerLearningRate: 0.01, innerClip: norm, metaBatchSize: 25, outerClip: norm };

/** A learner at six outer learning rates, which fall along half a cosine. */
function atRates(name: string, kind: Method['kind'], learner: () => Learner, steps: number, options: Trial['options'] = {}): Method {
  const trial = (rate: number): Trial => ({
    about: `outer rate ${rate}`,
    learner,
    options: { ...common, outerLearningRate: cosine(rate, steps, { end: rate / 50 }), ...options },
    steps,
  });
  return { name, kind, trials: [0.0005, 0.001, 0.002, 0.004, 0.008, 0.016].map(trial) };
}

/** Reptile's inner loop is longer, and its outer rate is a share of the way. */
function reptile(): Method {
  const steps = 2000;
  const trial = (innerLearningRate: number): Trial => ({
    about: `inner rate ${innerLearningRate}`,
    learner: waveMaml,
    options: { ...common, innerSteps: 8, innerLearningRate, metaGradient: difference(), outerOptimizer: sgd(), outerLearningRate: cosine(1, steps, { end: 0.05 }) },
    steps,
  });
  return { name: 'Reptile', kind: 'traditional', trials: [0.005, 0.01, 0.02, 0.04, 0.08, 0.16].map(trial) };
}

/** The same network without meta-training, trained by Adam on a support set alone: from a random start or that of all waves together. */
function alone(name: string, rates: readonly number[], pretraining?: Trial['pretraining']): Method {
  const trial = (innerLearningRate: number): Trial => ({
    about: `Adam ${innerLearningRate}`,
    learner: waveMaml,
    options: { innerSteps, innerLearningRate, innerOptimizer: adam() },
    steps: 0,
    ...(pretraining ? { pretraining } : {}),
  });
  return { name, kind: 'traditional', trials: rates.map(trial), moreSteps: [30, 100, 300] };
}

/** One network for all waves at once. */
async function joint({ seed, steps }: { readonly seed: string; readonly steps: number }): Promise<HostParams> {
  const options = { innerSteps: 0, metaBatchSize: 25, outerLearningRate: cosine(0.002, steps, { end: 0.00004 }), seed };
  const trainer = await metaTrainer(waveMaml(), train, options);
  for await (const event of trainer.train({ steps })) void event;
  const meta = copyToHost(trainer.meta);
  trainer.dispose();
  return meta;
}

const adamRates = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3];

const methods: readonly Method[] = [
  atRates('hypernetwork', 'hypernetwork', () => waveHyper({ adapt: 'embedding', steps: innerSteps }), 1200),
  atRates('hypernetwork, set encoder', 'hypernetwork', () => waveEncoder({ adapt: 'embedding', steps: innerSteps }), 1200),
  atRates('MAML, learned rates', 'traditional', () => mamlPlusPlus(waveBase, { steps: innerSteps }), 1200),
  atRates('Meta-Curvature', 'traditional', () => metaCurvature(waveBase), 1100),
  reptile(),
  atRates('CAVIA', 'traditional', () => learnedRates(waveCavia(5), { steps: innerSteps }), 3000, { innerLearningRate: 0.1 }),
  atRates('R2-D2, no step', 'traditional', waveRidge, 4500, { innerSteps: 0 }),
  alone('fine-tuning', adamRates, { steps: 8000, run: joint }),
  alone('from scratch', adamRates),
];

export const waves: Domain = {
  name: 'waves',
  title: 'Sine waves, 10 points',
  methods,
  train: () => train,
  validation: unseen,
  tests: () => ({ unseen, shifted }),
};
