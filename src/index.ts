/** The whole public API. On import, tfjs's second derivatives are mended and its advertisement is silenced. */
import { quietCpu } from './engine/quiet-cpu';
import { repairGradients } from './ops/gradient-repair';

repairGradients();
quietCpu();

// core: the words every part speaks
export { DataError, DivergenceError, EngineError, ShapeError } from './core/errors';
export type { Hypernetwork, HypernetworkFamily } from './core/hypernetwork';
export { constantInit, heInit, normalInit, orthogonalInit, uniformInit } from './core/initializers';
export type { At, Learner, TaskInputs } from './core/learner';
export type { Head, Memory, Network, Pass } from './core/network';
export { copyToHost, type DataType, type HostFloats, type HostParams, type HostTensor, type HostValues } from './core/host-tensor';
export { seededNoise, type Noise } from './core/noise';
export {
  countParams,
  disposeParams,
  initParams,
  mapParams,
  scopeRecord,
  tileParams,
  unscopeRecord,
  type Initializer,
  type ParamRole,
  type Params,
  type ParamSpec,
  type ParamSpecs,
} from './core/params';
export type { Pair } from './core/pair';
export { createRng, type Rng } from './core/rng';
export { sizeOf, type Shape, type ShapePattern } from './core/shape';
export { startAt } from './core/start-at';
export { startMemory } from './core/start-memory';
export type { StandardLayer, StandardLayers } from './core/standard-layer';
export type {
  Episode,
  EpisodeBatch,
  ExampleArrays,
  Examples,
  HostBatch,
  HostExamples,
  Loss,
  Objective,
  TaskSource,
  TaskSplits,
} from './core/task';

// ops: right to second order
export {
  checkDerivatives,
  type CheckDerivativesOptions,
  type DerivativeCheck,
  type DerivativeReport,
} from './ops/check-derivatives';
export { logSoftmax, softmaxCrossEntropy } from './ops/cross-entropy';
export { repairGradients } from './ops/gradient-repair';
export { valueAndGradients } from './ops/gradients';
export { solveSymmetric } from './ops/solve';
export { stopGradient } from './ops/stop-gradient';
export { taskConv2d } from './ops/task-convolution';
export { taskDepthwiseConv2d } from './ops/task-depthwise-convolution';
export { taskMatMul } from './ops/task-mat-mul';
export type { ConvolutionOptions, Padding } from './ops/window-steps';

// engine: what computes
export type { EngineAttempt, EngineDescription, EngineName } from './engine/engine';
export { describeEngine, useEngine, type EngineOptions } from './engine/use-engine';
export { compile, type Compiled, type CompiledRun, type CompileOptions, type OnHost, type RuntimeName } from './engine/compile';
export { useOnnxruntime, type OnnxruntimeModule, type UseOnnxruntimeOptions } from './onnx/onnxruntime';
export { workerHost, type WorkerHost } from './onnx/workers-node';

