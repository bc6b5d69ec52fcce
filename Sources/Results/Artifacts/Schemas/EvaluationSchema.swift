import Metrics

/// Names in artifacts of kind "evaluation"; those of the history are in `HistorySchema`, those of the metrics in `Metric`.
enum EvaluationSchema {
  static let task = "task"
  static let parameterCount = "parameter_count"
  static let classAxis = "class"
  static let trueClass = "true_class"
  static let predictedClass = "predicted_class"
  static let classNames = "class_names"

  static let sample = "sample"
  static let scores = "scores"
  static let logits = "logits"
  static let labels = "labels"
  static let predicted = "predicted"
  static let count = "count"
  static let aucReason = "auc_reason"
  static let majorityBaseline = "majority_baseline"
  static let duplicatesOfTrain = "duplicates_of_train"
  static let confusion = "confusion"

  static let classAUC = "class_auc"
  static let classAUCReason = "class_auc_reason"
  static let recall = "recall"
  static let precision = "precision"
  static let f1 = "f1"
  static let support = "support"

  static let metric = "metric"
  static let metricName = "metric_name"
  static let metricValue = "metric_value"
  static let metricLow = "metric_low"
  static let metricHigh = "metric_high"

  static let bootstrapLevel = "bootstrap_level"
  static let bootstrapReplicates = "bootstrap_replicates"
  static let bootstrapSeed = "bootstrap_seed"
  static let undefinedReplicates = "bootstrap_undefined"

  /// The attribute of the lower end of a metric's interval.
  static func low(_ metric: Metric) -> String { "\(metric.name)_low" }
  /// The attribute of the upper end.
  static func high(_ metric: Metric) -> String { "\(metric.name)_high" }

  /// More numbers than any model here has.
  static let largestParameterCount = 1_000_000_000_000
}
