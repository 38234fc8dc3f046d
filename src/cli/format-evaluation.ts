import { formatTable, type Evaluation } from 'hypermeta';

/** The scores without their single episodes. */
export function listScores({ learner, metric, better, scores }: Evaluation) {
  return { learner, metric, better, scores: scores.map(({ steps, mean, interval, values }) => ({ steps, mean, interval, episodes: values.length })) };
}

/** A table for a person. */
export function formatEvaluation({ learner, metric, scores }: Evaluation, episodes = scores[0]?.values.length): string {
  const rows = scores.map(({ steps, mean, interval }) => [steps, { value: mean, interval }] as const);
  return `${learner}: ${metric} on ${episodes} unseen episodes, ± 95 %\n${formatTable(['inner steps', metric], rows)}`;
}
