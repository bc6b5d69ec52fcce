public import Artifacts
public import Datasets
import Files
import Glibc

/// All bytes of a file.
public func bytes(_ path: String) throws -> [UInt8] { try contents(ofFile: path, limit: 1 << 28) }

/// Writes a file.
public func write(_ bytes: [UInt8], to path: String) throws {
  let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o666)
  defer { close(descriptor) }
  guard bytes.withUnsafeBytes({ Glibc.write(descriptor, $0.baseAddress, $0.count) }) == bytes.count else {
    throw FileError(.write, path: path, errorNumber: errno)
  }
}

/// A small artifact of each kind.
public enum Sample: String, CaseIterable, Sendable {
  /// The kinds, some twice.
  case dataset, colourDataset, student, distilled, teacher, evaluation, checkpoint

  /// The header of a sample.
  public static func header(_ kind: ArtifactKind, model: String? = nil, regime: String? = nil) -> ArtifactHeader {
    ArtifactHeader(
      kind: kind, profile: "sample", dataset: "breastmnist", resolution: 28, title: "BreastMNIST at 28 pixels, ünï",
      isOfficial: true, isComparable: false, isLeaking: true, seed: UInt64.max - 1, configuration: #"{"epochs":3}"#,
      inputs: kind == .dataset
        ? [] : [ArtifactInput(role: "dataset", fileName: "breastmnist-28.h5", contentSHA256: "00ff")],
      model: model, regime: regime)
  }

  /// The path of the artifact, written anew.
  @discardableResult
  public func write(to path: String) throws -> String {
    switch self {
    case .dataset: try Self.writeDataset(to: path, channels: 1)
    case .colourDataset: try Self.writeDataset(to: path, channels: 3)
    case .student: try Self.student().write(to: path)
    case .distilled: try Self.distilled().write(to: path)
    case .teacher: try Self.teacher().write(to: path)
    case .evaluation: try Self.evaluation().write(to: path)
    case .checkpoint: try Self.writeCheckpoint(to: path)
    }
  }

  /// Images of each split.
  public static let counts: [Split: Int] = [.train: 70, .val: 3, .test: 0]

  /// The pixels of an image.
  public static func image(_ index: Int, channels: Int) -> [UInt8] {
    (0..<(28 * 28 * channels)).map { UInt8(truncatingIfNeeded: ($0 / 7) &* (index + 3)) }
  }

  /// The pixels of a split.
  public static func images(_ split: Split, channels: Int) -> [UInt8] {
    (0..<counts[split, default: 0]).flatMap { image($0 + 100 * split.order, channels: channels) }
  }

  /// The labels of a split.
  public static func labels(_ split: Split) -> [UInt8] { (0..<counts[split, default: 0]).map { UInt8($0 % 2) } }

  /// Where the images come from.
  public static func manifest(hasSlices: Bool) -> [ManifestRow] {
    Split.allCases.flatMap { split in
      labels(split).enumerated().map { index, label in
        ManifestRow(
          file: "ünï/\(split)-\(index).png", sha256: "00\(index)", label: Int(label), split: split,
          slice: hasSlices
            ? OASISSlice(participant: "OAS1_\(1000 + index)", session: 1, acquisition: 2, slice: 100 + index) : nil)
      }
    }
  }

  /// What a dataset says about its images.
  public static func contents(channels: Int) -> DatasetContents {
    DatasetContents(
      task: "binary-class", licence: "CC BY 4.0", citation: "Nobody et al., 2020",
      classNames: ["malignant", "normal, benign"], channels: channels, counts: counts,
      source: channels == 1
        ? .file(name: "breastmnist.npz", md5: "0123", sha256: "4567") : .generator(name: "sample", version: 3))
  }

  /// Figures of a split.
  public static func statistics(channels: Int, count: Int) -> StoredStatistics {
    StoredStatistics(
      classCounts: [(count + 1) / 2, count / 2], channelMean: [Double](repeating: 1 / 3, count: channels),
      channelMinimum: [UInt8](repeating: 0, count: channels), channelMaximum: [UInt8](repeating: 255, count: channels),
      blankImages: 1, duplicateImages: [.train: 2, .val: 1])
  }

  /// Pairs of equal images.
  public static let duplicates = [
    StoredDuplicate(firstSplit: .train, firstSample: 4, secondSplit: .val, secondSample: 2),
    StoredDuplicate(firstSplit: .val, firstSample: 0, secondSplit: .val, secondSample: 1),
  ]

  /// Writes a dataset, piece by piece.
  public static func writeDataset(to path: String, channels: Int) throws -> String {
    var writer = try DatasetArtifactWriter(
      path: path, header: header(.dataset), contents: contents(channels: channels))
    for split in Split.allCases {
      let all = images(split, channels: channels)
      let size = 28 * 28 * channels
      for start in stride(from: 0, to: counts[split, default: 0], by: 33) {
        let end = min(start + 33, counts[split, default: 0])
        let part = Array(all[(start * size)..<(end * size)])
        try part.withUnsafeBufferPointer { try writer.appendImages(split, $0, count: end - start) }
      }
      try writer.finish(
        split, labels: labels(split), statistics: statistics(channels: channels, count: counts[split, default: 0]))
    }
    return try writer.publish(
      duplicates: duplicates, pairCount: 5, manifest: channels == 1 ? [] : manifest(hasSlices: true))
  }

