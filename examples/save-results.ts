import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Mean } from 'hypermeta';
import { environment } from './environment';

/** One figure of a table. */
export interface ResultRow {
  readonly what: string;
  readonly learner: string;
  readonly metric: string;
  readonly value: number;
  /** Half the width of the 95 % interval over episodes. */
  readonly interval: number;
  readonly episodes: number;
  readonly seeds: readonly string[];
}

/** A row of a result from a score. */
export function resultRow(what: string, learner: string, metric: string, { mean, interval, count }: Mean, seed: string): ResultRow {
  return { what, learner, metric, value: mean, interval, episodes: count, seeds: [seed] };
}

/** Writes a table as JSON, with the settings and the machine it was made by. */
export function saveResults(
  file: string,
  table: string,
  protocol: Readonly<Record<string, unknown>>,
  seconds: number,
  rows: readonly ResultRow[],
): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify({ table, protocol, env: { ...environment(), seconds: Math.round(seconds) }, rows }, null, 1)}\n`);
  console.log(`Results: ${file}`);
}
