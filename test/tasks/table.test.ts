import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DataError } from '../../src/core/errors';
import { maml } from '../../src/learners/maml';
import { protonet } from '../../src/learners/protonet';
import { mlp } from '../../src/nn/mlp';
import { readCsv, readJsonLines } from '../../src/tasks/read-table-node';
import { parseCsv, parseJsonLines, type Table } from '../../src/tasks/table';
import { tableTasks } from '../../src/tasks/table-tasks';
import { metaTrainer } from '../../src/trainer/meta-trainer';
import { testTaskSource, testTaskSplits } from '../contracts/task-source';
import { isFull } from '../helpers/full';
import { withFiles } from './files';

describe('parseCsv', () => {
  test('the first line names the columns; a column is of numbers where all its cells are', () => {
    const text = 'city,rooms, code \r\n"Rome, old",3,007\r\n\r\nOslo,2.5,x\r\n';
    expect(parseCsv(text)).toEqual({
      columns: ['city', 'rooms', 'code'],
      rows: [{ city: 'Rome, old', rooms: 3, code: '007' }, { city: 'Oslo', rooms: 2.5, code: 'x' }],
    });
  });

  test('finds the delimiter out, or takes the one given; quotes may hold lines and quotes', () => {
    expect(parseCsv('a;b\n1;2\n3;4').rows).toEqual([{ a: 1, b: 2 }, { a: 3, b: 4 }]);
    expect(parseCsv('a b\n1 2', { delimiter: ' ' }).rows).toEqual([{ a: 1, b: 2 }]);
    expect(parseCsv('a,b\n"one\ntwo","say ""no"""').rows).toEqual([{ a: 'one\ntwo', b: 'say "no"' }]);
    expect(parseCsv('\uFEFFa\n1').columns).toEqual(['a']);
  });

  test('numbers that a float cannot tell apart stay text, and hexadecimal ones', () => {
    expect(parseCsv('id\n9007199254740992\n9007199254740993').rows).toEqual([{ id: '9007199254740992' }, { id: '9007199254740993' }]);
    expect(parseCsv('id\n0x10\n16').rows).toEqual([{ id: '0x10' }, { id: '16' }]);
    expect(parseCsv('a\n+1e300\n -.5 \n2.\n9007199254740991').rows.map(({ a }) => a)).toEqual([1e300, -0.5, 2, 9007199254740991]);
  });

  test('lines may end in different ways', () => {
    expect(parseCsv('a,kind\n1,cat\n2,dog\r\n3,"cat"\r\n').rows.map(({ kind }) => kind)).toEqual(['cat', 'dog', 'cat']);
    expect(() => parseCsv('a,kind\n1,cat\n2,dog\r\n3\n')).toThrow('line 4: expected 2 cells');
  });

  test.each([
    ['', 'expected a first line with the names of the columns, got no text.'],
    ['a,b\n1,2\n3', 'line 3: expected 2 cells, as the first line has, got 1.'],
    ['a,b\n1,2,3', 'line 2: expected 2 cells, as the first line has, got 3.'],
    ['a,a\n1,2', "expected a name of its own for every column, got 'a', 'a'."],
    ['a,\n1,2', "expected a name of its own for every column, got 'a', ''."],
    ['a,b\n1,"2', 'homes.csv: line 2: expected CSV, got Quoted field unterminated.'],
    ['a,b\n\n"1\n2",3\n4', 'line 5: expected 2 cells, as the first line has, got 1.'],
    ['a,b\n\n1,2\n3,"4\n5,6\n', 'line 4: expected CSV, got Quoted field unterminated.'],
  ])('refuses %j', (text, message) => expect(() => parseCsv(text, { where: 'homes.csv' })).toThrow(message));
});

