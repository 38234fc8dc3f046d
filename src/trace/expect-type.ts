import { EngineError } from '../core/errors';
import type { DataType } from '../core/host-tensor';
import type { GraphNode } from '../graph/graph';

export const numbers: readonly DataType[] = ['float32', 'int32'];

/** @throws EngineError for a type of which the back-ends of TensorFlow.js make different things: 2, or 1, of true + true */
export function expectType(kernel: string, { dtype }: GraphNode, types: readonly DataType[]): void {
  if (!types.includes(dtype))
    throw new EngineError(
      `compile: ${kernel}: expected ${types.join(' or ')}, got ${dtype}, of which the back-ends of TensorFlow.js make different things; cast it to float32.`,
    );
}