// tasks: where episodes come from
export { alphabetEpisodes, type AlphabetEpisodesOptions } from './tasks/alphabet-episodes';
export { alphabetsOf, backgroundAlphabets, pickAlphabets, type BackgroundSet } from './tasks/background-sets';
export { readExamples, readInputs, type LabelledExamples, type UserExamples, type UserInputs } from './tasks/examples';
export { fewShot, fewShotSplits, type FewShotOptions, type FewShotSplitOptions } from './tasks/few-shot';
export { idxLabelledSet, parseIdx, type Idx, type IdxValues } from './tasks/idx';
export { fetchDataset, type FetchDatasetOptions, type FetchedDatasets, type FetchedIdx } from './tasks/fetch-dataset-node';
export type { DownloadOptions, DownloadProgress } from './tasks/download-node';
export { readIdx, readLabelledIdx, type LabelledIdxPaths } from './tasks/idx-node';
export { readImageFolder, readImages, type ImageFolderOptions, type ReadImages } from './tasks/image-folder-node';
export {
  flattenInputs,
  labelledSet,
  type LabelledArrays,
  type LabelledClass,
  type LabelledSet,
} from './tasks/labelled-set';
export type { Label, LabelSource } from './tasks/labels';
export { bernoulli, type BernoulliOptions } from './tasks/bernoulli';
export { annotatedImages, type AnnotatedImage, type AnnotatedImagesOptions, type AnnotatedSet } from './tasks/annotated-images';
export { readBloodCells, type BloodCells } from './tasks/blood-cells-node';
export { boxAt, decodeBoxes, encodeBoxes, gridOn, targetChannels, type Grid } from './tasks/box-targets';
export { boxArea, intersectionOverUnion, sharedArea, type Box, type LabelledBox } from './tasks/boxes';
export { characterScenes, labelledScenes, type CharacterScenesOptions, type LabelledScenesOptions } from './tasks/character-scenes';
export { detection, type DetectionOptions } from './tasks/detection';
export { sceneDrawer, type Scene, type SceneDrawer, type SceneOptions } from './tasks/draw-scene';
export { gaussian, type GaussianOptions } from './tasks/gaussian';
export { classification, psnr, psnrRegression, regression } from './tasks/objectives';
export { imageFunctions, type ImageFunctionsOptions } from './tasks/image-functions';
export { omniglot, readOmniglot, type OmniglotOptions, type ReadOmniglotOptions } from './tasks/omniglot-node';
export {
  expectUnseen,
  omniglotRuns,
  runEpisodes,
  type OmniglotRun,
  type OmniglotRuns,
  type OmniglotRunsOptions,
} from './tasks/omniglot-runs';
export { readOmniglotRuns, writeOmniglotRuns, type ReadOmniglotRunsOptions } from './tasks/omniglot-runs-node';
export { pixelGrid } from './tasks/pixel-grid';
export type { NumberLists, NumberSource, TypedArray } from './tasks/read-arrays';
export { sinusoid, sinusoids, type Range, type SinusoidOptions } from './tasks/sinusoids';
export { splitClasses, type LabelledSplits, type SplitSizes } from './tasks/split-classes';
export { splitLikeVinyals } from './tasks/vinyals-split';
export { disposeBatch, sampleBatch, sampleOnHost, stackEpisodes, stackOnHost } from './tasks/stack-episodes';
export { prepareDrawing, type PrepareDrawingOptions, type Raster } from './tasks/prepare-drawing';
export { readDataset, readDatasetTable } from './tasks/dataset';
export { readCsv, readJsonLines } from './tasks/read-table-node';
export { parseCsv, parseJsonLines, type CsvOptions, type Table, type TableRow } from './tasks/table';
export { tableTasks, type TableTasks, type TableTasksOptions } from './tasks/table-tasks';
export { transformedImages, type TransformedImagesOptions } from './tasks/transformed-images';
export { imageAugmentation, type Augment, type ImageAugmentationOptions } from './tasks/image-augmentation';
export { drawWarp, type Distortion, type Warp } from './tasks/warp';
export { warpImage } from './tasks/warp-image';

// optim: for both loops
export { adam, type AdamOptions } from './optim/adam';
export { clipTogether, type Clip } from './optim/clip';
export { momentum } from './optim/momentum';
export { startMoments, updateParams, type LearningRate, type Optimizer, type Update } from './optim/optimizer';
export { cosine, warmup, type Order, type Schedule } from './optim/schedule';
export { sgd } from './optim/sgd';

// nn: base networks
export { activation, type ActivationFunction, type ActivationName } from './nn/activation';
export { attention, type Attention, type AttentionOptions } from './nn/attention';
export { attentionBlock, type AttentionBlockOptions } from './nn/attention-block';
export { batchNorm, type BatchNormOptions, type BatchStatistics, type GivenStatistics } from './nn/batch-norm';
export { bidirectional, type BidirectionalOptions } from './nn/bidirectional';
export { conv1d, type Conv1dOptions } from './nn/conv1d';
export { conv2d, type Conv2dOptions } from './nn/conv2d';
export { conv4, conv4Strided, type Conv4Options } from './nn/conv4';
export { dense, type DenseOptions } from './nn/dense';
export { depthwiseConv2d, separableConv2d, type DepthwiseConv2dOptions, type SeparableConv2dOptions } from './nn/depthwise-conv2d';
export { dropout } from './nn/dropout';
export { flatten } from './nn/flatten';
export { fourierFeatures, type FourierFeaturesOptions } from './nn/fourier-features';
export { graph, type GraphOptions, type GraphPart, type JoinPart, type LayerPart } from './nn/graph';
export { gridDetector, type Detector, type GridDetectorOptions } from './nn/grid-detector';
export { gru } from './nn/gru';
export { generatedScales, hyperLstm, type GeneratedScales, type HyperLstmOptions } from './nn/hyper-lstm';
export { concatenation, dotProduct, type DotProductOptions, type ElementwiseJoin, type Join, type Joined, type JoinName } from './nn/join';
export type { GatedOptions, RecurrentOptions } from './nn/kernel-cell';
export type { Layer } from './nn/layer';
export { layerNorm, type LayerNormOptions, type NormOptions } from './nn/layer-norm';
export { layerNormLstm } from './nn/layer-norm-lstm';
export { lstm, type LstmOptions } from './nn/lstm';
export { mlp, type MlpOptions } from './nn/mlp';
export { averagePool, averagePool1d, globalAveragePool, globalMaxPool, maxPool, maxPool1d, type PoolOptions } from './nn/pooling';
export type { SequenceOptions } from './nn/recurrent';
export { residual, type ResidualOptions } from './nn/residual';
export { resnet, type ResnetOptions } from './nn/resnet';
export { permute, repeat, reshape } from './nn/reshape';
export { sequential, type SequentialOptions } from './nn/sequential';
export { sine, type SineOptions } from './nn/sine';
export { simpleRnn } from './nn/simple-rnn';
export { siren, type SirenOptions } from './nn/siren';
export { timeDistributed } from './nn/time-distributed';
export { tokenEmbedding, type TokenEmbeddingOptions } from './nn/token-embedding';
export { upSample } from './nn/up-sample';
export { zeroPad } from './nn/zero-pad';

