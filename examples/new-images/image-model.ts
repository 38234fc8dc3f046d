import * as tf from '@tensorflow/tfjs';
import {
  compile,
  createRng,
  stackOnHost,
  type ExampleArrays,
  type Examples,
  type HostFloats,
  type HostParams,
  type Learner,
  type Noise,
  type Params,
  type TaskSource,
} from 'hypermeta';
import { pixelCount, placesOf, repeated, toEpisode } from './image-tasks';

/** A trained model as two functions, compiled. Holds programs until `dispose()`. */
export interface ImageModel {
  readonly latent: number;
  /** Support sets → latent codes `[N, latent]`, flat: the mean of each one's distribution, or a sample of it. */
  encode(supports: readonly ExampleArrays[], how: 'mean' | { readonly seed: string }): Promise<Float32Array>;
  /** Latent codes `[N, latent]` → images `[N, 784]`, in [0, 1]; inputs are those of the first image, then of the next. @default the places of pixels */
  decode(codes: Float32Array, inputs?: Float32Array): Promise<Float32Array>;
  dispose(): Promise<void>;
}

/** So many images at once. */
const together = 100;

export function imageModel(learner: Learner, tasks: TaskSource, meta: HostParams, latent: number): ImageModel {
  const encoder = compile(
    ({ meta: params, support, spread }: { meta: Params; support: Examples; spread: tf.Tensor }, noise: Noise) => {
      const scaled = { ...noise, normal: (shape: readonly number[]) => tf.mul(noise.normal(shape), spread) };
      return { code: learner.start(params, { support, noise: scaled })['embedding']! };
    },
    { name: 'the encoder' },
  );
  const decoder = compile(
    ({ meta: params, code, x }: { meta: Params; code: tf.Tensor; x: tf.Tensor }) => {
      const output = learner.base.apply(learner.weights(params, { embedding: code }), x);
      return { image: tasks.objective.readout(tf.reshape(output, [code.shape[0], pixelCount])) };
    },
    { name: 'the decoder' },
  );

  return {
    latent,
    async encode(supports, how) {
      const codes = new Float32Array(supports.length * latent);
      for (let first = 0; first < supports.length; first += together) {
        const { support } = stackOnHost(tasks, supports.slice(first, first + together).map((each) => toEpisode(each)));
        const spread = floats(Float32Array.of(how === 'mean' ? 0 : 1), []);
        const rng = createRng(`${how === 'mean' ? '' : how.seed}/${first}`);
        const { code } = await encoder.runOnHost({ meta, support, spread }, { rng });
        codes.set(code.values, first * latent);
      }
      return codes;
    },
    async decode(codes, inputs = repeated(placesOf(tasks), codes.length / latent)) {
      const count = codes.length / latent;
      const perImage = inputs.length / count;
      const shape = [perImage / tasks.inputShape[0]!, ...tasks.inputShape];
      const images = new Float32Array(count * pixelCount);
      for (let first = 0; first < count; first += together) {
        const size = Math.min(together, count - first);
        const code = floats(codes.slice(first * latent, (first + size) * latent), [size, latent]);
        const x = floats(inputs.slice(first * perImage, (first + size) * perImage), [size, ...shape]);
        const { image } = await decoder.runOnHost({ meta, code, x });
        images.set(image.values, first * pixelCount);
      }
      return images;
    },
    async dispose() {
      await Promise.all([encoder.dispose(), decoder.dispose()]);
    },
  };
}

function floats(values: Float32Array, shape: readonly number[]): HostFloats {
  return { values, shape, dtype: 'float32' };
}
