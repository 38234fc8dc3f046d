import {
  anil,
  boil,
  cavia,
  hyperClassifier,
  hyperLearner,
  hyperMaml,
  imaml,
  learnedRates,
  leo,
  maml,
  mamlPlusPlus,
  metaCurvature,
  metaSgd,
  neuralProcess,
  protonet,
  r2d2,
  versa,
  type Learner,
  type LearnerKinds,
  type Network,
  type PlainLearnerKinds,
  type TaskSource,
} from 'hypermeta';
import * as z from 'zod';
import { activationName } from './config-layers';
import { block, classStarts, families, starts, trunk } from './config-embedding';
import { count, countOrNone, described, make, optional, positive, row, type Rows } from './config-rows';

/** What a learner is made for. */
export interface LearnerContext {
  readonly tasks: TaskSource;
  /** The base network, with so many more values on its last input axis. */
  base(extraInputs?: number): Network;
}

const anyWays = optional({ head: z.enum(['any-ways', 'columns']) });
const adaptation = optional({ adapt: z.enum(['embedding', 'weights', 'both', 'all', 'hypernetwork', 'nothing']), embeddingSteps: countOrNone });
const generation = optional({ embeddingSize: count, family: described(families) });
const start = described(starts);
const weight = z.number().min(0);

const plainLearners: Rows<PlainLearnerKinds, LearnerContext, Learner> = {
  hypernetwork: row(
    { ...generation, ...optional({ start }), ...adaptation },
    ({ embeddingSize = 8, family = 'full', start: from = 'learned', ...options }, { base, tasks }: LearnerContext) =>
      hyperLearner(base(), make(families, family, { embeddingSize }), { ...options, start: make(starts, from, { embeddingSize, tasks }) }),
  ),
  hyperClassifier: row(
    {
      ...optional({
        head: described(families),
        classes: described(classStarts),
        around: z.enum(['prototypes', 'nothing']),
        attention: z.strictObject(optional(block)),
        body: z.strictObject({ start, ...generation }),
      }),
      ...adaptation,
    },
    ({ head = 'full', classes = 'features', body, ...options }, { base, tasks }: LearnerContext) => {
      const network = base();
      const { embeddingSize = 8, family = 'full' } = body ?? {};
      const encoder = make(classStarts, classes, { embeddingSize, tasks });
      return hyperClassifier(network, {
        ...options,
        head: make(families, head, { embeddingSize: encoder?.classSize ?? featuresOf(network) }),
        ...(encoder ? { classes: encoder } : {}),
        ...(body ? { body: { family: make(families, family, { embeddingSize }), start: make(starts, body.start, { embeddingSize, tasks }) } } : {}),
      });
    },
  ),
  maml: row(anyWays, (options, { base }: LearnerContext) => maml(base(), options)),
  anil: row(anyWays, (options, { base }: LearnerContext) => anil(base(), options)),
  boil: row({}, (_, { base }: LearnerContext) => boil(base())),
  metaSgd: row(
    { ...anyWays, ...optional({ initialRate: z.union([positive, z.tuple([positive, positive])]) }) },
    (options, { base }: LearnerContext) => metaSgd(base(), options),
  ),
  metaCurvature: row(anyWays, (options, { base }: LearnerContext) => metaCurvature(base(), options)),
  mamlPlusPlus: row({ steps: count, ...anyWays }, (options, { base }: LearnerContext) => mamlPlusPlus(base(), options)),
  imaml: row({ lambda: positive, ...anyWays }, (options, { base }: LearnerContext) => imaml(base(), options)),
  leo: row(
    optional({
      latentSize: count,
      latentSteps: countOrNone,
      latentRate: positive,
      columnRate: positive,
      sample: z.enum(['everything', 'latents', 'nothing']),
      klWeight: weight,
      encoderWeight: weight,
      orthogonalityWeight: weight,
      activation: trunk.activation,
    }),
    (options, { base }: LearnerContext) => leo(base(), options),
  ),
  cavia: row({ contextSize: count }, ({ contextSize }, { base }: LearnerContext) => cavia(base(contextSize), { contextSize })),
  protonet: row({}, (_, { base }: LearnerContext) => protonet(base())),
  r2d2: row(optional({ ridge: positive, scale: positive }), (options, { base }: LearnerContext) => r2d2(base(), options)),
  hyperMaml: row(
    { ...anyWays, ...optional({ ...trunk, initialScale: positive, adapt: z.enum(['nothing', 'head']) }) },
    (options, { base }: LearnerContext) => hyperMaml(base(), options),
  ),
  versa: row(optional({ hidden: z.array(count), activation: activationName }), (options, { base }: LearnerContext) => versa(base(), options)),
  neuralProcess: row(
    optional({ embeddingSize: count, encoder: start }),
    ({ embeddingSize = 8, encoder = 'set' }, { base, tasks }: LearnerContext) =>
      neuralProcess(base(embeddingSize), { encoder: make(starts, encoder, { embeddingSize, tasks }) }),
  ),
};

/** Learners of the grid. A new one is a row above; this one is around another. */
export const learners: Rows<LearnerKinds, LearnerContext, Learner> = {
  ...plainLearners,
  learnedRates: row({ of: described(plainLearners), steps: count }, ({ of, steps }, context: LearnerContext) =>
    learnedRates(make(plainLearners, of, context), { steps }),
  ),
};

/** Values in front of the last layer, which stand for a class. */
function featuresOf({ head, specs }: Network): number {
  const kernel = head && specs[head.kernel];
  if (!kernel) throw new RangeError('hyperClassifier: base: expected a linear last layer, got none.');
  return kernel.shape[0]!; // features × outputs
}
