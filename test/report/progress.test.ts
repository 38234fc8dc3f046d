import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { progressBar, withProgress } from '../../src/report/progress-node';

function timerCount(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
}

/** A stream that remembers what was written; a terminal of 120 columns if asked. */
function recorder(terminal: { readonly isTTY?: true } = {}) {
  const stream = Object.assign(new PassThrough(), { columns: 120, cursorTo() {}, clearLine() {} }, terminal);
  let written = '';
  stream.on('data', (chunk: Buffer) => (written += chunk.toString()));
  return { stream: stream as unknown as NodeJS.WriteStream, written: () => written };
}

async function* events(count: number, closed: { value: boolean } = { value: false }) {
  try {
    for (let step = 0; step < count; step++) yield { step, queryLoss: 1 / (step + 1), other: 'kept' };
  } finally {
    closed.value = true;
  }
}

describe('where nobody watches', () => {
  test('one plain line per tenth, without control characters', async () => {
    const { stream, written } = recorder();
    const bar = await progressBar({ total: 200, label: 'demo', stream });
    for (let step = 1; step <= 200; step++) bar.update(step, { loss: 0.25 });
    bar.stop();
    const lines = written().trimEnd().split('\n');
    expect(lines).toHaveLength(10);
    expect(lines[3]).toMatch(/^demo {2}40 % {2}80\/200 {2}loss 0\.250 {2}\S+ steps\/s {2}\d+ s left$/);
    expect(lines[9]).toMatch(/^demo 100 % {2}200\/200 /);
    expect(written()).not.toMatch(/[^\n -~]/);
  });

  test('a run that is taken up counts in all its steps', async () => {
    const { stream, written } = recorder();
    const bar = await progressBar({ total: 12, from: 5, stream });
    bar.update(6);
    bar.update(12);
    bar.stop();
    expect(written()).toMatch(/^meta-training {2}50 % {2}6\/12 .*\nmeta-training 100 % {2}12\/12 .*\n$/);
  });

  test('plain lines too where a notebook took over the stream of a terminal', async () => {
    const { stream, written } = recorder({ isTTY: true });
    let shown = '';
    stream.write = (words: string | Uint8Array) => (shown += String(words)) !== ''; // as a kernel does
    const bar = await progressBar({ total: 2, stream });
    bar.update(1);
    bar.stop();
    expect(shown).toMatch(/^meta-training {2}50 % {2}1\/2 .*\n$/);
    expect([shown.includes('\x1B'), written()]).toEqual([false, '']);
  });

  test('goes to stdout in a notebook, which shows stderr as a fault', async () => {
    const shown: string[] = [];
    const streams = { stdout: process.stdout, stderr: process.stderr };
    const before = Object.entries(streams).map(([name, stream]) => [name, stream, Object.getOwnPropertyDescriptor(stream, 'write')] as const);
    for (const [name, stream] of before) stream.write = () => shown.push(name) > 0;
    try {
      const bar = await progressBar({ total: 1 });
      bar.update(1);
      bar.stop();
    } finally {
      for (const [, stream, own] of before) {
        if (own) Object.defineProperty(stream, 'write', own);
        else delete (stream as Partial<typeof stream>).write;
      }
    }
    expect(shown).toEqual(['stdout']);
  });

  test('says nothing after it was stopped', async () => {
    const { stream, written } = recorder();
    const bar = await progressBar({ total: 10, stream });
    bar.stop();
    bar.update(10);
    expect(written()).toBe('');
  });
});

describe('on a terminal', () => {
  test('draws a bar with loss, rate and time left, and gives the terminal back', async () => {
    const { stream, written } = recorder({ isTTY: true });
    const before = { signals: process.listenerCount('SIGINT'), timers: timerCount() };
    const bar = await progressBar({ total: 10, stream });
    bar.update(5, { loss: 0.25 });
    bar.update(10, { loss: 0.125 });
    expect(process.listenerCount('SIGINT')).toBe(before.signals); // Ctrl-C stays the program's
    bar.stop();
    bar.stop();
    expect(written()).toMatch(/meta-training █{24} 100 % {2}10\/10 {2}loss 0\.125 {2}\S+ steps\/s {2}0 s left/);
    expect(written()).not.toContain('\x1B[?7l'); // line wrapping off, which Ctrl-C would leave so
    expect(timerCount()).toBeLessThanOrEqual(before.timers); // one of the test runner's may have ended
  });
});

describe('withProgress', () => {
  test('passes every event through, unchanged and in order', async () => {
    const { stream, written } = recorder();
    const seen = [];
    for await (const event of withProgress(events(20), { total: 20, stream })) seen.push(event);
    expect(seen).toHaveLength(20);
    expect(seen[19]).toEqual({ step: 19, queryLoss: 0.05, other: 'kept' });
    expect(written()).toContain('100 %  20/20  loss 0.0500');
  });

  test('a loop that is left ends the events and the bar', async () => {
    const { stream } = recorder({ isTTY: true });
    const closed = { value: false };
    for await (const { step } of withProgress(events(20, closed), { total: 20, stream })) if (step === 3) break;
    expect(closed.value).toBe(true);
  });

  test('an error of the events reaches the caller', async () => {
    const { stream } = recorder();
    const broken = (async function* () {
      yield { step: 0, queryLoss: 1 };
      throw new Error('diverged');
    })();
    const run = async () => {
      for await (const event of withProgress(broken, { total: 2, stream })) void event;
    };
    await expect(run()).rejects.toThrow('diverged');
  });

  test('refuses a total that is no count', () =>
    expect(progressBar({ total: 0 })).rejects.toThrow('progressBar: total: expected a whole number of at least 1, got 0.'));
});
