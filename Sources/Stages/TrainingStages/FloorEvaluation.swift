import Architectures
import Artifacts
import JSON
import Files
import Training
import Configuration
import Datasets
import Floors
import Metrics
import StageSupport
import Threads

/// A floor fitted to the training split of a dataset and measured on the others. Nothing in it is random.
struct FloorEvaluation {
  private let settings: FloorSettings
  private let name: String
  private let dataset: DatasetArtifact
  private let pool: WorkerPool

  /// - Throws: `SettingsError`, `FileError`; `ArtifactError` for a dataset without training images.
  init(settings path: String, _ dataset: DatasetArtifact, _ pool: WorkerPool) throws {
    settings = try FloorSettings(path: path)
    name = variant(ofSettings: path)
    self.dataset = dataset
    self.pool = pool
    for split in Split.allCases { try dataset.requireImages(split) }
  }

  /// - Throws: `FloorError`, `FileError`, `ArtifactError`.
  func evaluation() throws -> EvaluationArtifact {
    switch settings.floor {
    case .largestClass:
      let counts = try dataset.statistics(.train).classCounts
      let shares = counts.map { Float($0) / Float(dataset.count(of: .train)) }
      return try artifact(note: "the largest class", parameterCount: 0) { split in
        try dataset.evaluation(of: split, scores: (0..<dataset.count(of: split)).flatMap { _ in shares })
      }
    case .logisticRegression(let normalisation, let penalties):
      try dataset.requireValidation(for: .bestValidationAUC)
      let (model, penalty) = try selected(penalties, normalisation)
      return try artifact(note: "penalty \(penalty)", parameterCount: model.parameters.count) { split in
        try dataset.evaluation(of: split, logits: model.logits(features(split, normalisation), pool: pool))
      }
    }
  }

  /// The regression whose penalty gives the best AUC on the validation split; of equally good ones the largest. Each begins where
  /// the one before ended.
  private func selected(
    _ penalties: [Double], _ normalisation: PixelNormalisation
  ) throws -> (LogisticRegression, penalty: Double) {
    let (training, validation) = (try features(.train, normalisation), try features(.val, normalisation))
    let (labels, wanted) = (try dataset.labels(.train).map(Int.init), try dataset.labels(.val).map(Int.init))
    let classes = dataset.contents.classNames.count
    var model = LogisticRegression(classes: classes, inputs: training.columns)
    var best: (model: LogisticRegression, penalty: Double, auc: Double)?
    for penalty in penalties {
      try model.fit(training, labels: labels, penalty: penalty, pool: pool)
      let scores = Scores(model.logits(validation, pool: pool), classCount: classes)
      let auc = areaUnderROC(scores, labels: wanted, task: dataset.contents.task).value
      if auc > best?.auc ?? -1 { best = (model, penalty, auc) }
    }
    guard let best else { preconditionFailure("no penalty") }
    return (best.model, best.penalty)
  }

  /// The pixels as numbers, `[N, H · W · C]`.
  private func features(_ split: Split, _ normalisation: PixelNormalisation) throws -> FeatureMatrix {
    let pixels = try dataset.images(split)
    try requireMemory(pixels.count * MemoryLayout<Float>.size, for: dataset.path)
    let (tables, channels) = (normalisation.tables, dataset.contents.channels)
    return FeatureMatrix(
      pixels.enumerated().map { tables[$0.offset % channels][Int($0.element)] }, columns: dataset.imageSize)
  }

  private func artifact(
    note: String, parameterCount: Int, _ measured: (Split) throws -> SplitEvaluation
  ) throws -> EvaluationArtifact {
    let header = try dataset.evaluationHeader(
      of: ArtifactModel(variant: name, regime: .floor, kind: nil),
      title: "evaluation of \(name)_\(dataset.header.resolution) on \(dataset.header.dataset), floor, \(note)",
      configuration: settings.effective, inputs: [])
    return EvaluationArtifact(
      header: header, classNames: dataset.contents.classNames, parameterCount: parameterCount, history: [],
      selectedEpoch: 0, splits: try [Split.val, .test].map(measured))
  }
}
