import {
  chunkedHypernetwork,
  createRng,
  fewShot,
  flattenInputs,
  fullHypernetwork,
  hyperClassifier,
  hyperLearner,
  labelledSet,
  lowRankHypernetwork,
  maml,
  mlp,
  modulationHypernetwork,
  protonet,
  sinusoids,
  type HypernetworkFamily,
  type Learner,
  type MetaTrainerOptions,
  type TaskSource,
} from 'hypermeta';
import { waveBase } from '../tables/waves';

/** Training steps on the same base network and tasks. The first is the plain network's. */
export interface StepCase {
  readonly name: string;
  readonly source: TaskSource;
  readonly steps: readonly { readonly name: string; readonly learner: () => Learner; readonly options: MetaTrainerOptions }[];
}

const generated = (base: StepBase, family: HypernetworkFamily) => () => hyperLearner(base, family, { adapt: 'embedding' });
type StepBase = ReturnType<typeof mlp>;

const [plain, oneStep] = [{ innerSteps: 0 }, { innerSteps: 1 }];

export const stepCases: readonly StepCase[] = [wavesCase(), charactersCase()];

function wavesCase(): StepCase {
  const full = fullHypernetwork({ embeddingSize: 8, hidden: [32] });
  const make = (name: string, learner: () => Learner, options: MetaTrainerOptions) => ({ name, learner, options: { ...options, metaBatchSize: 25 } });
  return {
    name: 'sine waves: 1-40-40-1, 25 tasks, 10 points to adapt to and 10 to ask',
    source: sinusoids({ shots: 10 }),
    steps: [
      make('plain network', () => maml(waveBase), plain),
      make('modulated', generated(waveBase, modulationHypernetwork({ embeddingSize: 8 })), plain),
      make('low rank', generated(waveBase, lowRankHypernetwork({ embeddingSize: 8 })), plain),
      make('chunked, 88 × 20', generated(waveBase, chunkedHypernetwork({ embeddingSize: 8, hidden: [32], chunkSize: 88 })), plain),
      make('full, hidden 32', generated(waveBase, full), plain),
      make('MAML, 1 inner step', () => maml(waveBase), oneStep),
      make('full, 1 inner step on the embedding', generated(waveBase, full), oneStep),
      make('full, 1 inner step on the weights', () => hyperLearner(waveBase, full, { adapt: 'weights' }), oneStep),
    ],
  };
}

function charactersCase(): StepCase {
  const base = mlp([784, 256, 128, 64, 64, 5]);
  const lowRank = lowRankHypernetwork({ embeddingSize: 16 });
  const make = (name: string, learner: () => Learner, options: MetaTrainerOptions) => ({ name, learner, options: { ...options, metaBatchSize: 8 } });
  return {
    name: 'characters: 784-256-128-64-64-5, 8 tasks, 5 images to adapt to and 25 to ask',
    source: flattenInputs(fewShot(noise(), { ways: 5, shots: 1, queryShots: 5 })),
    steps: [
      make('plain network', () => maml(base), plain),
      make('ProtoNet', () => protonet(base), plain),
      make('generated head', () => hyperClassifier(base, { head: fullHypernetwork({ embeddingSize: 64, hidden: [64] }) }), plain),
      make('modulated', generated(base, modulationHypernetwork({ embeddingSize: 16 })), plain),
      make('low rank', generated(base, lowRank), plain),
      make('chunked, 2,000 × 124', generated(base, chunkedHypernetwork({ embeddingSize: 16, chunkSize: 2000 })), plain),
      make('full, hidden 8', generated(base, fullHypernetwork({ embeddingSize: 16, hidden: [8] })), plain),
      make('MAML, 1 inner step', () => maml(base), oneStep),
      make('low rank, 1 inner step on the embedding', generated(base, lowRank), oneStep),
    ],
  };
}

/** Images of chance: what they show changes no time. */
function noise() {
  const rng = createRng('step-cases');
  const [classes, each] = [20, 6];
  const x = Uint8Array.from({ length: classes * each * 784 }, () => rng.integer(256));
  return labelledSet({ x, y: Array.from({ length: classes * each }, (_, index) => index % classes), inputShape: [28, 28, 1] });
}
