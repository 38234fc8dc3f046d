import { expect, test } from 'vitest';
import { graphBuilder } from '../../src/graph/graph';
import { peakBytes, totalBytes } from '../../src/graph/peak-bytes';

test('a tensor counts from when it is made to its last use; views and equal values take nothing of their own', () => {
  const make = graphBuilder();
  const x = make.input([10], 'float32');
  const one = make.constant(1, [10]);
  const a = make.node('Exp', [x], {}, [10]);
  const flat = make.node('Reshape', [a], {}, [2, 5]);
  const b = make.node('Exp', [flat], {}, [2, 5]); // a is needed no more
  const c = make.node('Add', [b, one], {}, [2, 5]);
  const graph = { inputs: [x], outputs: [c] };
  expect(peakBytes(graph)).toBe(3 * 40 + 4); // the input, two of a, b and c, the constant
  expect(totalBytes(graph)).toBe(5 * 40 + 4);
});

test('what is used late stays', () => {
  const make = graphBuilder();
  const x = make.input([10], 'float32');
  const layers = [x];
  for (let layer = 0; layer < 5; layer++) layers.push(make.node('Exp', [layers.at(-1)!], { layer }, [10]));
  const sum = layers.reduceRight((total, layer) => make.node('Add', [total, layer], {}, [10])); // as gradients go back
  expect(peakBytes({ inputs: [x], outputs: [sum] })).toBe(7 * 40);
});