describe('parseJsonLines', () => {
  test('an object a line', () => {
    const text = '{"city": "Rome", "rooms": 3, "old": true}\n\n{"old": false, "rooms": 2, "city": "Oslo"}\n';
    expect(parseJsonLines(text)).toEqual({
      columns: ['city', 'rooms', 'old'],
      rows: [{ city: 'Rome', rooms: 3, old: 1 }, { city: 'Oslo', rooms: 2, old: 0 }],
    });
  });

  test.each([
    ['', 'expected an object a line, got no text.'],
    ['{"a": 1}\n[1]', "line 2: expected an object, got '[1]'."],
    ['{"a": 1}\n{"a": 1', "line 2: expected JSON, got '{\"a\": 1'."],
    ['{"a": 1}\n\n{"b": 1}', 'line 3: expected the names a, as the first line has, got b.'],
    ['{"a": null}', "line 1: 'a': expected text or a number, got null."],
    ['{"a": {"b": 1}}', "line 1: 'a': expected text or a number, got {\"b\":1}."],
    ['{}', 'expected a name of its own for every column, got none.'],
    ['{"__proto__": 1}', "expected a name of its own for every column, got '__proto__'."],
  ])('refuses %j', (text, message) => expect(() => parseJsonLines(text, { where: 'homes.jsonl' })).toThrow(message));
});

test('files: the same rows; what is missing, or no text, is said', () =>
  withFiles({ 'a.csv': new TextEncoder().encode('a,b\n1,x'), 'a.jsonl': new TextEncoder().encode('{"a":1,"b":"x"}'), 'a.bin': Uint8Array.of(97, 44, 0xff, 0xfe) }, (dir) => {
    expect(readCsv(join(dir, 'a.csv'))).toEqual(readJsonLines(join(dir, 'a.jsonl')));
    expect(() => readCsv(join(dir, 'b.csv'))).toThrow('b.csv: expected a file, got nothing there.');
    expect(() => readCsv(join(dir, 'a.bin'))).toThrow('a.bin: expected text in UTF-8, got other bytes.');
    return Promise.resolve();
  }));

describe('any text is read, or refused by a DataError that names it', () => {
  const numRuns = isFull ? 10_000 : 200;
  const piece = fc.constantFrom('a', 'b', '1', '-2.5', ',', ';', '\n', '\r\n', '"', '""', ' ', '{', '}', ':', '{"a":1}\n', 'null', '\u0000', 'é', '__proto__', '1e999', '\t');
  const text = fc.oneof(fc.string(), fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join('')));
  test.each([['parseCsv', parseCsv], ['parseJsonLines', parseJsonLines]] as const)('%s', (_name, parse) =>
    fc.assert(fc.property(text, (some) => {
      let table: Table;
      try {
        table = parse(some, { where: 'fuzz' });
      } catch (error) {
        expect(error).toBeInstanceOf(DataError);
        expect((error as Error).message).toMatch(/^fuzz: /);
        return;
      }
      for (const row of table.rows) {
        expect(Object.keys(row).sort()).toEqual([...table.columns].sort());
        for (const cell of Object.values(row)) expect(typeof cell === 'string' || Number.isFinite(cell)).toBe(true);
      }
    }), { seed: 5, numRuns }));
});

/** Prices are 100 · size, and as much again as the shop's number in each shop; `kind` is the parity of the size. */
const shops: Table = parseCsv(
  ['shop,size,kind,floor,price', ...Array.from({ length: 10 }, (_, shop) =>
    Array.from({ length: 12 }, (__, size) => `shop ${shop},${size},${size % 2 ? 'odd' : 'even'},${size % 3},${100 * size * (shop + 1)}`)).flat()].join('\n'),
);
const ofShops = { task: 'shop', target: 'price', shots: 4, queryShots: 3 } as const;

testTaskSource('a table with values by task', () => tableTasks(shops, ofShops).train);
testTaskSource('a table with classes by task', () => tableTasks(shops, { ...ofShops, target: 'kind' }).train);
testTaskSplits('a table of classes', () => Promise.resolve(tableTasks(shops, { target: 'shop', ways: 2, shots: 2, queryShots: 2 })));

test('a column of text stays one where all of its cells could be numbers', () => {
  const file = ['shop,code,price', ...['a', 'b', 'c', 'd'].flatMap((shop) => ['01', '1', 'K', '01'].map((code, row) => `${shop},${code},${row}`))].join('\n');
  const { text, inputs, encode, examples } = tableTasks(parseCsv(file), { task: 'shop', target: 'price', categorical: ['code'], shots: 2, queryShots: 2 });
  expect([text, inputs]).toEqual([['shop', 'code'], ['code=01', 'code=1', 'code=K']]);
  const rows = parseCsv('code,price\n01,3\n1,4', { text }).rows;
  expect(encode(rows).map((row) => [...row])).toEqual([[1, 0, 0], [0, 1, 0]]);
  expect(examples(rows).x).toHaveLength(2);
});

