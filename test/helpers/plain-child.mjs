/** Loads exported networks with plain TensorFlow.js and as modules, and predicts: `node plain-child.mjs FOLDER` writes predictions.json there. */
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as tf from '@tensorflow/tfjs';

const folder = process.argv[2];

/** As a server or browser would hand a folder over. */
const files = (dir) => ({
  async load() {
    const { weightsManifest, ...json } = JSON.parse(readFileSync(join(dir, 'model.json'), 'utf8'));
    const bytes = readFileSync(join(dir, weightsManifest[0].paths[0]));
    return { ...json, weightSpecs: weightsManifest[0].weights, weightData: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) };
  },
});

async function tfjsPredictions(dir, { kind, samples, inputShape, hasGradient }) {
  const model = await (kind === 'layers' ? tf.loadLayersModel(files(dir)) : tf.loadGraphModel(files(dir)));
  const output = model.predict(tf.tensor(samples.flat(Infinity), [samples.length, ...inputShape]));
  const metadata = kind === 'layers' ? model.getUserDefinedMetadata() : model.metadata;
  return { values: await output.array(), metadata, ...(kind === 'layers' && hasGradient ? { losses: await train(model, inputShape) } : {}) };
}

/** A step of training, without and with it. */
async function train(model, inputShape) {
  model.compile({ optimizer: tf.train.sgd(1e-3), loss: 'meanSquaredError' });
  const x = tf.ones([4, ...inputShape]);
  const y = tf.zeros([4, ...model.outputs[0].shape.slice(1)]);
  const { history } = await model.fit(x, y, { epochs: 2, batchSize: 4, verbose: 0 });
  return history.loss;
}

const predictions = {};
for (const name of readdirSync(folder)) {
  const dir = join(folder, name);
  const given = JSON.parse(readFileSync(join(dir, 'case.json'), 'utf8'));
  const module = given.hasModule ? await import(pathToFileURL(join(dir, 'model.mjs')).href) : undefined;
  predictions[name] = {
    tfjs: await tfjsPredictions(join(dir, 'tfjs'), given),
    ...(module ? { module: { values: module.predict(given.samples), first: module.predict(given.samples[0]), classes: module.classes, label: module.classify?.(given.samples[0]) } } : {}),
  };
}
writeFileSync(join(folder, 'predictions.json'), JSON.stringify(predictions));
