/// One row of a table: a kind of model.
public struct TableRow: Sendable, Equatable {
  /// `vit`, `qvit` or `tinyvit`.
  public let model: String
  /// `scratch`, `kd` or `teacher`.
  public let regime: String
  /// The edge length of the images in pixels.
  public let resolution: Int

  /// A row by model, regime and resolution.
  public init(model: String, regime: String, resolution: Int) {
    self.model = model
    self.regime = regime
    self.resolution = resolution
  }

  /// The paper's name of the row: `QViT-KD_28`, `TinyViT`.
  public var label: String {
    let names = ["vit": "ViT", "qvit": "QViT", "tinyvit": "TinyViT"]
    let name = names[model] ?? model
    return isReference ? name : name + (regime == "kd" ? "-KD" : "") + "_\(resolution)"
  }

  /// Whether the row is there for comparison, as the teacher is: it has one run, not one for each seed, and does not
  /// compete for the best entry of a column.
  public var isReference: Bool { regime == "teacher" }
}

/// The rows of one of the paper's tables.
public struct TableLayout: Sendable, Equatable {
  /// `table1` or `table2`.
  public let name: String
  /// The paper's number of the table.
  public let number: Int
  /// What the table shows, a sentence without its full stop.
  public let caption: String
  /// The rows from the top.
  public let rows: [TableRow]

  /// Table 1: students trained from scratch, models outermost as in the paper.
  public static func table1(models: [String] = ["vit", "qvit"], resolutions: [Int] = [28, 224]) -> TableLayout {
    TableLayout(
      name: "table1", number: 1, caption: "Students trained from scratch",
      rows: students(models, regime: "scratch", resolutions))
  }

  /// Table 2: students that were distilled first, and their teacher.
  public static func table2(models: [String] = ["vit", "qvit"], resolutions: [Int] = [28, 224]) -> TableLayout {
    TableLayout(
      name: "table2", number: 2, caption: "Students pre-trained by knowledge distillation, and their teacher",
      rows: students(models, regime: "kd", resolutions)
        + [TableRow(model: "tinyvit", regime: "teacher", resolution: 224)])
  }

  private static func students(_ models: [String], regime: String, _ resolutions: [Int]) -> [TableRow] {
    models.flatMap { model in
      resolutions.map { TableRow(model: model, regime: regime, resolution: $0) }
    }
  }
}