  /// An array of weights.
  public static func parameter(_ name: String, _ shape: [Int]) -> NamedParameter {
    let count = shape.reduce(1, *)
    return NamedParameter(name: name, shape: shape, values: (0..<count).map { Float($0) * 0.37 - 1 })
  }

  /// A student.
  public static func student() -> StudentArtifact {
    StudentArtifact(
      header: header(.student, model: "qvit", regime: "scratch"),
      parameters: [
        parameter("patch.weight", [4, 3, 2, 2]), parameter("patch.bias", [4]), parameter("pos", [196, 4]),
        parameter("blocks.0.attn.q.theta", [3, 2]), parameter("blocks.0.attn.proj.weight", [4, 4]),
      ],
      history: TrainingHistory(
        trainLoss: [0.7, 0.6, 0.5], trainAccuracy: [0.5, 0.6, 0.7], validationLoss: [0.7, 0.65, 0.66],
        validationAUC: [0.5, 0.75, 0.25], validationAccuracy: [0.5, 0.5, 0.5], learningRate: [1e-3, 1e-3, 1e-4],
        images: [70, 70, 70]),
      selectedEpoch: 2)
  }

  /// A distilled student.
  public static func distilled() -> StudentArtifact {
    StudentArtifact(
      header: header(.student, model: "vit", regime: "distilled"), parameters: [parameter("head.bias", [2])],
      history: TrainingHistory(trainLoss: [0.1], learningRate: [1e-3], images: [70]), selectedEpoch: 0)
  }

  /// A teacher of a few weights.
  public static func teacher() -> TeacherArtifact {
    let targets = TeacherArtifact.Targets(
      labels: [0, 1, 1], penultimate: [0, 0.5, 1, 0, 0.25, 2], logits: [-1, 1, 0, 0, 2, -2])
    return TeacherArtifact(
      header: header(.teacher, model: "tinyvit", regime: "teacher"), width: 2, classes: 2,
      parameters: [
        NamedParameter(name: "patch_embed.conv1.conv.weight", shape: [2, 1, 1, 1], values: [0.5, -0.5]),
        NamedParameter(name: "head.fc.3.bias", shape: [2], values: [0, 1]),
      ],
      statistics: [NamedParameter(name: "patch_embed.conv1.bn.running_var", shape: [2], values: [1, 2])],
      classifier: ([1, 2, 3, 4], [0, 1]), targets: [.train: targets, .val: targets],
      history: TrainingHistory(
        trainLoss: [0.7], trainAccuracy: [0.5], validationLoss: [0.6], validationAUC: [0.75], validationAccuracy: [0.5],
        learningRate: [1e-3], images: [3]), selectedEpoch: 1)
  }

  /// A checkpoint of three parameters and two statistics.
  public static func checkpoint() -> CheckpointArtifact {
    CheckpointArtifact(
      header: header(.checkpoint, model: "qvit", regime: "scratch"), parameters: [1, 2, 3],
      statistics: [0.5, 2], firstMoment: [0.1, 0.2, 0.3], secondMoment: [0, 1e-9, 1], optimizerSteps: 7, epoch: 1,
      step: 2, lossSum: 0.1 + 0.2, correct: 5, bestEpoch: 1,
      bestAUC: 0.7, bestParameters: [3, 2, 1], bestStatistics: [0.25, 1],
      history: TrainingHistory(trainLoss: [0.1], learningRate: [1e-3], images: [70]))
  }

  /// Writes the checkpoint.
  public static func writeCheckpoint(to path: String) throws -> String {
    try checkpoint().write(to: path)
    return try readHeader(path).contentSHA256
  }

  /// An evaluation of two splits.
  public static func evaluation() -> EvaluationArtifact {
    let splits = [Split.val, .test].map { split in
      SplitEvaluation(
        split: split, scores: [0.25, 0.75, 0.5, 0.5, 1, 0], logits: [-1, 0.5, 0, 0, 30, -30], labels: [1, 0, 0],
        predicted: [1, 0, 0], auc: 0.75, aucReason: "", accuracy: 1, majorityBaseline: 2.0 / 3,
        confusion: [2, 0, 0, 1],
        classes: ClassMetrics(
          auc: [0.75, 0.5], aucReason: ["", "class 1 has no images"], recall: [1, 1], precision: [1, 1], f1: [1, 1],
          support: [2, 1]),
        bootstrap: BootstrapIntervals(
          level: 0.95, replicates: 1000, seed: 7, aucLow: 0.5, aucHigh: 1, accuracyLow: 0.3, accuracyHigh: 1),
        duplicatesOfTrain: 3)
    }
    return EvaluationArtifact(
      header: header(.evaluation, model: "qvit", regime: "kd"), classNames: ["malignant", "normal, benign"],
      parameterCount: 1000, selectedEpoch: 2, splits: splits)
  }
}