// convert: a tf.LayersModel as a base network
export { layerConversion, type Conversion, type Conversions, type Converted, type ConvertedLayer, type SourceLayer } from './convert/conversion';
export { fromLayersModel, type ConvertedNetwork, type FromLayersModelOptions } from './convert/from-layers-model';
export type { LayerLike, ModelLike, WeightLike } from './convert/model-nodes';

// hypernets: task embedding → base weights
export { chunkedHypernetwork, type ChunkedHypernetworkOptions } from './hypernets/chunked-hypernetwork';
export { fullHypernetwork, type FullHypernetworkOptions } from './hypernets/full-hypernetwork';
export type { GeneratorOptions, TrunkActivation } from './hypernets/generator';
export type { HyperInit } from './hypernets/hyperfan';
export { kernelHypernetwork, type KernelHypernetworkOptions } from './hypernets/kernel-hypernetwork';
export { layerwiseHypernetwork, type LayerwiseHypernetworkOptions } from './hypernets/layerwise-hypernetwork';
export { lowRankHypernetwork, type LowRankHypernetworkOptions } from './hypernets/low-rank-hypernetwork';
export { modulationHypernetwork, type ModulationHypernetworkOptions } from './hypernets/modulation-hypernetwork';
export { perClass, type ClassGenerator } from './hypernets/per-class';
export { residualHypernetwork, type ResidualHypernetworkOptions } from './hypernets/residual-hypernetwork';
export { summarize, type HypernetworkSummary } from './hypernets/summary';
export { tokenHypernetwork, type TokenHypernetworkOptions } from './hypernets/token-hypernetwork';
export { vectorJacobian, type VectorJacobian } from './hypernets/vector-jacobian';

// embeddings: where a task's embedding starts
export { attentionClassEncoder, type AttentionClassEncoderOptions } from './embeddings/attention-class-encoder';
export { attentionEncoder, type AttentionEncoderOptions } from './embeddings/attention-encoder';
export type { AttentionPoolingOptions } from './embeddings/attention-pooling';
export { boxMeans } from './embeddings/box-means';
export { classEncoder, type ClassEncoderOptions } from './embeddings/class-encoder';
export { classMeans, type ClassMeans } from './embeddings/class-means';
export { conditionEmbedding, type ConditionEmbeddingOptions } from './embeddings/condition-embedding';
export type { ClassEmbeddingStart, EmbeddingStart } from './embeddings/embedding';
export { encodeBounded, type Bounds } from './embeddings/encode-bounded';
export type { ExampleRowsOptions } from './embeddings/example-rows';
export { embeddingTable, type EmbeddingTableOptions } from './embeddings/embedding-table';
export { gaussianEmbedding, type GaussianEmbeddingOptions } from './embeddings/gaussian-embedding';
export { examplePairs } from './embeddings/example-pairs';
export { gridEncoder, type GridEncoderOptions } from './embeddings/grid-encoder';
export { imageSetEncoder, type ImageSetEncoderOptions } from './embeddings/image-set-encoder';
export { learnedEmbedding } from './embeddings/learned-embedding';
export { randomEmbedding, type RandomEmbeddingOptions } from './embeddings/random-embedding';
export { setEncoder, type SetEncoderOptions } from './embeddings/set-encoder';

