import { describe, expect, test } from 'vitest';
import { EngineError } from '../../src/core/errors';
import { graphBuilder } from '../../src/graph/graph';
import { lower } from '../../src/onnx/lower';
import { expectOutputs } from '../helpers/lowered';

describe('a lowered graph', () => {
  test('numbers its inputs by place and leaves out those that nothing depends on', () => {
    const { input, node } = graphBuilder();
    const inputs = [input([2], 'float32'), input([9], 'int32'), input([], 'float32')];
    const { inputs: ports, outputs, nodeCount } = lower({ inputs, outputs: [node('Add', [inputs[0]!, inputs[2]!], {}, [2])] });
    expect(ports).toEqual([
      { name: 'input0', shape: [2], dtype: 'float32' },
      { name: 'input2', shape: [], dtype: 'float32' },
    ]);
    expect(outputs).toEqual([{ name: 'output0', shape: [2], dtype: 'float32' }]);
    expect(nodeCount).toBe(1);
  });

  test('may have the same output twice, an input, a constant, and a result that others use', async () => {
    const { input, node, constant } = graphBuilder();
    const x = input([2], 'float32');
    const doubled = node('Add', [x, x], {}, [2]);
    const squared = node('Multiply', [doubled, doubled], {}, [2]);
    const outputs = [doubled, squared, doubled, x, constant(Float32Array.of(5, 6), [2]), constant(7, [2]), node('Cast', [x], {}, [2])];
    await expectOutputs({ inputs: [x], outputs }, [Float32Array.of(1, 2)], [[2, 4], [4, 16], [2, 4], [1, 2], [5, 6], [7, 7], [1, 2]]);
  });

  test('may have no inputs', async () => {
    const { node, constant } = graphBuilder();
    await expectOutputs({ inputs: [], outputs: [node('Neg', [constant(3, [2])], {}, [2])] }, [], [[-3, -3]]);
  });

  test('writes equal nodes once', () => {
    const { input, node } = graphBuilder();
    const x = input([2], 'float32');
    const outputs = [node('Rsqrt', [x], {}, [2]), node('Sqrt', [x], {}, [2])];
    expect(lower({ inputs: [x], outputs }).nodeCount).toBe(2);
  });
});

describe('a constant of equal values', () => {
  const { input, node, constant } = graphBuilder();
  const row = input([3], 'float32');
  const two = constant(2, [2, 3]);

  test('is a scalar only where the result keeps its shape', async () => {
    const outputs = [
      node('Add', [row, two], {}, [2, 3]),
      node('Add', [two, constant(1, [2, 3])], {}, [2, 3]),
      node('Multiply', [row, constant(3, [3])], {}, [3]),
      node('Select', [constant(1, [2, 1], 'bool'), row, two], {}, [2, 3]),
      node('Concat', [two, two], { axis: 1 }, [2, 6]),
    ];
    await expectOutputs({ inputs: [row], outputs }, [Float32Array.of(1, 2, 3)], [
      [3, 4, 5, 3, 4, 5],
      [3, 3, 3, 3, 3, 3],
      [3, 6, 9],
      [1, 2, 3, 1, 2, 3],
      new Array<number>(12).fill(2),
    ]);
  });

  test('is never stored in full where it is large', async () => {
    const large = constant(2, [100, 1000]);
    const graph = { inputs: [], outputs: [node('Sum', [large], { axes: [0, 1], keepDims: false }, [])] };
    expect(lower(graph).bytes.length).toBeLessThan(1000);
    await expectOutputs(graph, [], [[200_000]]);
  });
});

describe('a kernel that is not in the table', () => {
  test('is refused by name', () => {
    const { input, node } = graphBuilder();
    const x = input([2], 'float32');
    const graph = { inputs: [x], outputs: [node('FFT', [x], {}, [2])] };
    expect(() => lower(graph)).toThrow(EngineError);
    expect(() => lower(graph)).toThrow('compile: expected kernels that can be compiled, got FFT; write the step with other operations');
  });
});
