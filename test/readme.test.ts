import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test, vi } from 'vitest';
import { isFull } from './helpers/full';
import { runProgram } from './helpers/program';

const root = fileURLToPath(new URL('..', import.meta.url));
const compiler = join(root, 'node_modules/typescript-native/bin/tsc');
const readme = readFileSync(join(root, 'README.md'), 'utf8');

/** Code blocks of a language, in order. */
function blocksOf(markdown: string, language: string): readonly string[] {
  return [...markdown.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(([, code]) => code!);
}

/** What TypeScript says of each of these modules, which import hypermeta; they are checked together, which takes as long as one. */
function typeErrors(codes: readonly string[]): readonly (readonly string[])[] {
  const folder = mkdtempSync(join(root, 'test/.readme-'));
  try {
    for (const [index, code] of codes.entries()) writeFileSync(join(folder, `block-${index}.ts`), code);
    const unused = { noUnusedLocals: false, noUnusedParameters: false }; // an example may stop where its point is made
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ extends: '../../tsconfig.json', compilerOptions: unused, include: ['*.ts'] }));
    const { stdout, error } = spawnSync(process.execPath, [compiler, '--project', folder, '--pretty', 'false'], { cwd: folder, encoding: 'utf8' });
    if (error) throw error;
    const errors = stdout.split('\n').filter((line) => line.includes('error TS'));
    expect(errors.filter((line) => !line.startsWith('block-'))).toEqual([]);
    return codes.map((_, index) => errors.filter((line) => line.startsWith(`block-${index}.ts(`)));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Imports a module here, which saves starting a process: what it complained of, or why it ended badly. */
async function runHere(code: string): Promise<{ readonly failure?: string; readonly stderr: string }> {
  const folder = mkdtempSync(join(root, 'test/.readme-'));
  const path = join(folder, 'block.ts');
  writeFileSync(path, code);
  const complaints: string[] = [];
  const hear = (...words: unknown[]) => void complaints.push(words.join(' '));
  const spies = [vi.spyOn(console, 'log').mockReturnValue(), vi.spyOn(console, 'warn').mockImplementation(hear), vi.spyOn(console, 'error').mockImplementation(hear)];
  try {
    await import(/* @vite-ignore */ path);
    return { stderr: complaints.join('\n') };
  } catch (error) {
    return { failure: (error as Error).message, stderr: complaints.join('\n') };
  } finally {
    for (const spy of spies) spy.mockRestore();
    rmSync(folder, { recursive: true, force: true });
  }
}

describe('README', () => {
  const blocks = blocksOf(readme, 'ts');

  test('has code to test', () => expect(blocks.length).toBeGreaterThan(2));

  test('shows its first result before line 30', () =>
    expect(readme.split('\n').slice(0, 30).join('\n')).toMatch(/npm run demo/));

  test('code blocks type-check; a block that calls wrongly would not', () => {
    const found = typeErrors([...blocks, `import { mlp } from 'hypermeta'; mlp('one');`]);
    expect(found.slice(0, -1)).toEqual(blocks.map(() => []));
    expect(found.at(-1)).not.toEqual([]);
  }, 60_000);

  test.each(blocks.map((code, index) => [index + 1, code] as const))('code block %i runs', async (_number, code) => {
    const { failure, stderr } = await (isFull ? runProgram(code) : runHere(code));
    expect(failure).toBeUndefined();
    expect(stderr).toBe('');
  }, 60_000);

  test('names only scripts that exist', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> };
    const named = [...blocksOf(readme, 'sh').join('\n').matchAll(/npm run ([\w:-]+)|npm (test)\b/g)].map(([, run, plain]) => run ?? plain!);
    expect(named.length).toBeGreaterThan(3);
    for (const name of named) expect(Object.keys(scripts)).toContain(name);
  });
});

describe('README.zh-CN', () => {
  const chinese = readFileSync(join(root, 'README.zh-CN.md'), 'utf8');
  const codeOf = (markdown: string, language: string) => blocksOf(markdown, language).map((code) => code.replace(/ *\/\/.*$/gm, ''));

  test.each(['ts', 'sh'])('its %s blocks are those of README but for comments, so that they run', (language) => {
    const blocks = codeOf(chinese, language);
    expect(blocks.length).toBeGreaterThan(1);
    for (const block of blocks) expect(codeOf(readme, language)).toContain(block);
  });

  test('its figures are those of README', () => {
    const figures = chinese.match(/[\d.]+ ± [\d.]+/g)!;
    expect(figures.length).toBeGreaterThan(8);
    for (const figure of figures) expect(readme).toContain(figure);
  });
});

describe('this test', () => {
  test('hears what a block complains of', async () =>
    expect(await runHere('console.warn("slow"); throw new Error("wrong");')).toEqual({ failure: 'wrong', stderr: 'slow' }));

  test('finds a block that throws', async () => {
    expect((await runProgram(`import { mlp } from 'hypermeta'; mlp([1]);`)).failure).toContain('mlp: expected at least 2 sizes, got 1.');
  });
});
