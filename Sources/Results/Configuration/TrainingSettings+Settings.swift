import JSON
import Training

extension TrainingSettings {
  /// More epochs than anybody trains.
  static let mostEpochs = 1_000_000

  /// The section `training` of a settings file.
  /// - Throws: `SettingsError`.
  init(_ reader: SettingsReader) throws {
    self.init()
    epochs = try reader.integer("epochs", in: 0...Self.mostEpochs)
    batchSize = try reader.integer("batch_size", in: 1...65_536)
    learningRate = try reader.number("learning_rate", in: 0...1e3)
    milestones = try reader.numbers("milestones", in: 0...1)
    decay = try reader.number("decay", in: 0...1)
    adam.beta1 = try reader.number("beta1", in: 0...0.999_999)
    adam.beta2 = try reader.number("beta2", in: 0...0.999_999_9)
    adam.epsilon = try reader.number("epsilon", in: 0...1)
    selection = try reader.choice("selection")
    patience = try reader.integerUnlessOff("patience", in: 1...Self.mostEpochs)
    if patience != nil, selection == .lastEpoch {
      throw reader.error(
        at: "patience", expected: "null with selection 'last-epoch', which looks at no validation AUC",
        found: .number(Double(patience ?? 0)))
    }
  }
}
