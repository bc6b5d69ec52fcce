import Metrics
public import Artifacts
public import Datasets
import Files
import Glibc
public import Training

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
  case dataset, colourDataset, student, distilled, teacher, evaluation, sweep, checkpoint

  /// The header of a sample.
  public static func header(_ kind: ArtifactKind, model: ArtifactModel? = nil) -> ArtifactHeader {
    ArtifactHeader(
      kind: kind, profile: .sample, dataset: "breastmnist", resolution: 28, title: "BreastMNIST at 28 pixels, ünï",
      isOfficial: true, isComparable: false, isLeaking: true, seed: UInt64.max - 1, configuration: #"{"epochs":3}"#,
      inputs: kind == .dataset
        ? [] : [ArtifactInput(role: .dataset, fileName: "breastmnist-28.h5", contentSHA256: "00ff")],
      model: model, descent: kind == .dataset ? nil : descent(model?.regime))
  }

  /// Images of a digest that stands for them.
  public static func images(
    _ digest: String, resolution: Int = 28, labels: String = "a1", origin: ImageOrigin = .official,
    source: SourceDigest = .file(name: "breastmnist.npz", md5: "0123", sha256: "4567")
  ) -> ImageDescent {
    ImageDescent(
      contentSHA256: "00ff", resultsVersion: Software.resultsVersion, resolution: resolution, origin: origin,
      source: source, imagesSHA256: digest, labelsSHA256: labels)
  }

  /// A descent with everything that a regime has.
  public static func descent(_ regime: Regime?) -> Descent {
    let components = PenultimateComponents(count: 4, constant: [1, 3])
    let own = Generation(images: images("b1"), components: components)
    func ancestor(_ role: InputRole, _ generation: Generation) -> Ancestor {
      Ancestor(
        role: role, contentSHA256: "\(role)", software: "qvit 0.0.9", resultsVersion: Software.resultsVersion, seed: 7,
        generation: generation)
    }
    let teacher = ancestor(
      .teacher,
      Generation(
        images: images("c1", resolution: 224, source: .folder(name: "ünï", sha256: "89")),
        start: .exported(fileName: "w.safetensors", sha256: "fe"), components: .init(count: 4, constant: [])))
    let weights = ancestor(
      .weights,
      Generation(
        images: images("d1", origin: .generated, source: .generator(name: "sample", version: 3)),
        start: .asGiven(fileName: "timm.safetensors", sha256: "dc")))
    return switch regime {
    case .distilled: Descent(own, ancestors: [teacher, weights])
    case .kd: Descent(own, ancestors: [ancestor(.initial, own), teacher, weights])
    case .teacher: Descent(Generation(images: images("b1"), start: .random, components: components))
    case .scratch, .external, .floor, nil: Descent(own)
    }
  }

  /// A QViT of a regime.
  public static func qvit(_ regime: Regime) -> ArtifactModel {
    ArtifactModel(variant: "qvit", regime: regime, kind: .qvit)
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
    case .sweep: try Self.sweep().write(to: path)
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
      task: .binary, licence: "CC BY 4.0", citation: "Nobody et al., 2020",
      classNames: ["malignant", "normal, benign"], channels: channels, counts: counts,
      source: channels == 1
        ? .file(name: "breastmnist.npz", md5: "0123", sha256: "4567") : .generator(name: "sample", version: 3))
  }

  /// Figures of a split.
  public static func statistics(channels: Int, count: Int) -> SplitStatistics {
    SplitStatistics(
      classCounts: [(count + 1) / 2, count / 2],
      channels: (0..<channels).map { ChannelStatistics(mean: 1 / 3, minimum: UInt8($0), maximum: 255 - UInt8($0)) },
      blankImages: min(count, 1), duplicateImages: [.train: min(count, 2), .val: min(count, 1)])
  }

  /// Pairs of equal images.
  public static let duplicates = [
    DuplicatePair(firstSplit: .train, firstSample: 4, secondSplit: .val, secondSample: 2),
    DuplicatePair(firstSplit: .val, firstSample: 0, secondSplit: .val, secondSample: 1),
  ]

  /// Writes a dataset, piece by piece.
  public static func writeDataset(to path: String, channels: Int) throws -> String {
    try writeDataset(header(.dataset), to: path, channels: channels)
  }

  /// Writes a dataset with another header; images of another size than 28 pixels are black.
  @discardableResult
  public static func writeDataset(_ header: ArtifactHeader, to path: String, channels: Int = 1) throws -> String {
    var writer = try DatasetArtifactWriter(path: path, header: header, contents: contents(channels: channels))
    for split in Split.allCases {
      let size = header.resolution * header.resolution * channels
      let all =
        header.resolution == 28
        ? images(split, channels: channels) : [UInt8](repeating: 0, count: counts[split, default: 0] * size)
      for start in stride(from: 0, to: counts[split, default: 0], by: 33) {
        let end = min(start + 33, counts[split, default: 0])
        let part = Array(all[(start * size)..<(end * size)])
        try part.withUnsafeBufferPointer { _ = try writer.appendImages(split, $0, count: end - start) }
      }
      try writer.finish(
        split, labels: labels(split), statistics: statistics(channels: channels, count: counts[split, default: 0]))
    }
    return try writer.publish(
      duplicates: duplicates, pairCount: 5, manifest: channels == 1 ? [] : manifest(hasSlices: true))
  }

  /// An array of weights.
  public static func parameter(_ name: String, _ shape: [Int]) -> NamedArray {
    let count = shape.reduce(1, *)
    return NamedArray(name: name, shape: shape, values: (0..<count).map { Float($0) * 0.37 - 1 })
  }

  /// An epoch's record whose numbers are all different.
  public static func record(_ epoch: Int, classifies: Bool = true) -> EpochRecord {
    let step = Double(epoch) / 64
    return EpochRecord(
      epoch: epoch, learningRate: 1e-3 - step / 1000, trainingLoss: 0.7 - step,
      trainingAccuracy: classifies ? 0.5 + step : .nan, validationLoss: 0.75 - step,
      validationAUC: classifies ? 0.625 + step : .nan, validationAccuracy: classifies ? 0.55 + step : .nan,
      images: 70 + epoch)
  }

  /// A student.
  public static func student() -> StudentArtifact {
    StudentArtifact(
      header: header(.student, model: qvit(.scratch)),
      parameters: [
        parameter("patch.weight", [4, 3, 2, 2]), parameter("patch.bias", [4]), parameter("pos", [196, 4]),
        parameter("blocks.0.attn.q.theta", [3, 2]), parameter("blocks.0.attn.proj.weight", [4, 4]),
      ],
      history: (0..<3).map { record($0) }, selectedEpoch: 2)
  }

  /// A distilled student.
  public static func distilled() -> StudentArtifact {
    StudentArtifact(
      header: header(.student, model: ArtifactModel(variant: "vit", regime: .distilled, kind: .vit)),
      parameters: [parameter("head.bias", [2])], history: [record(0, classifies: false)], selectedEpoch: 0)
  }

  /// A teacher of a few weights.
  public static func teacher() -> TeacherArtifact {
    let targets = TeacherArtifact.Targets(
      labels: [0, 1, 1], penultimate: [0, 0.5, 1, 0, 0.25, 2], logits: [-1, 1, 0, 0, 2, -2])
    return TeacherArtifact(
      header: header(.teacher, model: .teacher(width: 2)), width: 2, classes: 2,
      parameters: [
        NamedArray(name: "patch_embed.conv1.conv.weight", shape: [2, 1, 1, 1], values: [0.5, -0.5]),
        NamedArray(name: "head.fc.3.bias", shape: [2], values: [0, 1]),
      ],
      statistics: [NamedArray(name: "patch_embed.conv1.bn.running_var", shape: [2], values: [1, 2])],
      classifier: ([1, 2, 3, 4], [0, 1]), targets: [.train: targets, .val: targets], history: [record(0)],
      selectedEpoch: 1)
  }

  /// The state of a training of three parameters and two statistics, all numbers different.
  public static func state() -> TrainingState {
    var settings = Adam<Float>.Settings()
    settings.beta2 = 0.99
    var state = TrainingState(parameters: [1, 2, 3], statistics: [0.5, 2], settings: settings)
    state.optimizer = Adam(
      firstMoment: [0.1, 0.2, 0.3], secondMoment: [0, 1e-9, 1], steps: 7, settings: settings)
    state.epoch = 1
    state.step = 2
    state.lossSum = 0.1 + 0.2
    state.correct = 5
    state.best = Selected(epoch: 0, auc: 0.7, parameters: [3, 2, 1], statistics: [0.25, 1])
    state.history = [record(0)]
    return state
  }

  /// A checkpoint of that state.
  public static func checkpoint() -> CheckpointArtifact {
    CheckpointArtifact(header: header(.checkpoint, model: qvit(.scratch)), state: state())
  }

  /// Writes the checkpoint.
  public static func writeCheckpoint(to path: String) throws -> String {
    try checkpoint().write(to: path)
    return try readHeader(path).contentSHA256
  }

  /// A sweep of two points of one choice with two seeds, of which one run is missing.
  public static func sweep() -> SweepArtifact {
    func run(_ epoch: Int, _ scores: [Float]) -> SweepArtifact.Run {
      SweepArtifact.Run(
        selectedEpoch: epoch, validationAUC: 0.5 + Double(epoch) / 64, validationAccuracy: 0.75,
        scores: scores.flatMap { [1 - $0, $0] })
    }
    return SweepArtifact(
      header: header(.sweep, model: qvit(.scratch)), axes: ["heads"],
      points: [
        .init(levels: [0], settings: #"{"heads":2}"#, parameterCount: 1000),
        .init(levels: [1], settings: #"{"heads":1}"#, parameterCount: 1000),
      ], seeds: [1, 7], classCount: 2, task: .binary, labels: [0, 1, 1, 0],
      runs: [
        [run(1, [0.25, 0.5, 0.75, 0.375]), run(2, [0.5, 0.625, 0.25, 0.125])],
        [run(3, [0.125, 0.25, 0.5, 0.75]), nil],
      ])
  }

  /// An evaluation of two splits of three classes, one of which the second split lacks.
  public static func evaluation() throws -> EvaluationArtifact {
    let logits: [Float] = [2, 1, 0, 1, 0.5, -1, -1, 1, 0.25, 0, 0.5, 1.5, 1, -0.5, 1.25, -2, 0, 2]
    let splits = try [Split.val, .test].map { split in
      try SplitEvaluation(
        of: split, logits: split == .val ? logits : logits.reversed(),
        labels: split == .val ? [0, 1, 1, 2, 0, 2] : [0, 1, 1, 1, 0, 0], classCount: 3, task: .multiClass,
        duplicatesOfTrain: 3, bootstrap: BootstrapSettings(replicates: 100, seed: 7))
    }
    return EvaluationArtifact(
      header: header(.evaluation, model: qvit(.kd)), classNames: ["malignant", "normal, benign", "ünï"],
      parameterCount: 1000, history: (0..<3).map { record($0) }, selectedEpoch: 2, splits: splits)
  }
}
