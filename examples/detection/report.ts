import { join } from 'node:path';
import { formatTable, meanInterval, pairedDifference, savePicture, stepsPicture, type Cell, type Series } from 'hypermeta';
import { methodNames } from './methods';
import { readSceneResults, type SceneResults, type SceneRun } from './results';

/** The section on few-shot detection; nothing where nothing was run. */
export async function detectionSection(results: string): Promise<string | undefined> {
  const found = readSceneResults(join(results, 'detection/scenes.json'));
  if (!found || found.runs.length === 0) return undefined;
  const made = new Set(found.runs.map(({ method }) => method));
  const methods = methodNames.filter((method) => made.has(method));
  const places = placesOf(found.runs[0]!); // there is one
  const chart = 'results/detection/scenes';
  await savePicture(await chartOf(found, methods), join(results, 'detection/scenes'));
  const header = ['AP50', ...places.map(({ size, shots }) => `${size} px, K = ${shots}`), 'ms to adapt', 'ms an image', 's of training'];
  const rows = methods.map((method): Cell[] => {
    const own = found.runs.filter((run) => run.method === method);
    const mean = (values: readonly number[]) => meanInterval(values).mean;
    const { generated, pretrained } = found.trainingSeconds;
    const training = method === 'generated head' ? generated : pretrained;
    return [method, ...places.map((place) => spread(valuesOf(own, place))), mean(own.map(({ adaptMs }) => adaptMs)), mean(own.map(({ imageMs }) => imageMs)), Math.round(training)];
  });
  return [
    '## Few-shot detection: characters in scenes',
    about(found),
    formatTable(header, rows, { style: 'markdown' }),
    differences(found, methods),
    `![AP50 against annotated boxes](${chart}.svg)`,
    '![Scenes with what was found](results/detection/episodes.png)',
    choices(found),
  ].join('\n\n');
}

interface Place {
  readonly size: number;
  readonly shots: number;
}

function placesOf({ scores }: SceneRun): readonly Place[] {
  return scores.map(({ size, shots }) => ({ size, shots }));
}

/** Each episode's AP50, the mean over seeds; episodes without anything to find are left out, the same for all methods. */
function valuesOf(runs: readonly SceneRun[], { size, shots }: Place): readonly number[] {
  const lists = runs.map(({ scores }) => scores.find((score) => score.size === size && score.shots === shots)!.values); // all have the same places
  return lists[0]!.flatMap((first, episode) => (first === null ? [] : [meanInterval(lists.map((values) => values[episode]!)).mean]));
}

function spread(values: readonly number[]): Cell {
  const { mean, interval } = meanInterval(values);
  return { value: mean, interval };
}

function about({ settings, parameters, runs }: SceneResults): string {
  const hasJoint = runs.some(({ method }) => method === 'joint training');
  const seeds = new Set(runs.map(({ seed }) => seed)).size;
  const episodes = valuesOf([runs[0]!], placesOf(runs[0]!)[0]!).length;
  return [
    `Find one handwritten character among others in scenes of 64 × 64 pixels, 3 to 6 characters in sizes of 14 to 28, from K annotated boxes of it, one in each of K scenes whose other characters are not annotated and ignored. Meta-training, tuning and test have alphabets of their own. VOC-style AP50 over the ${settings.testScenes} query scenes of an episode, in which the character stands never, once or twice; mean over ${episodes} episodes of the test alphabets, the same for all methods, ± half of a 95 % interval over them${seeds > 1 ? `, each the mean of ${seeds} seeds` : ', one seed'}. 96 px: larger scenes of 6 to 12 characters, by the same weights.`,
    `One detector for all, ${parameters.detector.toLocaleString('en')} weights (with the generator of the head ${parameters.generated.toLocaleString('en')} values). "Fine-tuning" starts from the detector trained on all meta-training characters at once, in ${settings.steps} steps of ${settings.pretrainScenes} scenes; "generated head" makes its class head from the features in the annotated boxes, and was meta-trained in ${settings.metaSteps} steps, each on an episode of ${settings.trainWays} characters at once, after ${settings.bodySteps} steps of ordinary training${hasJoint ? `; "joint training" has ${settings.jointScenes} more scenes of those, on which the character is nowhere, beside the annotated ones` : '; joint training was not run'}. Each had ${2 * settings.triedRates * settings.triedSteps} trials (what changes, rate, steps; those of no step are one) on ${settings.validationEpisodes} episodes of the tuning alphabets at each of K = ${settings.tunedShots.join(' and ')}, at the first seed. Milliseconds and seconds of processor time; 5 boxes; seconds are steps times what a step took, measured in turn.`,
  ].join('\n\n');
}

/** What the generated head has over the others, episode by episode and on the seeds that both have. */
function differences({ runs }: SceneResults, methods: readonly string[]): string {
  const [ours, ...others] = methods;
  const points = (value: number) => (100 * value).toFixed(1);
  const sentences = others.flatMap((other) => {
    const pairs = runs.filter(({ method }) => method === ours).flatMap((own) => runs.filter(({ method, seed }) => method === other && seed === own.seed).map((theirs) => ({ own, theirs })));
    if (pairs.length === 0) return [];
    const difference = (some: typeof pairs, place: Place) => pairedDifference(valuesOf(some.map(({ own }) => own), place), valuesOf(some.map(({ theirs }) => theirs), place));
    const each = placesOf(pairs[0]!.own).map((place) => {
      const { mean, interval } = difference(pairs, place);
      const bySeed = pairs.map((pair) => points(difference([pair], place).mean));
      return `${place.size} px, K = ${place.shots}: ${points(mean)} ± ${points(interval)}${pairs.length > 1 ? ` (by seed ${bySeed.join(', ')})` : ''}`;
    });
    return [`Paired difference of the ${ours} to ${other}, in points of AP50: ${each.join('; ')}.`];
  });
  return sentences.join(' ');
}

function choices({ runs }: SceneResults): string {
  const each = runs.map(({ method, seed, scores, env }) => {
    const changes = scores.filter(({ choice }, at) => scores.findIndex((other) => JSON.stringify(other.choice) === JSON.stringify(choice)) === at);
    const chosen = changes.map(({ shots, choice: { changes, learningRate, steps } }) => `from K = ${shots} on: ${steps === 0 ? 'no step' : `${steps} ${steps === 1 ? 'step' : 'steps'} on ${changes}, rate ${learningRate}`}`);
    return `${method}, seed ${seed}: ${chosen.join(', ')} (commit ${String(env['commit'])})`;
  });
  const env = runs[0]!.env;
  return `Chosen: ${each.join('; ')}. ${String(env['cores'])} cores of ${String(env['cpu'])}, one thread, node ${String(env['node'])}, onnxruntime ${String(env['onnxruntime'])}.`;
}

function chartOf({ runs, settings }: SceneResults, methods: readonly string[]): Promise<string> {
  const size = settings.sizes[0]!; // one at least
  const series = methods.map((method): Series => {
    const own = runs.filter((run) => run.method === method);
    const points = settings.shots.map((shots) => {
      const { mean: value, interval } = meanInterval(valuesOf(own, { size, shots }));
      return { step: shots, value, interval };
    });
    return { name: method, points };
  });
  return stepsPicture({ series, metric: 'AP50', counted: 'annotated boxes (K)', title: 'Characters in scenes, novel alphabets' });
}
