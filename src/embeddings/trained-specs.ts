import type { Network } from '../core/network';
import { filterRecord, type ParamSpecs } from '../core/params';

/**
 * What an encoder learns of a network inside it. Without running statistics among its parameters, the network measures
 * them on the support set at hand.
 */
export function trainedSpecs({ specs }: Network): ParamSpecs {
  return filterRecord(specs, (_name, { role }) => role !== 'statistic');
}
