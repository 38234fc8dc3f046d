/** A run, and what it was made with. */
interface MadeRun {
  readonly env: Readonly<Record<string, string | number>>;
}

/** Every commit, machine and versions that runs were made with, in a sentence. */
export function describeMachine(runs: readonly MadeRun[], { without = [] }: DescribeMachineOptions = {}): string {
  const made = runs.map(({ env }) => {
    const processor = without.includes('cores') ? env['cpu'] : `${env['cores']} cores of ${env['cpu']}`;
    const versions = [`node ${env['node']}`, ...(without.includes('onnxruntime') ? [] : [`onnxruntime ${env['onnxruntime']}`])];
    return [`commit ${env['commit']}`, processor, ...versions].join(', ');
  });
  return `${[...new Set(made)].join('; ')}.`;
}

export interface DescribeMachineOptions {
  /** What is not said. @default all is said */
  readonly without?: readonly ('cores' | 'onnxruntime')[];
}
