/**
 * Functions that a generated module may call, as they stand in it. Arrays are flat and row-major, results are written to `out`;
 * sums are in double.
 */
export const jsFunctions = {
  floorMod: `const floorMod = (a, b) => ((a % b) + b) % b;`,
  elu: `const elu = (x) => (x >= 0 ? x : Math.expm1(x));`,
  selu: `const selu = (x) => 1.0507009873554805 * (x >= 0 ? x : 1.6732632423543772 * Math.expm1(x));`,
  leakyRelu: `const leakyRelu = (x, slope) => (x < 0 ? slope * x : x);`,
  softplus: `const softplus = (x) => Math.max(0, x) + Math.log1p(Math.exp(-Math.abs(x)));`,
  roundToEven: `const roundToEven = (x) => {
  const below = Math.floor(x);
  if (x - below !== 0.5) return Math.round(x);
  return below % 2 === 0 ? below : below + 1;
};`,
  /** As TensorFlow.js approximates it: Abramowitz and Stegun, 7.1.26. */
  erf: `// Abramowitz and Stegun, 7.1.26: within 1.5e-7.
const erf = (x) => {
  const t = 1 / (1 + 0.3275911 * Math.abs(x));
  const sum = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t;
  return Math.sign(x) * (1 - sum * Math.exp(-x * x));
};`,
  matMul: `// [rows, inner] times [inner, columns].
function matMul(out, a, b, rows, inner, columns) {
  const sums = new Float64Array(columns);
  for (let row = 0; row < rows; row++) {
    sums.fill(0);
    for (let k = 0; k < inner; k++) {
      const value = a[row * inner + k];
      for (let column = 0, at = k * columns; column < columns; column++, at++) sums[column] += value * b[at];
    }
    out.set(sums, row * columns);
  }
}`,
  convolve: `// Images [images, height, width, channels] and a kernel [window[0], window[1], channels, filters].
function convolve(out, x, kernel, { images, size, channels, filters, window, strides, dilations, before, positions }) {
  const sums = new Float64Array(filters);
  for (let image = 0, to = 0; image < images; image++)
    for (let row = 0; row < positions[0]; row++)
      for (let column = 0; column < positions[1]; column++, to += filters) {
        sums.fill(0);
        for (let down = 0; down < window[0]; down++) {
          const y = row * strides[0] + down * dilations[0] - before[0];
          if (y < 0 || y >= size[0]) continue;
          for (let across = 0; across < window[1]; across++) {
            const left = column * strides[1] + across * dilations[1] - before[1];
            if (left < 0 || left >= size[1]) continue;
            const pixel = ((image * size[0] + y) * size[1] + left) * channels;
            const tap = (down * window[1] + across) * channels;
            for (let channel = 0; channel < channels; channel++) {
              const value = x[pixel + channel];
              for (let filter = 0, at = (tap + channel) * filters; filter < filters; filter++, at++) sums[filter] += value * kernel[at];
            }
          }
        }
        out.set(sums, to);
      }
}`,
  takeRows: `// Of each of the blocks [rows, size], the rows that index names; one past the last is filled.
function takeRows(out, x, index, { blocks, rows, size, fill = 0 }) {
  for (let block = 0, to = 0; block < blocks; block++)
    for (let place = 0; place < index.length; place++, to += size) {
      const row = index[place];
      if (row === rows) out.fill(fill, to, to + size);
      else for (let at = 0, from = (block * rows + row) * size; at < size; at++, from++) out[to + at] = x[from];
    }
}`,
  softmax: `// Over rows of a size.
function softmax(out, x, size) {
  for (let start = 0; start < x.length; start += size) {
    let largest = -Infinity;
    for (let at = start; at < start + size; at++) largest = Math.max(largest, x[at]);
    let sum = 0;
    for (let at = start; at < start + size; at++) sum += out[at] = Math.exp(x[at] - largest);
    for (let at = start; at < start + size; at++) out[at] /= sum;
  }
}`,
} as const;

export type JsFunctionName = keyof typeof jsFunctions;
