/** A file by what is in it, wherever it comes from. */
export interface PublicFile {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** A data set of several files, and where they lie. */
export interface PublicDataset {
  /** Folders that hold all files, the first to be asked first. */
  readonly mirrors: readonly string[];
  readonly files: readonly PublicFile[];
  readonly licence: string;
}

const idxNames = ['train-images-idx3-ubyte.gz', 'train-labels-idx1-ubyte.gz', 't10k-images-idx3-ubyte.gz', 't10k-labels-idx1-ubyte.gz'] as const;

const idxFiles = (sizes: readonly number[], sums: readonly string[]): readonly PublicFile[] =>
  idxNames.map((name, index) => ({ name, bytes: sizes[index]!, sha256: sums[index]! })); // one each

/** By name. The checksums are those that TensorFlow Datasets publishes too. */
export const publicDatasets = {
  /** Lake, Salakhutdinov, Tenenbaum, Science 350, 2015: the authors' repository. */
  omniglot: {
    mirrors: ['https://raw.githubusercontent.com/brendenlake/omniglot/master/python/', 'https://github.com/brendenlake/omniglot/raw/master/python/'],
    files: [
      { name: 'images_background.zip', bytes: 9_464_212, sha256: 'ad41ab679c8b5d90b271ef46be6987cc81211774a695c29dcc5367b2b26ee640' },
      { name: 'images_evaluation.zip', bytes: 6_462_886, sha256: '1f61a8f3366785b057fc117d9228e78a16e3d976c8953b2a10fcc74cf0609cee' },
    ],
    licence: 'MIT',
  },
  /** LeCun, Bottou, Bengio, Haffner, Proceedings of the IEEE 86, 1998. */
  mnist: {
    mirrors: ['https://storage.googleapis.com/cvdf-datasets/mnist/', 'https://ossci-datasets.s3.amazonaws.com/mnist/'],
    files: idxFiles(
      [9_912_422, 28_881, 1_648_877, 4_542],
      [
        '440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609',
        '3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c',
        '8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6',
        'f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6',
      ],
    ),
    licence: 'CC BY-SA 3.0',
  },
  /** Xiao, Rasul, Vollgraf, 2017 (arXiv 1708.07747). */
  'fashion-mnist': {
    mirrors: ['https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/', 'http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/'],
    files: idxFiles(
      [26_421_880, 29_515, 4_422_102, 5_148],
      [
        '3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84',
        'a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845',
        '346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073',
        '67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5',
      ],
    ),
    licence: 'MIT',
  },
} as const satisfies Readonly<Record<string, PublicDataset>>;
