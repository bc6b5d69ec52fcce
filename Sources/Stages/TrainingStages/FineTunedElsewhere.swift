import Artifacts
import Configuration
import Files
import JSON
import SafeTensors
import Training

/// What `pipeline/finetune_timm.py` says of the weights it made, in the metadata of their file.
struct FineTunedElsewhere {
  /// The settings, with `training.program` timm.
  let settings: TeacherSettings
  let seed: UInt64
  /// `content_sha256` of the dataset.
  let datasetSHA256: String
  /// The weights it began with: name and digest; nil for random ones.
  let weights: (fileName: String, sha256: String)?
  /// The program and its file.
  let program: OtherProgram
  let history: [EpochRecord]
  /// From 1; 0 for the weights it began with.
  let selectedEpoch: Int

  private static let key = "qvit.finetuning"

  /// What a file says; nil if it says nothing of the kind.
  /// - Parameter sha256: the file's.
  /// - Throws: `SettingsError`, `SafeTensorsError`, `FileError`.
  init?(path: String, sha256: String) throws {
    let file = try SafeTensorsFile(path: path)
    guard let text = file.metadata[Self.key] else { return nil }
    let reader = try SettingsReader(value: JSONValue(parsing: Array(text.utf8), path: path), path: path)
    settings = try TeacherSettings(writtenBy: .timm, reader.value("settings") ?? .null, path: path)
    seed = UInt64(try reader.integer("seed", in: 0...Int(Int32.max)))
    datasetSHA256 = try reader.string("dataset_sha256")
    _ = try reader.string("dataset")
    if let found = reader.value("weights"), found != .null {
      let weights = try reader.child("weights")
      self.weights = (try weights.string("file_name"), try weights.string("sha256"))
    } else {
      weights = nil
    }
    let (timm, torch) = (try reader.string("timm"), try reader.string("torch"))
    let (device, precision) = (try reader.string("device"), try reader.string("precision"))
    let compiled = try reader.boolean("compiled") ? ", compiled" : ""
    program = OtherProgram(
      name: "timm \(timm), PyTorch \(torch) on \(device), \(precision)\(compiled)", fileName: fileName(of: path),
      sha256: sha256)
    history = try reader.array("history").map { try EpochRecord(finetuned: $0, path: path) }
    selectedEpoch = try reader.integer("selected_epoch", in: 0...history.count)
    try reader.finish()
  }

  /// - Throws: `ArtifactError` if this is not what a command asks for: the settings, the seed and the dataset.
  func require(_ asked: TeacherSettings, seed: UInt64, _ dataset: DatasetArtifact, path: String) throws {
    var wanted = asked.effective
    wanted.replace(["training", "program"], by: .string(TeacherSettings.Program.timm.rawValue))
    if let difference = settings.effective.differences(from: wanted).first {
      throw ArtifactError.invalidValue(
        path: path, object: difference.key, expected: "\(difference.there), as in the settings file",
        found: difference.here)
    }
    try requireEqual(path, "seed", expected: seed, found: self.seed)
    guard datasetSHA256 == dataset.contentSHA256 else {
      throw ArtifactError.invalidValue(
        path: path, object: "dataset_sha256", expected: "\(dataset.contentSHA256.prefix(12))… (\(dataset.path))",
        found: "\(datasetSHA256.prefix(12))…")
    }
  }

  /// What it began with, and the input that this is.
  var start: (weights: StartingWeights, input: ArtifactInput?) {
    guard let weights else { return (.random, nil) }
    return (
      .asGiven(fileName: weights.fileName, sha256: weights.sha256),
      ArtifactInput(role: .weights, fileName: weights.fileName, contentSHA256: weights.sha256)
    )
  }
}

extension EpochRecord {
  /// An epoch as the program writes it; null stands for NaN.
  fileprivate init(finetuned value: JSONValue, path: String) throws {
    let reader = try SettingsReader(value: .object(["history": value]), path: path)
    let epoch = try reader.child("history")
    func number(_ key: String) throws -> Double {
      if epoch.value(key) == .null { return .nan }
      return try epoch.number(key, in: -.infinity ... .infinity)
    }
    self.init(
      epoch: try epoch.integer("epoch", in: 1...Int(Int32.max)) - 1, learningRate: try number("learning_rate"),
      trainingLoss: try number("train_loss"), trainingAccuracy: try number("train_accuracy"),
      validationLoss: try number("val_loss"), validationAUC: try number("val_auc"),
      validationAccuracy: try number("val_accuracy"), images: try epoch.integer("images", in: 0...Int(Int32.max)))
    try reader.finish()
  }
}
