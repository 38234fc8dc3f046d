import * as tf from '@tensorflow/tfjs';
import { expectCount, expectOneOf } from '../core/errors';
import type { Learner, TaskInputs } from '../core/learner';
import type { Network } from '../core/network';
import { filterRecord, mapParams, mapRecord, scopeRecord, tileParams, unscopeRecord, type Params, type ParamSpecs } from '../core/params';
import { baseParams, baseWeights, tasksOf } from './base-params';

/**
 * What the inner steps of a hypernetwork learner change: the embedding, the weights generated from it, first the one
 * and then the other, all weights of the base network, also those that are not generated, the hypernetwork's own
 * parameters, or nothing.
 */
export type Adapt = 'embedding' | 'weights' | 'both' | 'all' | 'hypernetwork' | 'nothing';

/** What the hypernetwork learners have in common. */
export interface Generated {
  readonly name: string;
  readonly base: Network;
  /** Meta-parameters: under `base/` those of the base network that are not generated, under `hyper/` the generators. */
  readonly specs: ParamSpecs;
  readonly hypernetworks: NonNullable<Learner['hypernetworks']>;
  /** A task's embeddings before step 0, each `[T, ...]`. */
  embed(meta: Params, task: TaskInputs): Params;
  /** Added to a task's query loss, `[T]`: what its embedding's distribution costs. @default nothing */
  penalty?(meta: Params, task: TaskInputs): tf.Tensor;
  /** The base weights that a task's embeddings stand for. */
  generate(meta: Params, embeddings: Params): Params;
  readonly adapt: Adapt;
  /** With `'both'`: how many steps change the embedding before the weights take over. */
  readonly embeddingSteps: number;
  readonly ways?: 'any';
}

/** One learner for every choice of `adapt`; the choices differ in what the state holds and in which entries move. */
export function generatedLearner(generated: Generated): Learner {
  const { name, base, specs, hypernetworks, ways, adapt, embeddingSteps, penalty } = generated;
  expectOneOf(`${name}: adapt`, adapt, Object.keys(modes));
  expectCount(`${name}: embeddingSteps`, embeddingSteps, 0);
  const { start, weights, adapts } = modes[adapt](generated);
  return {
    name,
    base,
    specs,
    hypernetworks,
    ...(ways ? { ways } : {}),
    start,
    weights: (meta, state) => baseWeights(meta, weights(meta, state)),
    ...(adapts ? { adapts } : {}),
    ...(penalty ? { penalty: (meta, path) => penalty(meta, path[0]!.task) } : {}), // a path has a start
    ...(adapt === 'both' ? { distinctSteps: embeddingSteps + 1 } : {}),
  };
}

/** The entries of a state that are embeddings: the task's own, and one for each class. */
const embeddings: readonly string[] = ['embedding', 'classes'];

type Mode = (generated: Generated) => {
  readonly start: Learner['start'];
  readonly weights: (meta: Params, state: Params) => Params;
  readonly adapts?: NonNullable<Learner['adapts']>;
};

const modes: Readonly<Record<Adapt, Mode>> = {
  embedding: ({ embed, generate }) => ({
    start: embed,
    weights: (meta, state) => generate(meta, state),
  }),

  nothing: ({ embed, generate }) => ({
    start: embed,
    weights: (meta, state) => generate(meta, state),
    adapts: () => [],
  }),

  weights: (generated) => onWeights(generated, generated.generate),

  all: (generated) => onWeights(generated, (meta, embeddings) => ({ ...baseParams(generated.base, meta), ...generated.generate(meta, embeddings) })),

  both: ({ base, embed, generate, embeddingSteps }) => ({
    start(meta, task) {
      const embeddings = embed(meta, task);
      const zeros = mapParams(perTask(generate(meta, embeddings), tasksOf(task)), ({ shape }) => tf.zeros(shape)); // no path to the generators
      return { ...embeddings, ...scopeRecord(zeros, 'delta') };
    },
    weights(meta, state) {
      const deltas = unscopeRecord(state, 'delta');
      return mapRecord(generate(meta, state), (value, name) => tf.add(value, deltas[name]!));
    },
    adapts: (step) => (step < embeddingSteps ? embeddings : generatedNames(base, 'delta')),
  }),

  hypernetwork: ({ specs, embed, generate }) => ({
    start(meta, task) {
      const own = filterRecord(meta, (name) => name.startsWith('hyper/'));
      return { ...embed(meta, task), ...scopeRecord(tileParams(own, tasksOf(task)), 'meta') };
    },
    weights: (meta, state) => generate({ ...meta, ...unscopeRecord(state, 'meta') }, state),
    adapts: () => Object.keys(specs).filter((name) => name.startsWith('hyper/')).map((name) => `meta/${name}`),
  }),
};

/** Steps on base weights themselves, from `first`. */
function onWeights({ base, embed }: Generated, first: Generated['generate']): ReturnType<Mode> {
  return {
    start(meta, task) {
      const embeddings = embed(meta, task);
      return { ...embeddings, ...scopeRecord(perTask(first(meta, embeddings), tasksOf(task)), 'weights') };
    },
    weights: (_meta, state) => unscopeRecord(state, 'weights'),
    adapts: () => generatedNames(base, 'weights'),
  };
}

/** Names of the state's entries for weights; the inner loop takes those that are there. */
function generatedNames(base: Network, scope: string): readonly string[] {
  return Object.keys(base.specs).map((name) => `${scope}/${name}`);
}

/** Generated weights with a task axis of their own, `[T, ...]`, also where the generator shares one. */
function perTask(weights: Params, tasks: number): Params {
  return mapParams(weights, (value) =>
    value.shape[0] === tasks ? value : tf.tile(value, [tasks, ...value.shape.slice(1).map(() => 1)]),
  );
}
