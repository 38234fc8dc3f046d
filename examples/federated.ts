/**
 * npx tsx examples/federated.ts
 *
 * Personalised federated learning: clients have a few points of a sine wave each, which they never show. A server
 * generates a network for every client, the client trains it on its own points and sends back nothing but the weights.
 * `vectorJacobian` turns what changed into a step of the hypernetwork and of the client's embedding. A new client needs an
 * embedding only.
 *
 * Source: Shamsian et al., "Personalized Federated Learning using Hypernetworks", 2021 (arXiv 2103.04628), algorithm 1.
 */
import * as tf from '@tensorflow/tfjs';
import { parseArgs } from 'node:util';
import {
  adam,
  createRng,
  formatTable,
  fullHypernetwork,
  initParams,
  mapParams,
  mlp,
  residualHypernetwork,
  regression,
  sampleBatch,
  seededNoise,
  sinusoids,
  startMoments,
  tileParams,
  updateParams,
  useEngine,
  valueAndGradients,
  vectorJacobian,
  type EpisodeBatch,
  type Params,
} from 'hypermeta';
import { readCount } from './read-count';

const help = `Usage: npx tsx examples/federated.ts [options]

  Personalised federated learning: a server generates a network for each client, which trains it on its own points of a
  sine wave and sends back nothing but weights. Prints errors beside those of clients that train alone.

  --rounds N           between server and clients (default 120)
  --seed TEXT          source of all chance: the same seed prints the same numbers (default one)
  --quick              few steps of newcomers and of training alone: does it run?`;

const [clients, newcomers, embeddingSize] = [30, 20, 4];
const source = sinusoids({ shots: 5, queryShots: 50, amplitude: [1, 2], phase: [0, 1], x: [-2, 2] });
const base = mlp([1, 20, 20, 1]);
const hypernetwork = residualHypernetwork(fullHypernetwork({ embeddingSize, hidden: [32] })).build(base.specs);

/** A client's own work: gradient steps on its points, all clients side by side. */
function trainLocally(weights: Params, { support }: EpisodeBatch, steps: number): Params {
  let trained = weights;
  for (let step = 0; step < steps; step++) {
    const { gradients } = valueAndGradients((params) => regression.loss(base.apply(params, support.x), support.y, support.weight), trained);
    trained = mapParams(trained, (value, name) => tf.sub(value, tf.mul(gradients[name]!, 0.02)));
  }
  return trained;
}

/** Mean squared error on points that were not trained on. */
function errorOf(weights: Params, { query }: EpisodeBatch): number {
  return tf.mean(regression.loss(base.apply(weights, query.x), query.y, query.weight)).dataSync()[0]!;
}

/** What the server holds: the hypernetwork's parameters, an embedding for each client, and Adam's memory of both. */
interface Server {
  readonly params: Params;
  readonly embeddings: tf.Tensor;
  readonly moments: Params;
}

const optimizer = adam();

function startServer(params: Params, embeddings: tf.Tensor): Server {
  return { params, embeddings, moments: startMoments(optimizer, { ...params, embeddings }) };
}

/** One round: generate, let the clients train, follow what they send. */
function round({ params, embeddings, moments }: Server, data: EpisodeBatch, learns: 'all' | 'embeddings'): Server {
  const before = hypernetwork.generate(params, embeddings);
  const after = trainLocally(before, data, 5);
  const change = mapParams(before, (value, name) => tf.sub(value, after[name]!));
  const asked = vectorJacobian(hypernetwork, params, embeddings, change);
  const moving = learns === 'all' ? { ...params, embeddings } : { embeddings };
  const moved = updateParams(optimizer, moving, { ...asked.params, embeddings: asked.embedding }, moments, 0.003);
  const { embeddings: movedEmbeddings, ...movedParams } = moved.params;
  return { params: { ...params, ...movedParams }, embeddings: movedEmbeddings!, moments: moved.moments };
}

/** Rounds one after another; only the last server is kept. */
function rounds(start: Server, data: EpisodeBatch, count: number, learns: 'all' | 'embeddings'): Server {
  let server = start;
  for (let index = 0; index < count; index++) {
    const last = server;
    server = tf.tidy<Server & tf.TensorContainerObject>(() => ({ ...round(last, data, learns) })); // keeps records of records too
    const kept = tensorsOf(server);
    for (const value of tensorsOf(last)) if (!kept.includes(value)) value.dispose();
  }
  return server;
}

function tensorsOf({ params, embeddings, moments }: Server): readonly tf.Tensor[] {
  return [embeddings, ...Object.values(params), ...Object.values(moments)];
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '120' },
      seed: { type: 'string', default: 'one' },
      quick: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return console.log(help);
  const count = readCount('federated: --rounds', values.rounds);
  const steps = values.quick ? { joining: 2, alone: 2 } : { joining: 200, alone: 1000 }; // does it run?
  await useEngine();
  const noise = seededNoise(createRng(values.seed));
  const data = sampleBatch(source, values.seed, 0, clients);
  const unseen = sampleBatch(source, values.seed, clients, newcomers);
  const start = startServer(initParams(hypernetwork.specs, createRng(values.seed)), noise.normal([clients, embeddingSize]));
  const server = rounds(start, data, count, 'all');
  const joined = rounds(startServer(server.params, noise.normal([newcomers, embeddingSize])), unseen, steps.joining, 'embeddings');
  const alone = (batch: EpisodeBatch, count: number) =>
    tf.tidy(() => errorOf(trainLocally(tileParams(initParams(base.specs, createRng(values.seed)), count), batch, steps.alone), batch));
  const generate = ({ params, embeddings }: Server) => hypernetwork.generate(params, embeddings);
  console.log(
    formatTable(
      ['mean squared error', 'clients', 'newcomers'],
      [
        ['each alone on its 5 points', alone(data, clients), alone(unseen, newcomers)],
        ['generated', errorOf(generate(server), data), errorOf(generate(joined), unseen)],
      ],
      { digits: 4 },
    ),
  );
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
