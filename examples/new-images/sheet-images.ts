import { metaTrainer, pixelGrid, type HostParams, type Learner, type PictureImage, type TaskSource } from 'hypermeta';
import { pixelCount, side } from './image-tasks';

/** The first `count` of images `[N, 784]`; `'ink'` draws 1 as black. */
export function imagesOf(values: Float32Array, count: number, colours: 'light' | 'ink' = 'light'): readonly PictureImage[] {
  const size = Math.min(count, values.length / pixelCount);
  const shown = colours === 'ink' ? values.map((value) => 1 - value) : values;
  return Array.from({ length: size }, (_, index) => ({ pixels: shown.subarray(index * pixelCount, (index + 1) * pixelCount), width: side, height: side, channels: 1 }));
}

/** White, between two groups of a line. */
export const blank: PictureImage = { pixels: new Float32Array(pixelCount).fill(1), width: side, height: side, channels: 1 };

/** The functions that codes stand for, as images four times as fine as any that was learned from. */
export async function fineImages(learner: Learner, tasks: TaskSource, meta: HostParams, codes: readonly ArrayLike<number>[]): Promise<readonly PictureImage[]> {
  const fine = 4 * side;
  const trainer = await metaTrainer(learner, tasks, { innerSteps: 0, meta });
  const drawn = await trainer.generate(codes.map((code) => Array.from(code)));
  const grid = pixelGrid([fine, fine]);
  const places = Array.from({ length: fine * fine }, (_, place) => grid.subarray(2 * place, 2 * place + 2));
  const images = drawn.predict(places, { samples: 'each' }) as readonly (readonly (readonly number[])[])[]; // [codes, places, 1]
  drawn.dispose();
  trainer.dispose();
  return images.map((image) => ({ pixels: image.flat(), width: fine, height: fine, channels: 1 }));
}
