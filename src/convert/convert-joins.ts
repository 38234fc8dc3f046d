import { joinConversion, refuse, type Conversions } from './conversion';
import { concatenation, dotProduct, joinOf } from '../nn/join';

/** Layers that join several values. */
export const joinConversions: Conversions = {
  Add: joinConversion(() => joinOf('add')),
  Subtract: joinConversion(() => joinOf('subtract')),
  Multiply: joinConversion(() => joinOf('multiply')),
  Average: joinConversion(() => joinOf('average')),
  Maximum: joinConversion(() => joinOf('maximum')),
  Minimum: joinConversion(() => joinOf('minimum')),
  Concatenate: joinConversion<{ readonly axis: number }>(({ axis }, source) => concatenation({ axis: exampleAxis(axis, source) })),
  Dot: joinConversion<{ readonly axes: number | readonly [number, number]; readonly normalize: boolean }>(({ axes, normalize }, source) => {
    const [left, right] = typeof axes === 'number' ? [axes, axes] : axes;
    return dotProduct({ axes: [exampleAxis(left, source), exampleAxis(right, source)], normalize: normalize ? 'cosine' : 'none' });
  }),
};

/** tfjs counts the axis of examples too. */
function exampleAxis(axis: number, source: Parameters<typeof refuse>[0]): number {
  if (axis === 0) refuse(source, 'axis', 'one after that of the examples', axis, 'join within an example');
  return axis > 0 ? axis - 1 : axis;
}
