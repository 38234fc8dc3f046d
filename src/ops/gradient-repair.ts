import { repairConvolutions } from './repair-convolutions';
import { repairElementwise } from './repair-elementwise';
import { repairReductions } from './repair-reductions';

let isRepaired = false;

/**
 * Makes second derivatives of tfjs right. tfjs 4.22 loses the path through a saved output, so that the gradient of a
 * gradient of `exp`, `tanh`, `sigmoid`, `softmax`, `pow`, … is silently wrong, and that of a convolution, `max`, `where`
 * or a clip throws. Public gradients are registered in their place; first derivatives stay what they were. It mends the
 * networks of anyone who shares this tfjs. Called on import; a second call does nothing.
 */
export function repairGradients(): void {
  if (isRepaired) return;
  isRepaired = true;
  repairElementwise();
  repairReductions();
  repairConvolutions();
}
