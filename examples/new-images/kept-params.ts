import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { readSafetensors, writeSafetensors, type HostParams } from 'hypermeta';

export interface Trained {
  readonly meta: HostParams;
  /** That training took, of this process alone. */
  readonly processorSeconds: number;
}

/** What is in `PATH.safetensors`, if it was made with the same settings; else what `train` makes, which is kept there. */
export async function keptParams(path: string, settings: unknown, train: () => Promise<HostParams>): Promise<Trained> {
  const about = existsSync(`${path}.json`) ? (JSON.parse(readFileSync(`${path}.json`, 'utf8')) as { settings: unknown; processorSeconds: number }) : undefined; // written by us
  if (about && JSON.stringify(about.settings) === JSON.stringify(settings)) {
    const { tensors } = readSafetensors(readFileSync(`${path}.safetensors`), `${path}.safetensors`);
    return { meta: tensors, processorSeconds: about.processorSeconds };
  }
  const began = processorSeconds();
  const meta = await train();
  const spent = processorSeconds() - began;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.safetensors`, writeSafetensors(meta));
  writeFileSync(`${path}.json`, `${JSON.stringify({ settings, processorSeconds: spent }, null, 1)}\n`);
  return { meta, processorSeconds: spent };
}

function processorSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
