import { formatTable, type Evaluation, type MetaTrainer } from 'hypermeta';

type Steps = Pick<MetaTrainer, 'step' | 'bestStep'>;

/** How far the trainer was, whose weights were scored, and the scores without their single episodes. */
export function listScores({ learner, metric, better, scores }: Evaluation, { step, bestStep }: Steps) {
  return { step, bestStep, learner, metric, better, scores: scores.map(({ steps, mean, interval, values }) => ({ steps, mean, interval, episodes: values.length })) };
}

/** A table for a person. */
export function formatEvaluation({ learner, metric, scores }: Evaluation, steps: Steps): string {
  const rows = scores.map(({ steps: inner, mean, interval }) => [inner, { value: mean, interval }] as const);
  return `${learner}: ${metric} on ${scores[0]?.values.length} unseen episodes, ± 95 %${weightsInWords(steps)}\n${formatTable(['inner steps', metric], rows)}`;
}

/** Whose weights were scored, where they are not the latest. */
export function weightsInWords({ step, bestStep = step }: Steps): string {
  return bestStep === step ? '' : `, with the weights of step ${bestStep}, the best by validation`;
}
