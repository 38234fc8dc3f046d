import { attribute } from './lower-emitter';
import type { Lowerings } from './lower-emitter';

/** Rows side by side. */
export const windowLowerings: Lowerings = {
  Windows(node, [x, index], onnx) {
    const [{ shape, dtype }, { values }] = node.inputs as [(typeof node.inputs)[0], (typeof node.inputs)[0]];
    const [tasks, rows, channels] = shape as [number, number, number];
    const padded = values!.some((row) => row === rows); // an index is a constant
    const border = () => onnx.constant(new Float32Array(tasks * channels).fill(attribute<number>(node, 'fill')), [tasks, 1, channels], dtype);
    const framed = padded ? onnx.emit('Concat', [x!, border()], { axis: 1 }) : x!;
    return onnx.reshape(onnx.emit('Gather', [framed, index!], { axis: 1 }), node.shape);
  },
};
