import Configuration
import JSON

// What a table says about the settings its models were made with.

extension TableNotes {
  /// The settings that are not the paper's, rows with the same ones together. Those of rows that bear the paper's name and
  /// are not the paper's models are told where that is said.
  var settings: [String] {
    var groups: [(differences: [PaperSettings.Deviation], labels: [String])] = []
    for row in table.rows {
      var differences: [PaperSettings.Deviation] = []
      for cell in row.cells.joined() {
        for difference in PaperSettings.differences(of: cell.configuration, cell.model)
        where !differences.contains(difference)
          && (table.plan.paperTable == nil || !row.deviations.contains(difference))
        {
          differences.append(difference)
        }
      }
      guard !differences.isEmpty else { continue }
      if let known = groups.firstIndex(where: { $0.differences == differences }) {
        groups[known].labels.append(row.row.label)
      } else {
        groups.append((differences, [row.row.label]))
      }
    }
    return groups.map { group in
      "Settings that are not the paper's, of \(group.labels.joined(separator: ", ")): "
        + group.differences.map(\.description).joined(separator: "; ") + "."
    }
  }
}

/// Columns of the CSV form with the settings that matter most.
enum SettingsColumns {
  /// The columns with the keys of the settings; of several keys the first that a configuration has.
  private static let keys: [(column: String, keys: [String])] = [
    ("qubits", ["model.qubits"]), ("heads", ["model.heads"]), ("blocks", ["model.blocks"]),
    ("layout", ["model.circuit.layout"]), ("epochs", ["training.epochs"]), ("batch_size", ["training.batch_size"]),
    ("learning_rate", ["training.learning_rate"]), ("selection", ["training.selection"]),
    ("distillation_target", ["distillation.target"]), ("distillation_epochs", ["distillation.training.epochs"]),
    ("teacher_epochs", ["distillation.teacher.training.epochs"]),
    ("teacher_start", ["distillation.teacher.weights.start", "weights.start"]),
    ("teacher_resolution", ["distillation.teacher.data.resolution"]),
  ]

  /// Their names.
  static var names: [String] { keys.map(\.column) }

  /// Their values for the models of an entry; empty where they have no such setting.
  static func values(of cells: [TableCell]) -> [String] {
    keys.map { _, keys in
      let value = keys.lazy.compactMap {
        cells.first?.configuration.value(at: $0.split(separator: ".").map(String.init))
      }
      .first
      guard case .string(let text)? = value else { return value?.canonicalText ?? "" }
      return text
    }
  }
}
