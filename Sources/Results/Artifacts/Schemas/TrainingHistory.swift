import Training

// The course of a training as columns, one element per epoch: group "history" of students, teachers, checkpoints and
// evaluations.

/// A column of the history: how it is called, and which number of a record it holds.
private struct HistoryColumn {
  let name: String
  let longName: String
  let value: WritableKeyPath<EpochRecord, Double>
  /// Whether it is left out where nothing is classified (distillation).
  let isOfClassifiers: Bool

  static var all: [HistoryColumn] {
    [
      HistoryColumn(
        name: HistorySchema.trainLoss, longName: "mean training loss", value: \.trainingLoss, isOfClassifiers: false),
      HistoryColumn(
        name: HistorySchema.trainAccuracy, longName: "training accuracy", value: \.trainingAccuracy,
        isOfClassifiers: true),
      HistoryColumn(
        name: HistorySchema.validationLoss, longName: "mean validation loss", value: \.validationLoss,
        isOfClassifiers: false),
      HistoryColumn(
        name: HistorySchema.validationAUC, longName: "validation AUC", value: \.validationAUC, isOfClassifiers: true),
      HistoryColumn(
        name: HistorySchema.validationAccuracy, longName: "validation accuracy", value: \.validationAccuracy,
        isOfClassifiers: true),
      HistoryColumn(
        name: HistorySchema.learningRate, longName: "learning rate", value: \.learningRate, isOfClassifiers: false),
    ]
  }
}

extension ArtifactWriter {
  /// Adds the course of a training. What nothing was classified for is left out.
  mutating func add(_ history: [EpochRecord], selectedEpoch: Int) throws {
    let group = try addGroup(HistorySchema.group, in: root)
    try addAttribute(HistorySchema.selectedEpoch, .integer(selectedEpoch), to: group)
    try addScale(HistorySchema.epoch, count: history.count, first: 1, in: group)
    // The AUC is NaN too where a class is missing among the validation images.
    let classifies = !history.contains { $0.validationAccuracy.isNaN }
    for column in HistoryColumn.all where classifies || !column.isOfClassifiers {
      try addArray(
        column.name, history.map { $0[keyPath: column.value] }, shape: [history.count], axes: [HistorySchema.epoch],
        longName: column.longName, in: group)
    }
    try addArray(
      HistorySchema.images, history.map { Int64($0.images) }, shape: [history.count], axes: [HistorySchema.epoch],
      longName: "training images seen", in: group)
  }
}

extension ArtifactReader {
  /// The course of a training; what is left out is NaN.
  func history(in parent: HDF5Group) throws -> (records: [EpochRecord], selectedEpoch: Int) {
    let group = try parent.group(HistorySchema.group)
    let images = try array(HistorySchema.images, of: Int64.self, shape: [nil], in: group).values
    let epochs = images.count
    var records = images.enumerated().map { epoch, images in
      EpochRecord(
        epoch: epoch, learningRate: .nan, trainingLoss: .nan, trainingAccuracy: .nan, validationLoss: .nan,
        validationAUC: .nan, validationAccuracy: .nan, images: Int(images))
    }
    for column in HistoryColumn.all {
      guard try !column.isOfClassifiers || group.contains(column.name) else { continue }
      let values = try array(column.name, of: Double.self, shape: [epochs], in: group).values
      for (epoch, value) in values.enumerated() { records[epoch][keyPath: column.value] = value }
    }
    let selectedEpoch = try group.requiredInteger(HistorySchema.selectedEpoch)
    guard (0...epochs).contains(selectedEpoch) else {
      throw ArtifactError.invalidValue(
        path: path, object: group.place.attribute(HistorySchema.selectedEpoch).object, expected: "0 to \(epochs)",
        found: "\(selectedEpoch)")
    }
    return (records, selectedEpoch)
  }
}

/// Names of the course of a training.
enum HistorySchema {
  static let group = "history"
  static let selectedEpoch = "selected_epoch"
  static let epoch = "epoch"
  static let trainLoss = "train_loss"
  static let trainAccuracy = "train_accuracy"
  static let validationLoss = "val_loss"
  static let validationAUC = "val_auc"
  static let validationAccuracy = "val_accuracy"
  static let learningRate = "learning_rate"
  static let images = "images"
}
