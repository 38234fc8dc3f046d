import { evaluateFromScratch, type FromScratchOptions, type Network, type Score, type TaskSource } from 'hypermeta';

export interface TunedOptions extends Pick<FromScratchOptions, 'validation' | 'episodes'> {
  /** Adam's rates to choose from. */
  readonly learningRates: readonly number[];
  /** Numbers of steps to choose from. */
  readonly steps: readonly number[];
  readonly validationEpisodes: number;
}

/** As `evaluateFromScratch` names its own. */
const tuningSeed = 'evaluation/tuning';

/** The same network trained on each support set alone; its rate and its number of steps are those that do best on validation episodes. */
export async function tunedFromScratch(base: Network, source: TaskSource, options: TunedOptions): Promise<Score & { readonly learningRate: number }> {
  const { validation = source, learningRates, steps, validationEpisodes, ...scored } = options;
  const tried: { readonly learningRate: number; readonly steps: number; readonly value: number }[] = [];
  for (const learningRate of learningRates) {
    const { scores, better } = await evaluateFromScratch(base, validation, { learningRates: [learningRate], steps, episodes: validationEpisodes, seed: tuningSeed });
    tried.push(...scores.map((score) => ({ learningRate, steps: score.steps, value: better === 'higher' ? score.mean : -score.mean })));
  }
  const best = tried.reduce((first, other) => (other.value > first.value ? other : first));
  const { scores } = await evaluateFromScratch(base, source, { ...scored, learningRates: [best.learningRate], steps: [best.steps] });
  return { ...scores[0]!, learningRate: best.learningRate }; // of one number of steps
}
