import type { CompareEntry, MetaTrainer, TaskSource, TaskSplits } from 'hypermeta';

/** A published experiment, or one of ours, as data: what `npm run tables -- NAME` runs. */
export interface Protocol {
  readonly name: string;
  readonly title: string;
  /** Whose protocol it is, and where ours differs from it. Goes into RESULTS.md. */
  readonly about: string;
  /** Its tables, a list of learners each. A string says in a sentence why there is none: data that are not there. */
  groups(settings: ProtocolSettings): Promise<readonly Group[] | string>;
}

/** What the command line may change. */
export interface ProtocolSettings {
  /** Outer steps. @default the protocol's own */
  readonly steps?: number;
  /** Unseen episodes to score. @default the protocol's own */
  readonly episodes?: number;
  /** Folder with a folder for each data set. */
  readonly data: string;
}

/** Learners on the same tasks: one table. */
export interface Group {
  readonly name: string;
  readonly tasks: TaskSource | TaskSplits;
  /** What the tasks are: support and query sizes, splits. */
  readonly settings: Readonly<Record<string, string | number>>;
  readonly episodes: number;
  /** Whether predictions of a query use the other queries. */
  readonly transductive: boolean;
  readonly entries: readonly Entry[];
  /** More tables: the same trainings, scored on other unseen tasks. */
  readonly others?: readonly OtherTest[];
}

/** A group's own table and those of its other tests. */
export function tablesOf(group: Group): readonly Group[] {
  return [group, ...(group.others ?? []).map(({ name, settings }) => ({ ...group, name, settings }))];
}

export interface OtherTest {
  readonly name: string;
  readonly test: TaskSource;
  /** In place of the group's. */
  readonly settings: Group['settings'];
}

export interface Entry extends CompareEntry {
  /** What its options do not say: embedding sizes, generators. */
  readonly about?: string;
  /** The method in `published.ts` that this one is to stand beside. */
  readonly like?: string;
  /** An SVG of what it does once it is trained; that of the first seed goes into RESULTS.md. */
  readonly picture?: (trainer: MetaTrainer) => Promise<string>;
}