test('codes that the table holds as numbers are found in new rows of text, as inputs and as classes', () => {
  const file = ['shop,zip,price', ...['a', 'b', 'c', 'd'].flatMap((shop) => [1, 2, 1, 2].map((code, row) => `${shop},0100${code},${row}`))].join('\n');
  const options = { task: 'shop', categorical: ['zip'], shots: 2, queryShots: 2 };
  const { text, inputs, encode } = tableTasks(parseCsv(file), { ...options, target: 'price' });
  expect(inputs).toEqual(['zip=1001', 'zip=1002']);
  const { rows } = parseCsv('zip,price\n01002,3', { text });
  expect([...encode(rows)[0]!]).toEqual([0, 1]);
  const { classes, examples } = tableTasks(parseCsv(file), { ...options, target: 'zip' });
  expect([classes, examples(rows).y]).toEqual([['1001', '1002'], ['1002']]);
  const asText = tableTasks(parseCsv(file, { text: ['zip'] }), { ...options, target: 'price' });
  expect(asText.inputs).toEqual(['zip=01001', 'zip=01002']);
});

describe('a column of numbers with other cells', () => {
  const rows = (cell: string) => ['a', 'b', 'c', 'd'].flatMap((shop) => [1, 2, 3, 4].map((size) => `${shop};${shop === 'c' && size === 2 ? cell : size};${size * 2};1,5 kg`));
  const table = (cell: string, text: readonly string[] = []) => parseCsv(['shop;size;price;note', ...rows(cell)].join('\n'), { text });
  const asInput = { task: 'shop', target: 'price', inputs: ['size'], shots: 2, queryShots: 2 };
  const asTarget = { ...asInput, target: 'size', inputs: ['price'] };

  test.each(['', 'NA', 'n/a', '#N/A', 'inf', '.', 'missing', '1O', '$1', '0x10', '1,5', '-0,25', '1.234,5', '12,345.6', '1,5 kg'])("'%s' is refused, and where it is said", (cell) => {
    const message = `tableTasks: 'size': expected numbers such as 1234.5 in every row, got '${cell}' in row 10; mend the cell or leave the row out, or name the column in categorical, if its cells are names.`;
    expect(() => tableTasks(table(cell), asInput)).toThrow(message);
    expect(() => tableTasks(table(cell), asTarget)).toThrow(message);
  });

  test('is one of names where that is said, and no fault where it is not used or tells tasks apart', () => {
    expect(tableTasks(table('large'), { ...asInput, categorical: ['size'] }).inputs).toEqual(['size=1', 'size=2', 'size=3', 'size=4', 'size=large']);
    expect(tableTasks(table('1,5'), { ...asTarget, categorical: ['size'] }).classes).toContain('1,5');
    expect(tableTasks(table('1,5', ['size']), asTarget).classes).toContain('1,5');
    expect(tableTasks(table('1,5'), { ...asTarget, target: 'price', inputs: ['note'] }).text).toEqual(['shop', 'note']);
    const numbered = table('5').rows.map((row) => ({ ...row, shop: row['shop'] === 'a' ? '1' : row['shop']! }));
    expect(tableTasks({ ...table('5'), rows: numbered }, asInput).text).toEqual(['shop']);
  });

  test('numbers with commas are refused where all cells are such', () => {
    const withComma = table('5').rows.map((row) => ({ ...row, size: `${row['size']},5` }));
    expect(() => tableTasks({ ...table('5'), rows: withComma }, asInput)).toThrow("tableTasks: 'size': expected numbers such as 1234.5 in every row, got '1,5' in row 1;");
  });

  test('in new rows, the row alone is refused', () => {
    const { encode, text } = tableTasks(table('5'), asInput);
    const found = parseCsv('size,shop\n2,e\n,e', { text }).rows;
    expect(encode(found.slice(0, 1))).toHaveLength(1);
    expect(() => encode(found)).toThrow("row 2: 'size': expected a number, got ''.");
  });

  test('JSON says itself what is text: numbers in quotes are names, unless some are without', () => {
    const json = (quote: (size: number) => unknown) => parseJsonLines(table('5').rows.map((row) => JSON.stringify({ ...row, size: quote(Number(row['size'])) })).join('\n'));
    expect(tableTasks(json((size) => String(size)), asInput).inputs).toContain('size=4');
    expect(() => tableTasks(json((size) => (size === 2 ? '2' : size)), asInput)).toThrow("got '2' in row 2;");
  });
});

