import { classification, metaTrainer, readSafetensors, sinusoids, type MetaTrainer, type RuntimeName, type TaskSource } from 'hypermeta';
import { writeTask, type SavedTask } from '../../src/trainer/saved-task';
import { openClassifier, type Classifier, type Drawings, type Path } from './classifier';
import { openCurveLearner, type CurveLearner, type Fit, type Point } from './curve';
import { classEmbeddingSize, curveEmbeddingSize, drawingShape, pageLearners, trainedNames, withoutLearnedRates, type DrawingLearnerName, type TrainedName } from './learners';

/** The bytes of each learner's checkpoint. */
export type Checkpoints = Readonly<Record<TrainedName, Uint8Array>>;

/** A hypernetwork's adapted task: of drawings, where there are classes, or of a curve. */
export interface KeptTask {
  readonly embedding: Float32Array;
  readonly classes?: readonly string[];
}

/** All that the page computes: asked for from afar in a browser, directly in Node. */
export interface Workbench {
  adapt(name: DrawingLearnerName, drawings: Drawings): Promise<Path>;
  /** The hypernetwork at these class embeddings. */
  restore(embeddings: Float32Array, ways: number): Promise<void>;
  predict(name: DrawingLearnerName, x: Float32Array): Promise<readonly Float32Array[]>;
  adaptCurve(points: readonly Point[], steps: number): ReturnType<CurveLearner['adapt']>;
  fitCurve(embedding: Float32Array): Promise<Fit>;
  /** As `adapted.saveTask()` gives it. */
  saveTask(task: KeptTask): Promise<SavedTask>;
  /** @throws DataError for what is no task of these learners */
  loadTask(saved: unknown): Promise<KeptTask>;
  /** The adapted network, for one input at a time, or for a curve's grid. */
  toOnnx(task: KeptTask): Promise<Uint8Array>;
  /** Ends all compiled programs. */
  dispose(): Promise<void>;
}

export function openWorkbench(checkpoints: Checkpoints, runtime?: RuntimeName): Workbench {
  const tensors = mapNames((name) => readSafetensors(checkpoints[name], name).tensors);
  const meta = mapNames((name) => withoutLearnedRates(tensors[name], pageLearners[name]()).meta);
  const classifiers = new Map<DrawingLearnerName, Classifier>();
  const trainers = new Map<TrainedName, Promise<MetaTrainer>>();
  let curve: CurveLearner | undefined;

  const classifier = (name: DrawingLearnerName) => once(classifiers, name, () => openClassifier(name, tensors[name], runtime));
  const curveLearner = () => (curve ??= openCurveLearner(tensors.curve, runtime));
  const keeper = (isCurve: boolean) => {
    const name = isCurve ? 'curve' : 'hypernetwork';
    return once(trainers, name, () => metaTrainer(pageLearners[name]().learner, isCurve ? sinusoids() : blankDrawings, { meta: meta[name], ...(runtime ? { runtime } : {}) }));
  };

  function saveTask({ embedding, classes }: KeptTask): Promise<SavedTask> {
    const { name } = pageLearners[classes ? 'hypernetwork' : 'curve']().learner;
    const floats = (values: Float32Array, shape: readonly number[]) => ({ values, shape, dtype: 'float32' as const });
    if (!classes) return writeTask(name, meta.curve, { of: 'state', values: { embedding: floats(embedding, [1, curveEmbeddingSize]) }, statistics: {} });
    const ways = classes.length;
    const values = { classes: floats(embedding, [1, ways, classEmbeddingSize]), absence: floats(new Float32Array(ways), [1, ways]) };
    return writeTask(name, meta.hypernetwork, { of: 'state', values, statistics: {}, classes });
  }

  return {
    adapt: (name, drawings) => classifier(name).adapt(drawings),
    async restore(embeddings, ways) {
      classifier('hypernetwork').restore(embeddings, ways);
    },
    predict: (name, x) => classifier(name).predict(x),
    adaptCurve: (points, steps) => curveLearner().adapt(points, steps),
    fitCurve: (embedding) => curveLearner().fit(embedding),
    saveTask,
    async loadTask(saved) {
      const isCurve = (saved as Partial<SavedTask> | null)?.learner === pageLearners.curve().learner.name;
      const adapted = await (await keeper(isCurve)).loadTask(saved);
      adapted.dispose(); // it was to be checked
      const { values, classes } = saved as SavedTask;
      return { embedding: Float32Array.from(values[isCurve ? 'embedding' : 'classes']!.values), ...(classes ? { classes: classes.map(String) } : {}) };
    },
    async toOnnx(task) {
      const adapted = await (await keeper(!task.classes)).loadTask(await saveTask(task));
      const bytes = adapted.toOnnx({ batch: 1 });
      adapted.dispose();
      return bytes;
    },
    async dispose() {
      await Promise.all([...classifiers.values()].map((each) => each.dispose()));
      await curve?.dispose();
      for (const trainer of trainers.values()) (await trainer).dispose();
    },
  };
}

/** Stands for the shapes of tasks; nothing is learned from it. */
const blankDrawings: TaskSource = {
  inputShape: drawingShape,
  targetShape: [5],
  objective: classification,
  sample: () => ({ support: blank, query: blank }),
};

const blank = { x: new Float32Array(5 * 784), y: Float32Array.from({ length: 25 }, (_, index) => (index % 6 === 0 ? 1 : 0)), count: 5 };

function mapNames<Value>(of: (name: TrainedName) => Value): Readonly<Record<TrainedName, Value>> {
  return Object.fromEntries(trainedNames.map((name) => [name, of(name)])) as Record<TrainedName, Value>; // all of them
}

function once<Key, Value>(known: Map<Key, Value>, key: Key, make: () => Value): Value {
  const value = known.get(key) ?? make();
  known.set(key, value);
  return value;
}
