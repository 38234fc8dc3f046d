import { expectOneOf } from '../core/errors';
import type { Learner } from '../core/learner';
import { sizeOf } from '../core/shape';
import type { ExampleArrays, TaskSource } from '../core/task';
import type { Evaluation } from '../evaluation/evaluate';
import { classification } from '../tasks/objectives';
import { metaTrainer } from '../trainer/meta-trainer';
import type { MetaTrainer } from '../trainer/trainer';
import type { MetaTrainerOptions } from '../trainer/options';
import { charactersLearner, characterShape } from './characters';
import { unpackWeights } from './pack-weights';

/** The models that ship with the library. */
export type ReadyName = keyof typeof models;

/** A meta-trained model: a meta-trainer whose training is done. Owns tensors until `dispose()`. */
export interface ReadyModel extends Pick<MetaTrainer, 'learner' | 'meta' | 'adapt' | 'loadTask' | 'dispose'> {
  /** Adapts to episodes of `source` and scores them. */
  evaluate(options: Parameters<MetaTrainer['evaluate']>[0] & { readonly source: TaskSource }): Promise<Evaluation>;
}

export type ReadyOptions = Pick<MetaTrainerOptions, 'engine' | 'runtime' | 'adaptIn' | 'seed'>;

interface Model {
  readonly learner: () => Learner;
  /** Loaded when the model is asked for: a module of its own, so that it works wherever modules do. */
  readonly weights: () => Promise<string>;
}

const models = {
  characters: { learner: charactersLearner, weights: async () => (await import('./characters-weights')).charactersWeights },
} as const satisfies Readonly<Record<string, Model>>;

/**
 * A model that was meta-trained already, and adapts at once. `'characters'`: handwritten characters of any script, a few
 * drawings of each of any number of classes; inputs `[28, 28, 1]`, ink 1 and paper 0, as `prepareDrawing` makes them from any
 * image. It has learned from Omniglot's background set (Lake et al. 2015, MIT licence).
 *
 * @example
 * const characters = await readyToAdapt('characters');
 * const adapted = await characters.adapt({ x: drawings.map((drawing) => prepareDrawing(drawing)), y: ['a', 'b', 'c'] });
 * adapted.classify(prepareDrawing(drawing)); // 'a', 'b' or 'c'
 *
 * @throws RangeError for a name that there is not, EngineError if the named back-end cannot be used
 */
export async function readyToAdapt(name: ReadyName, options: ReadyOptions = {}): Promise<ReadyModel> {
  expectOneOf('readyToAdapt: name', name, Object.keys(models));
  const learner = models[name].learner();
  const meta = unpackWeights(learner.specs, await models[name].weights());
  const trainer = await metaTrainer(learner, blankDrawings, { ...options, innerSteps: 0, meta });
  return {
    learner,
    get meta() {
      return trainer.meta;
    },
    adapt: trainer.adapt,
    loadTask: trainer.loadTask,
    evaluate: trainer.evaluate,
    dispose: trainer.dispose,
  };
}

/** Stands for the shapes of tasks; nothing is learned from it. */
const blankDrawings: TaskSource = {
  inputShape: characterShape,
  targetShape: [5],
  objective: classification,
  sample: () => ({ support: blank(5), query: blank(5) }),
};

function blank(ways: number): ExampleArrays {
  const y = Float32Array.from({ length: ways * ways }, (_, i) => (i % (ways + 1) === 0 ? 1 : 0));
  return { x: new Float32Array(ways * sizeOf(characterShape)), y, count: ways };
}
