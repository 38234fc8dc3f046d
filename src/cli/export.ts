import type { Adapted } from 'hypermeta';
import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { say, type CommonOptions, type ExitCode, type Io } from './io';
import { adaptedTask, trainedRun } from './use-run';

export interface ExportCommand extends CommonOptions {
  readonly from: string;
  readonly task: string;
  readonly format: string;
  readonly batch?: number;
  readonly out: string;
}

/** One format: its files by name, of which the first has the name that was asked for. */
export interface Format {
  readonly about: string;
  files(adapted: Adapted, name: string, options: { readonly batch: number }): Readonly<Record<string, Uint8Array | string>>;
}

/** What an adapted network can be written as. A new format is a row. */
export const formats: Readonly<Record<string, Format>> = {
  onnx: { about: 'a model of standard operators', files: (adapted, name, { batch }) => ({ [name]: adapted.toOnnx({ batch }) }) },
  safetensors: { about: 'the weights alone', files: (adapted, name) => ({ [name]: adapted.toSafetensors() }) },
};

/** Writes the network of an adapted task for other programs. */
export async function exportTask({ from, task, format, batch = 1, out, json }: ExportCommand, io: Io): Promise<ExitCode> {
  const run = await trainedRun(from, io);
  try {
    const adapted = await adaptedTask(run, task, io);
    const file = resolve(io.cwd, out);
    const files = formats[format]!.files(adapted, basename(file), { batch }); // the format was checked
    adapted.dispose();
    mkdirSync(dirname(file), { recursive: true });
    const written = Object.entries(files).map(([name, content]) => {
      writeFileSync(join(dirname(file), name), content);
      return { file: join(dirname(file), name), bytes: Buffer.byteLength(content) };
    });
    say(io, json ? JSON.stringify(written) : written.map(({ file: path, bytes }) => `${path}: ${bytes} bytes`).join('\n'));
    return 0;
  } finally {
    run.trainer.dispose();
  }
}
