import type { Network } from '../core/network';
import type { Shape } from '../core/shape';

/** A network whose input is still open: what `sequential` joins. */
export interface Layer {
  /** Names its parameters: the second layer named `dense` has `dense2/kernel`. */
  readonly name: string;
  /** @throws ShapeError if such an input does not fit */
  build(inputShape: Shape): Network;
}
