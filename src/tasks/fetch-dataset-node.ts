import { DataError, expectOneOf, expectPositive, shown } from '../core/errors';
import { downloadFile, type DownloadOptions } from './download-node';
import type { LabelledIdxPaths } from './idx-node';
import { publicDatasets } from './public-datasets';

/** Data sets that `fetchDataset` knows, and what it gives for them: what their readers take. */
export interface FetchedDatasets {
  /** The folder: `omniglot({ dir, … })`. */
  readonly omniglot: string;
  /** 60,000 and 10,000 images: `readLabelledIdx(mnist.train)`. */
  readonly mnist: FetchedIdx;
  readonly 'fashion-mnist': FetchedIdx;
}

export interface FetchedIdx {
  readonly train: LabelledIdxPaths;
  readonly test: LabelledIdxPaths;
}

export interface FetchDatasetOptions extends DownloadOptions {
  /** Where data sets are kept, each in a folder of its name. @default hypermeta in the user's cache folder */
  readonly dir?: string;
  /** Folders on the web to ask in place of the public ones, the first one first. Their files must be the same. */
  readonly from?: string | readonly string[];
}

/**
 * A public data set, downloaded once: checked by SHA-256, taken up again where a download was cut, from a second mirror where
 * the first fails. Any number of calls and processes may ask for it at once. Node only.
 *
 * @example
 * const tasks = await omniglot({ dir: await fetchDataset('omniglot'), ways: 5, shots: 1 });
 *
 * @throws DataError for a `from` that is no URL, and where no server has it, such as offline: it says what to download by hand, and to where; the signal's reason
 */
export async function fetchDataset<Name extends keyof FetchedDatasets>(name: Name, options: FetchDatasetOptions = {}): Promise<FetchedDatasets[Name]> {
  expectOneOf('fetchDataset: name', name, Object.keys(publicDatasets));
  if (options.stallAfter !== undefined) expectPositive('fetchDataset: stallAfter', options.stallAfter);
  const { join } = process.getBuiltinModule('node:path');
  const { mirrors, files } = publicDatasets[name];
  const { dir = cacheFolder(), from = mirrors, ...how } = options;
  const servers = typeof from === 'string' ? [from] : from;
  const wrong = servers.find((server) => !URL.canParse(server));
  if (servers.length === 0 || wrong !== undefined)
    throw new DataError(`fetchDataset: from: expected URLs of folders, such as https://example.org/${name}, got ${wrong === undefined ? 'none' : `'${shown(wrong)}'`}.`);
  const folder = join(dir, name);
  for (const file of files) await once(join(folder, file.name), () => downloadFile(file, servers, folder, how));
  const given: FetchedDatasets = { omniglot: folder, mnist: idxPaths(folder), 'fashion-mnist': idxPaths(folder, clothes) };
  return given[name];
}

const clothes = ['T-shirt/top', 'Trouser', 'Pullover', 'Dress', 'Coat', 'Sandal', 'Shirt', 'Sneaker', 'Bag', 'Ankle boot'];

function idxPaths(folder: string, names?: readonly string[]): FetchedIdx {
  const { join } = process.getBuiltinModule('node:path');
  const part = (start: string): LabelledIdxPaths => ({ images: join(folder, `${start}-images-idx3-ubyte.gz`), labels: join(folder, `${start}-labels-idx1-ubyte.gz`), ...(names ? { names } : {}) });
  return { train: part('train'), test: part('t10k') };
}

const running = new Map<string, Promise<unknown>>();

/** One download of a file at a time in this process. Whatever came of another, the file is there then, or asked for anew. */
async function once(path: string, work: () => Promise<unknown>): Promise<void> {
  for (let other = running.get(path); other; other = running.get(path)) await other.catch(() => undefined);
  const own = work().finally(() => running.delete(path));
  running.set(path, own);
  await own;
}

/** Of the user, on this system. */
function cacheFolder(): string {
  const { join } = process.getBuiltinModule('node:path');
  const { homedir } = process.getBuiltinModule('node:os');
  const { XDG_CACHE_HOME, LOCALAPPDATA } = process.env;
  const base = process.platform === 'win32' ? (LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local')) : XDG_CACHE_HOME || join(homedir(), '.cache');
  return join(base, 'hypermeta');
}
