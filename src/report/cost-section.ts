import * as tf from '@tensorflow/tfjs';
import { describeEngine } from '../engine/use-engine';
import { afterSteps } from './adaptation-section';
import { htmlTable } from './html-table';
import type { Section } from './report-page';
import type { ReportedEvent, ReportedRun } from './reported-run';
import { shortNumber } from './short-number';

/** Time and memory: the one section that another run of the same seed does not repeat. */
export function costSection({ events, last, facts }: ReportedRun): Section {
  const rows = [
    ...stepTimes(events),
    [`adaptation to one task, ${afterSteps(last.steps)}`, `${shortNumber(facts.adaptMs)} ms`],
    ...memory(),
    ['engine', engineInWords()],
    ['made', `${new Date().toISOString()}${inNode ? `, Node ${process.version}` : ''}`],
  ];
  return { id: 'cost', heading: 'Time and memory', body: htmlTable('Of this run on this machine', ['', ''], rows) };
}

function engineInWords(): string {
  const { name, version } = describeEngine();
  return `${name}, TensorFlow.js ${version}`;
}

const inNode = typeof process !== 'undefined' && typeof process.resourceUsage === 'function';

function stepTimes(events: readonly ReportedEvent[]): readonly (readonly string[])[] {
  const times = events.flatMap(({ ms }) => (ms === undefined ? [] : [ms]));
  if (times.length === 0) return [];
  const later = times.slice(1).sort((one, other) => one - other);
  return [
    ...(later.length > 0 ? [[`outer step, median of ${later.length}`, `${shortNumber(later[Math.floor(later.length / 2)]! / 1000)} s`]] : []),
    ['first step, which compiles', `${shortNumber(times[0]! / 1000)} s`],
    ['all steps, validations among them', `${shortNumber(times.reduce((sum, ms) => sum + ms, 0) / 1000)} s`],
  ];
}

function memory(): readonly (readonly string[])[] {
  const { numTensors, numBytes } = tf.memory();
  const own = ['tensors of TensorFlow.js', `${numTensors}, ${megabytes(numBytes)}`];
  return inNode ? [['memory of the process at its peak', megabytes(1024 * process.resourceUsage().maxRSS)], own] : [own];
}

function megabytes(bytes: number): string {
  return `${shortNumber(bytes / 1e6)} MB`;
}