test('a target among the inputs, a column twice, and no rows are refused', () => {
  expect(() => tableTasks(shops, { ...ofShops, inputs: ['size', 'price'] })).toThrow("tableTasks: inputs: expected each column once, and no target, got 'price' as both.");
  expect(() => tableTasks(shops, { ...ofShops, inputs: ['size', 'size'] })).toThrow("got 'size' twice.");
  expect(() => parseCsv('homes.csv')).toThrow('parseCsv: expected rows below the names of the columns, got none; a file is read by readCsv.');
});

describe('tableTasks', () => {
  test('values by task: numbers standardized, text one-hot, rows of one task an episode', () => {
    const tasks = tableTasks(shops, { ...ofShops, categorical: ['floor'] });
    expect(tasks.inputs).toEqual(['size', 'kind=even', 'kind=odd', 'floor=0', 'floor=1', 'floor=2']);
    const names = (source: typeof tasks.train) => new Set(Array.from({ length: 60 }, (_, index) => source.sample('s', index).about!['task']));
    const [train, validation, unseen] = [names(tasks.train), names(tasks.validation), names(tasks.test)];
    expect([train.size, validation.size, unseen.size]).toEqual([6, 2, 2]);
    expect(new Set([...train, ...validation, ...unseen]).size).toBe(10);
    const { support, query, about } = tasks.train.sample('s', 0);
    expect([support.count, query.count, support.x.length]).toEqual([4, 3, 4 * 6]);
    const factor = 1 + Number(String(about!['task']).slice(5));
    const sizes = [...support.x].filter((_, index) => index % 6 === 0).map((x) => x * Math.sqrt(143 / 12) + 5.5); // 0 … 11
    const prices = tasks.decode([...support.y].map((y) => [y])).flat();
    prices.forEach((price, row) => expect(price).toBeCloseTo(100 * factor * sizes[row]!, 1));
  });

  test('a constant column of decimals is 0 in every row, and what a new row differs from it by', () => {
    const { columns, rows } = shops;
    const tasks = tableTasks({ columns: [...columns, 'tax'], rows: rows.map((row) => ({ ...row, tax: 0.1 })) }, ofShops);
    const tax = tasks.inputs.indexOf('tax');
    const at = (value: number) => (tasks.encode([{ ...rows[0]!, tax: value }]) as unknown as number[][])[0]![tax]!;
    expect(at(0.1)).toBe(0);
    expect(at(0.2)).toBeCloseTo(0.1, 6);
  });

  test('a column of numbers whose squares are too small to tell apart is finite', () => {
    const { columns, rows } = shops;
    const tasks = tableTasks({ columns: [...columns, 'trace'], rows: rows.map((row, index) => ({ ...row, trace: (1 + (index % 3)) * 1e-200 })) }, ofShops);
    const encoded = tasks.encode([{ ...rows[0]!, trace: 2e-200 }]) as unknown as number[][];
    expect(encoded[0]![tasks.inputs.indexOf('trace')]).toBe(0);
  });

  test('rows of the user become examples, and outputs prices', async () => {
    const tasks = tableTasks(shops, ofShops);
    const trainer = await metaTrainer(maml(mlp([tasks.inputs.length, 16, 1])), tasks, { innerSteps: 3, innerLearningRate: 0.05, metaBatchSize: 6, outerLearningRate: 0.01 });
    for await (const _ of trainer.train({ steps: 60 }));
    const own = [1, 4, 7, 10].map((size) => ({ size, kind: size % 2 ? 'odd' : 'even', floor: size % 3, price: 500 * size }));
    const adapted = await trainer.adapt(tasks.examples(own), { steps: 10 });
    const predicted = tasks.decode(adapted.predict(tasks.encode([{ size: 5, kind: 'odd', floor: 2 }])));
    expect(Math.abs(predicted[0]![0]! - 2500)).toBeLessThan(700);
    adapted.dispose();
    trainer.dispose();
  });

  test('classes by task are the same outputs in all tasks; without a task they are new in each', async () => {
    const fixed = tableTasks(shops, { ...ofShops, target: 'kind' });
    expect([fixed.classes, fixed.train.targetShape]).toEqual([['even', 'odd'], [2]]);
    expect(fixed.examples([{ size: 1, floor: 0, price: 3, kind: 'odd' }])).toMatchObject({ y: ['odd'], classes: ['even', 'odd'] });
    const free = tableTasks(shops, { target: 'shop', ways: 2, shots: 2, queryShots: 2 });
    expect([free.classes, free.train.targetShape]).toEqual([undefined, [2]]);
    const trainer = await metaTrainer(protonet(mlp([free.inputs.length, 4, 2])), free, { metaBatchSize: 2 });
    const adapted = await trainer.adapt(free.examples(shops.rows.slice(0, 36))); // of three shops
    expect(adapted.classify(free.encode(shops.rows.slice(0, 1))[0]!)).toMatch(/^shop [012]$/);
    adapted.dispose();
    trainer.dispose();
  });

  test.each<[string, () => unknown, string]>([
    ['a target that is not there', () => tableTasks(shops, { ...ofShops, target: 'cost' }), "tableTasks: target: expected one of the columns shop, size, kind, floor, price, got 'cost'."],
    ['values without a task', () => tableTasks(shops, { target: 'price' }), "tableTasks: task: expected a column that tells tasks apart beside the values of 'price', got none; or name"],
    ['a class beside values', () => tableTasks(shops, { ...ofShops, target: ['price', 'kind'] }), "tableTasks: target: expected one class, or columns of numbers alone, got text in 'kind' beside others."],
    ['no target', () => tableTasks(shops, { ...ofShops, target: [] }), 'tableTasks: target: expected at least one column, got none.'],
    ['no rows', () => tableTasks({ columns: ['a'], rows: [] }, { target: 'a' }), 'tableTasks: expected at least 1 row, got none.'],
    ['too few rows of a task', () => tableTasks(shops, { ...ofShops, shots: 10 }), "tableTasks: expected at least 10 shots + 3 queryShots = 13 rows of task 'shop"],
    ['too few tasks', () => tableTasks({ ...shops, rows: shops.rows.slice(0, 24) }, ofShops), "tableTasks: 'shop': expected at least 3 different values, to train, to validate and to test, got 2."],
    ['an unknown category', () => tableTasks(shops, ofShops).encode([{ size: 1, kind: 'prime', floor: 0 }]), "row 1: 'kind': expected one of even, odd, got 'prime'."],
    ['a row without a column', () => tableTasks(shops, ofShops).encode([{ size: 1, kind: 'odd' }]), "row 1: expected a column 'floor', got size, kind."],
    ['text for a number', () => tableTasks(shops, ofShops).encode([{ size: 'big', kind: 'odd', floor: 0 }]), "row 1: 'size': expected a number, got 'big'."],
    ['numbers whose squares overflow', () => tableTasks({ ...shops, rows: shops.rows.map((row) => ({ ...row, size: 1e200 * Number(row['size']) })) }, ofShops), "tableTasks: 'size': expected numbers whose squares are finite, got larger ones."],
    ['a number far from the others', () => tableTasks(shops, ofShops).encode([{ size: 1e300, kind: 'odd', floor: 0 }]), "row 1: 'size': expected a number near those of meta-training, got 1e+300."],
    ['predictions of something else', () => tableTasks(shops, ofShops).decode([[1, 2]]), 'decode: expected shape [*, 1], got [1, 2].'],
    ['nothing to validate on', () => tableTasks(shops, { ...ofShops, validation: 0 }), 'tableTasks: validation and test: expected shares above 0 that sum to less than 1, got 0 and 0.15.'],
    ['no shots', () => tableTasks(shops, { ...ofShops, shots: 0 }), 'tableTasks: shots: expected a whole number of at least 1, got 0.'],
  ])('refuses %s', (_name, make, message) => expect(make).toThrow(message));
});