// learners: rows of one grid
export { anil } from './learners/anil';
export type { HeadStart } from './learners/base-params';
export { boil } from './learners/boil';
export { cavia } from './learners/cavia';
export type { Adapt } from './learners/generated-learner';
export { hyperClassifier, type HyperClassifierOptions } from './learners/hyper-classifier';
export { hyperDetector, type HyperDetectorOptions } from './learners/hyper-detector';
export { hyperLearner, type HyperLearnerOptions } from './learners/hyper-learner';
export { hyperMaml, type HyperMamlOptions } from './learners/hyper-maml';
export { imaml, type ImamlOptions } from './learners/imaml';
export { learnedRates } from './learners/learned-rates';
export { leo, type LeoOptions } from './learners/leo';
export { maml, type MamlOptions } from './learners/maml';
export { mamlPlusPlus, type MamlPlusPlusOptions } from './learners/maml-plus-plus';
export { metaCurvature } from './learners/meta-curvature';
export { metaSgd, type InitialRate, type MetaSgdOptions } from './learners/meta-sgd';
export { neuralProcess, type NeuralProcessOptions } from './learners/neural-process';
export { plainLearner } from './learners/plain-learner';
export { ownHeads } from './learners/own-heads';
export { protonet } from './learners/protonet';
export { r2d2, type R2d2Options } from './learners/r2d2';
export { versa, type VersaOptions } from './learners/versa';

// meta: the two loops, for those who write their own trainer
export { adapter, type AdaptIn, type Adapter, type AdvanceOptions, type HostAdapted, type HostInner, type HostTask } from './meta/adapter';
export { difference, type DifferenceOptions } from './meta/difference';
export { implicit, type ImplicitOptions } from './meta/implicit';
export { adaptedWeights, innerLoop, innerStep, startInner, type Inner, type InnerLoopOptions, type InnerOptions, type InnerStepOptions } from './meta/inner-loop';
export type { MetaGradient } from './meta/meta-gradient';
export { metaGradients, metaStep, startMetaState, type MetaGradients, type MetaGradientsOptions, type MetaState, type MetaStepOptions } from './meta/meta-step';
export { outerSteps, type OuterAt, type OuterMetrics, type OuterSteps, type OuterStepsOptions, type StepMemory, type StepMemoryOptions } from './meta/outer-steps';
export { unrolled, type UnrolledOptions } from './meta/unrolled';

// evaluation: numbers with intervals
export { averagePrecision, type AveragePrecisionOptions, type ImageDetections } from './evaluation/average-precision';
export { evaluateDetection, type DetectionScore, type EvaluateDetectionOptions } from './evaluation/evaluate-detection';
export { readDetections, suppressOverlaps, type FoundBox, type ReadDetectionsOptions, type SuppressOptions } from './evaluation/suppress-overlaps';
export {
  compareRuns,
  type ComparedEntry,
  type ComparedMean,
  type ComparedPair,
  type ComparedRun,
  type Comparison,
} from './evaluation/comparison';
export { calibration, type Calibration, type CalibrationBin, type CalibrationOptions } from './evaluation/calibration';
export type { Certainty, Coverage, UncertaintyOptions } from './evaluation/certainty';
export type { TaskEmbeddings } from './evaluation/task-embeddings';
export { evaluateLearner, type EvaluateOptions, type Evaluation, type Score } from './evaluation/evaluate';
export { evaluateFromScratch, type FromScratch, type FromScratchOptions } from './evaluation/from-scratch';
export { meanInterval, pairedDifference, unpairedDifference, type IntervalOptions, type Mean } from './evaluation/interval';
export { learnerFacts, type LearnerFacts } from './evaluation/learner-facts';
export { coverage, predictiveIntervals, type IntervalLevel, type Intervals } from './evaluation/predictive-intervals';

// io: values as files
export { expectValues } from './io/expect-values';
export { readSafetensors, writeSafetensors, type Safetensors, type SafetensorsType } from './io/safetensors';

// export: adapted networks for programs without this library
export { tfjsFiles, type ExportedFiles, type ExportFormat } from './export/exported-files';
export type { TfjsModel } from './export/tfjs-model';
export { writeExport } from './export/write-export-node';

