import { learnerFacts, type TaskSource } from 'hypermeta';
import { environment } from '../environment';
import type { TrainedMethod, TrainTime } from './meta-train';
import type { Method } from './methods';
import type { MethodRun } from './records';

/** What is recorded of every run, whatever it is scored on. The trainer stays in use. */
export async function describeRun(
  { name, about, innerSteps }: Method,
  { seed, runtime }: TrainTime,
  { trainer, steps, seconds, trials, choice }: TrainedMethod & Pick<MethodRun, 'trials' | 'choice'>,
  source: TaskSource,
): Promise<Omit<MethodRun, 'data'>> {
  const { metaParameters, adaptedValues } = await learnerFacts(trainer.learner, trainer.meta, source, trainer.settings.inner, runtime ? { runtime } : {});
  return { name, about, seed, innerSteps, trials, choice, steps, seconds, facts: { metaParameters, adaptedValues }, env: environment() };
}
