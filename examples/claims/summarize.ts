import { compareRuns, meanInterval, type ComparedPair, type Mean } from 'hypermeta';
import type { LearnerRun, StepScore } from './records';

/** The runs of one method, one for each seed. */
export interface MethodRuns {
  readonly name: string;
  readonly kind: LearnerRun['kind'];
  readonly runs: readonly LearnerRun[];
}

/** Methods in the order of their first runs. */
export function methodsOf(runs: readonly LearnerRun[], domain: string, classes?: number): readonly MethodRuns[] {
  const own = runs.filter((run) => run.domain === domain && run.classes === classes);
  return [...new Set(own.map(({ method }) => method))].map((name) => {
    const runsOf = own.filter(({ method }) => method === name);
    return { name, kind: runsOf[0]!.kind, runs: runsOf }; // it has one
  });
}

/** On a test after a number of steps: over episodes where there is one seed, over the seeds' means by Student's t where there are more. */
export function scoreAfter({ runs }: MethodRuns, test: string, steps: number): Mean | undefined {
  return overSeeds(runs.flatMap((run) => run.scores[test]?.find((score) => score.steps === steps) ?? []));
}

/** After the number of steps that each run chose on validation tasks. */
export function chosenScore({ runs }: MethodRuns, test: string): Mean | undefined {
  return overSeeds(runs.flatMap((run) => run.scores[test]?.find(({ steps }) => steps === run.steps) ?? []));
}

function overSeeds(scores: readonly StepScore[]): Mean | undefined {
  const [first] = scores;
  if (!first || scores.length > 1) return first && meanInterval(scores.map(({ mean }) => mean), { quantile: 'student' });
  return { mean: first.mean, interval: first.interval, count: 1 };
}

/** Numbers of steps that a method was scored after. */
export function stepsOf({ runs }: MethodRuns, test = 'unseen'): readonly number[] {
  return (runs[0]!.scores[test] ?? []).map(({ steps }: StepScore) => steps);
}

/** Of the settings that the runs chose, on validation tasks: their mean over seeds. */
function validationScore({ runs }: MethodRuns): number {
  const scores = runs.map(({ settings, tried }) => tried.find(({ about }) => about === settings['about'])!.validation!.mean); // one of them was chosen
  return meanInterval(scores).mean;
}

/**
 * The hypernetwork less the traditional learner on the same unseen tasks, of each kind the best on validation tasks: so that
 * the interval is of learners that no test task has picked. Absent where one has no run, or they have other episodes.
 */
export function leadOfHypernetworks(methods: readonly MethodRuns[]): (ComparedPair & { readonly better: 'higher' | 'lower' }) | undefined {
  const best = (kind: LearnerRun['kind']) => {
    const own = methods.filter((method) => method.kind === kind);
    const sign = own[0]?.runs[0]!.better === 'higher' ? -1 : 1;
    return own.sort((one, other) => sign * (validationScore(one) - validationScore(other)))[0];
  };
  const [ours, theirs] = [best('hypernetwork'), best('traditional')];
  if (!ours || !theirs) return undefined;
  const seeds = ours.runs.map(({ seed }) => seed).filter((seed) => theirs.runs.some((run) => run.seed === seed));
  const compared = [ours, theirs].flatMap(({ runs }) => runs.filter(({ seed }) => seeds.includes(seed)));
  if (compared.length === 0 || compared.some(({ values }) => values.length !== compared[0]!.values.length)) return undefined;
  const { differences, better } = compareRuns(compared.map(({ method: name, facts, ...run }) => ({ ...run, name, facts: { ...facts, adaptMs: 0 } })));
  return { ...differences[0]!, better }; // ours less theirs
}

/** That lead in a sentence. */
export function describeLead(methods: readonly MethodRuns[]): string {
  const lead = leadOfHypernetworks(methods);
  if (!lead) return '';
  const { name, less, mean, interval, over, better } = lead;
  const isAhead = (better === 'higher' ? mean : -mean) > 0;
  const verdict = Math.abs(mean) <= interval ? 'no difference that the interval shows' : isAhead ? 'the hypernetwork is ahead' : 'the hypernetwork is behind';
  return `Best hypernetwork on validation tasks, ${name}, less the best traditional learner there, ${less}, both on the same unseen tasks: ${mean.toFixed(4)} ± ${interval.toFixed(4)} over ${over}: ${verdict}.`;
}

/** What the numbers are, in a sentence. */
export function describeRuns(methods: readonly MethodRuns[]): string {
  const { metric, better, values } = methods[0]!.runs[0]!;
  const seeds = methods.map(({ runs }) => runs.length);
  const over = [
    ...(seeds.some((count) => count === 1) ? ['episodes where there is one seed'] : []),
    ...(seeds.some((count) => count > 1) ? [`the means of ${Math.max(...seeds)} seeds (Student's t) where there are several`] : []),
  ].join(', ');
  return `${metric}, ${better} is better, on ${values.length} unseen tasks, the same for all, each query predicted on its own; ± is half of a 95 % interval over ${over}.`;
}
