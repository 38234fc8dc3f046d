import { copyToHost, cosine, metaTrainer, unrolled, warmup, type HostParams, type Learner, type TaskSource } from 'hypermeta';

export interface TrainModelOptions {
  readonly steps: number;
  readonly batch: number;
  readonly learningRate: number;
  readonly seed: string;
}

/**
 * Meta-trains without inner steps: Adam, whose rate grows for a twentieth of the steps and falls along half a cosine; the divergence
 * counts in full after a fifth of them. From the full rate at once, a field of moves may leave the drawing in the first steps, for good.
 */
export async function trainModel(learner: Learner, tasks: TaskSource, { steps, batch, learningRate, seed }: TrainModelOptions): Promise<HostParams> {
  const trainer = await metaTrainer(learner, tasks, {
    innerSteps: 0,
    metaBatchSize: batch,
    outerLearningRate: warmup(cosine(learningRate, steps, { end: learningRate / 50 }), Math.ceil(steps / 20)),
    outerClip: { by: 'norm', limit: 10 },
    metaGradient: unrolled({ penalty: { annealedOver: Math.ceil(steps / 5) } }),
    seed,
  });
  const every = Math.ceil(steps / 10);
  let sum = 0;
  try {
    for await (const { step, queryLoss } of trainer.train({ steps })) {
      sum += queryLoss;
      if (step % every !== 0) continue;
      console.log(`  step ${step} of ${steps}: loss ${(sum / every).toFixed(4)} a pixel`);
      sum = 0;
    }
    return copyToHost(trainer.meta);
  } finally {
    trainer.dispose();
  }
}
