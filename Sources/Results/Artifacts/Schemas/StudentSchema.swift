/// Names in artifacts of kind "student".
enum StudentSchema {
  static let parameters = "parameters"
  static let parameterCount = "parameter_count"

  static let history = "history"
  static let selectedEpoch = "selected_epoch"
  static let epoch = "epoch"
  static let trainLoss = "train_loss"
  static let trainAccuracy = "train_accuracy"
  static let validationLoss = "val_loss"
  static let validationAUC = "val_auc"
  static let validationAccuracy = "val_accuracy"
  static let learningRate = "learning_rate"
  static let images = "images"

  /// The scale of a parameter's axis: parameters of equal extent share it.
  static func axis(_ axis: Int, extent: Int) -> String { "axis\(axis)_\(extent)" }
}
