public import Artifacts
public import JSON

extension PaperSettings {
  /// A setting of which the paper says nothing, and our reading of it (docs/choices.md): it holds for students and, below
  /// `distillation`, for how they were distilled.
  private static let readings: [(key: String, value: JSONValue)] = [
    ("model.blocks", .number(1)), ("model.mlp_ratio", .number(2)), ("model.pooling", .string("mean")),
    ("model.dropout", .number(0)), ("model.position_deviation", .number(0.02)),
    ("model.attention_weights", .string("softmax")), ("model.circuit.output", .string("linear")),
    ("model.circuit.layout", .string("chain")), ("model.circuit.sharing", .string("per-pair")),
    ("model.circuit.scope", .string("all-heads")), ("model.circuit.layers", .number(1)),
    ("model.circuit.reuploading", .bool(false)), ("model.circuit.entangler", .string("cnot")),
    ("model.circuit.angles", .string("trained")), ("model.circuit.initial_angles", .string("uniform")),
    ("data.normalisation", .string("half")), ("training.batch_norm", .string("training")),
    ("distillation.training.epochs", .number(50)), ("distillation.training.batch_size", .number(32)),
    ("distillation.training.learning_rate", .number(0.001)), ("distillation.teacher.training.epochs", .number(100)),
    ("distillation.teacher.training.batch_size", .number(32)),
    ("distillation.teacher.training.learning_rate", .number(0.001)),
    ("distillation.teacher.training.selection", .string("best-validation-auc")),
    ("distillation.teacher.training.patience", .null),
    ("training.precision", .string("float32")), ("distillation.teacher.training.precision", .string("float32")),
    ("distillation.teacher.training.batch_norm", .string("training")),
    ("distillation.teacher.data.normalisation", .string("half")),
    ("distillation.teacher.data.resolution", .number(224)),
  ]

  /// All settings that are neither the paper's nor, where it is silent, our reading of it, in any profile.
  /// - Returns: with the paper's value, or "our reading …" in its place.
  public static func differences(of configuration: JSONValue, _ model: ArtifactModel) -> [Deviation] {
    guard model.regime != .external, model.regime != .floor else { return [] }
    let projection = ModelKind.vit == model.kind ? "linear" : "circuit"
    let ofKind = model.regime == .teacher ? [] : [("model.projection", JSONValue.string(projection))]
    return deviations(of: configuration, model, in: .paper)
      + (ofKind + readings).compactMap { key, value in
        // What a model has not, a ViT no circuits, a teacher no blocks, cannot differ.
        guard let found = Self.value(at: key, in: configuration), found != value else {
          return nil
        }
        return Deviation(key: key, found: text(found), paper: "silent, our reading \(text(value))")
      }
  }
}
