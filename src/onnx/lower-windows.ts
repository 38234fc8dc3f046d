import { sizeOf } from '../core/shape';
import { attribute } from '../graph/graph';
import type { Lowerings } from './lower-emitter';

/** Rows side by side. */
export const windowLowerings: Lowerings = {
  Windows(node, [x, index], onnx) {
    const [{ shape, dtype }, { values }] = node.inputs as [(typeof node.inputs)[0], (typeof node.inputs)[0]];
    const axis = shape.length - 2;
    const padded = values!.some((row) => row === shape[axis]); // an index is a constant
    const border = shape.map((size, at) => (at === axis ? 1 : size));
    const fill = () => onnx.constant(new Float32Array(sizeOf(border)).fill(attribute<number>(node, 'fill')), border, dtype);
    const framed = padded ? onnx.emit('Concat', [x!, fill()], { axis }) : x!;
    return onnx.reshape(onnx.emit('Gather', [framed, index!], { axis }), node.shape);
  },
};
