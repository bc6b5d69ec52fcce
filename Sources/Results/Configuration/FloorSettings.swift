public import Architectures
public import JSON

/// A floor, what any model has to beat, as its settings file defines it: `pipeline/config/largest-class.json`,
/// `logistic-regression.json`. The file's name is the floor's; `label` is what tables call it, and no setting.
///
///     { "label": "Logistic regression", "floor": "logistic-regression", "normalisation": "half", "penalties": [1, 0.1] }
public struct FloorSettings: Sendable, Equatable {
  /// The classifiers.
  public enum Floor: Sendable, Equatable {
    /// The scores of every image are the shares of the classes among the training images.
    case largestClass
    /// Logistic regression on the pixels; of these penalties the one with the best validation AUC, the largest of several.
    case logisticRegression(PixelNormalisation, penalties: [Double])
  }

  /// The classifier.
  public let floor: Floor
  /// All keys with the values in effect, without the label.
  public let effective: JSONValue
  /// What tables call it.
  public let label: String

  private enum Word: String, CaseIterable {
    case largestClass = "largest-class"
    case logisticRegression = "logistic-regression"
  }

  /// Reads a settings file.
  /// - Throws: `SettingsError`, `FileError`.
  public init(path: String) throws { try self.init(SettingsFile(path: path)) }

  /// The settings of a file.
  /// - Throws: `SettingsError`.
  public init(_ file: SettingsFile) throws {
    label = try StudentSettings.label(of: file)
    var file = file
    _ = file.remove("label")
    let reader = try SettingsReader(value: file.value, path: file.path)
    let word: Word = try reader.choice("floor")
    switch word {
    case .largestClass: floor = .largestClass
    case .logisticRegression:
      let penalties = try reader.numbers("penalties", in: 1e-6...1e6)
      guard !penalties.isEmpty, zip(penalties, penalties.dropFirst()).allSatisfy({ $0 > $1 }) else {
        throw reader.error(
          at: "penalties", expected: "numbers, each smaller than the one before",
          found: .array(penalties.map { .number($0) }))
      }
      floor = .logisticRegression(try reader.choice("normalisation"), penalties: penalties)
    }
    try reader.finish(suggesting: ["extends", "label"])
    effective = reader.effective
  }
}
