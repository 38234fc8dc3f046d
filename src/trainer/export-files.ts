import { expectOneOf } from '../core/errors';
import { tfjsFiles, type ExportedFiles, type ExportFormat } from '../export/exported-files';
import type { Adapted } from './adapted';
import type { ExportOptions } from './export-adapted';

const formats: Readonly<Record<ExportFormat, (adapted: Adapted, options: ExportOptions) => ExportedFiles>> = {
  onnx: (adapted, options) => ({ format: 'onnx', files: { 'model.onnx': adapted.toOnnx(options) } }),
  tfjs: (adapted, options) => tfjsFiles(adapted.toTfjs(options)),
  javascript: (adapted, options) => ({ format: 'javascript', files: { 'model.mjs': new TextEncoder().encode(adapted.toJavaScript(options)) } }),
  safetensors: (adapted) => ({ format: 'safetensors', files: { 'weights.safetensors': adapted.toSafetensors() } }),
};

/**
 * An adapted network in a format, as files for `writeExport`.
 *
 * @example
 * writeExport('model', exportAdapted(adapted, 'tfjs')); // a folder with model.json and weights.bin
 *
 * @throws RangeError for an unknown format or several samples; EngineError for a network that the format cannot hold
 */
export function exportAdapted(adapted: Adapted, format: ExportFormat, options: ExportOptions = {}): ExportedFiles {
  expectOneOf('exportAdapted: format', format, Object.keys(formats));
  return formats[format](adapted, options);
}
