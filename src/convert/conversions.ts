import type { Conversions } from './conversion';
import { activationConversions } from './convert-activations';
import { imageConversions } from './convert-images';
import { joinConversions } from './convert-joins';
import { normConversions } from './convert-norms';
import { recurrentConversions } from './convert-recurrent';
import { shapeConversions } from './convert-shapes';

/** All classes of tf.layers that have an equal here: a new one is an entry of a family. */
export const conversions: Conversions = {
  ...shapeConversions,
  ...activationConversions,
  ...imageConversions,
  ...normConversions,
  ...recurrentConversions,
  ...joinConversions,
};