// trainer: the user's door
export type { AdaptOptions } from './trainer/adapt-task';
export type { Adapted, Numbers, PredictedIntervals, PredictOptions } from './trainer/adapted';
export type { ExportOptions } from './trainer/export-adapted';
export { exportAdapted } from './trainer/export-files';
export { compare, type CompareEntry, type CompareEvent, type CompareOptions } from './trainer/compare';
export type { LoadOptions, SaveOptions } from './trainer/checkpoints';
export { metaTrainer } from './trainer/meta-trainer';
export type { MetaTrainer } from './trainer/trainer';
export { renderImage } from './trainer/render-image';
export type { MetaTrainerOptions, Settings } from './trainer/options';
export { defineConfig, type ClassSplit, type Described, type Generation, type RunConfig, type TrainerConfig } from './trainer/run-config';
export type { LayerKinds } from './trainer/layer-kinds';
export type { BaseKinds, DataKinds, LearnerKinds, PlainLearnerKinds } from './trainer/run-config';
export type { ClassStartKinds, FamilyKinds, PlainFamilyKinds, PlainStartKinds, StartKinds } from './trainer/run-config';
export type { MetaGradientKinds, ObjectiveKinds, OptimizerKinds, ScheduleKinds } from './trainer/run-config';
export type { MemoryEstimate } from './trainer/memory';
export type { SavedTask, SavedValues } from './trainer/saved-task';
export type { TrainEvent, TrainOptions } from './trainer/train';

// ready: models that ship
export { readyToAdapt, type ReadyModel, type ReadyName, type ReadyOptions } from './ready/ready-to-adapt';

// continual: tasks one after another
export { continualTrainer } from './continual/continual-trainer';
export type { AddTaskOptions, ContinualEvent, ContinualTrainer, EvaluateTaskOptions, TaskScore } from './continual/continual';
export type { BesideMemory, FinishedTask, Guard, GuardedSetting, GuardedStep, ShapesByName, SharedMove } from './continual/guard';
export type { ContinualTrainerOptions } from './continual/options';
export { continualMeasures, type ContinualMeasures } from './continual/continual-measures';
export { elasticWeights, type ElasticWeightsOptions } from './continual/elastic-weights';
export { outputRegularizer, type OutputRegularizerOptions } from './continual/output-regularizer';
export type { ContinualTask } from './continual/read-task';
export { replay, type ReplayOptions } from './continual/replay';
export { synapticIntelligence, type SynapticIntelligenceOptions } from './continual/synaptic-intelligence';

// report: pictures, tables, progress
export { accuracyMatrixPicture, type AccuracyMatrixPicture } from './report/accuracy-matrix-picture';
export { adaptationPicture, type AdaptationPicture, type AdaptedTask, type Curve } from './report/adaptation-picture';
export { renderChart } from './report/chart';
export { comparisonPicture, type ComparedResult, type ComparisonPicture } from './report/comparison-picture';
export { detectionPicture, type BoxedImage, type DetectionPicture } from './report/detection-picture';
export { embeddingPicture, type EmbeddedTask, type EmbeddingPicture } from './report/embedding-picture';
export { episodePicture, type EpisodePicture, type LabelledImage, type PredictedImage } from './report/episode-picture';
export { describeIntervals, formatComparison, type FormatComparisonOptions } from './report/format-comparison';
export { imageSheet, type ImageSheet, type SheetRow } from './report/image-sheet';
export type { PictureImage } from './report/image-url';
export { learningCurvePicture, type LearningCurvePicture } from './report/learning-curve-picture';
export { progressBar, withProgress, type ProgressBar, type ProgressOptions, type StepEvent } from './report/progress-node';
export type { ReportedEvent, RunReportOptions } from './report/reported-run';
export { runReport } from './report/run-report';
export { renderPng, savePicture, type SavedPicture } from './report/save-picture-node';
export { saveReport } from './report/save-report-node';
export type { MeasuredStep, Series } from './report/series';
export { stepsPicture, type StepsPicture } from './report/steps-picture';
export { formatTable, type Cell, type Measured, type TableOptions } from './report/table';
export { tradeOffPicture, type TradeOffPicture, type TradeOffPoint } from './report/trade-off-picture';
export { tensorBoardLog, withTensorBoard, type TensorBoardLog, type TensorBoardOptions } from './report/tensor-board-node';
export { withTime, type TimedEvent } from './report/timed-events';
