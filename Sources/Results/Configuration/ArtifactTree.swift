public import Artifacts
import Files
import Architectures

/// Where the artifacts of a profile stand below its root, as `pipeline/grid.mk` lays them out.
public struct ArtifactTree {
  /// `artifacts/<profile>`.
  public let root: String

  /// A tree by its root.
  public init(root: String) { self.root = root }

  /// The path of a dataset.
  public func dataset(_ name: String, _ resolution: some CustomStringConvertible) -> String {
    "\(root)/data/\(name)-\(resolution).h5"
  }

  /// The path of an evaluation.
  public func evaluation(model: String, regime: String, dataset: String, resolution: Int, seed: UInt64) -> String {
    "\(root)/evaluations/\(model)-\(regime)/\(dataset)-\(resolution)-s\(seed).h5"
  }

  /// The path an artifact belongs to by what it says about itself; nil for a checkpoint, which stands beside its output.
  /// - Throws: `SettingsError` for a teacher's settings.
  public func path(of header: ArtifactHeader, readFrom path: String) throws -> String? {
    let (dataset, resolution) = (header.dataset, header.resolution)
    let (model, regime) = (header.model ?? "none", header.regime ?? "none")
    switch header.kind {
    case .dataset: return self.dataset(dataset, resolution)
    case .teacher:
      let qubits = try TeacherSettings(recordedIn: header, path: path).qubits
      return "\(root)/teachers/\(dataset)-q\(qubits).h5"
    case .student: return "\(students(model, regime))/\(dataset)-\(resolution)-s\(header.seed).h5"
    case .evaluation:
      return evaluation(
        model: model, regime: regime, dataset: dataset,
        // The row of a teacher is that of its input, whatever images were enlarged for it.
        resolution: regime == "teacher" ? TinyViTConfiguration.side : resolution, seed: header.seed)
    case .checkpoint: return nil
    }
  }

  /// The path of an input of an artifact; nil for a file from outside the tree.
  public func path(of input: ArtifactInput, for header: ArtifactHeader) -> String? {
    let (model, regime) = (header.model ?? "none", header.regime ?? "none")
    let directory: String? =
      switch input.role {
      case "dataset": "\(root)/data"
      case "teacher": "\(root)/teachers"
      case "init": students(model, "distilled")
      case "model": regime == "teacher" ? "\(root)/teachers" : students(model, regime)
      default: nil
      }
    return directory.map { "\($0)/\(input.fileName)" }
  }

  private func students(_ model: String, _ regime: String) -> String {
    regime == "distilled" ? "\(root)/distilled/\(model)" : "\(root)/students/\(model)-\(regime)"
  }
}
