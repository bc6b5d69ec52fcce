import Architectures
public import Artifacts
import Files

/// Where the artifacts of a profile stand below its root. All paths are made here: `plan` writes them into make's rules,
/// `report` and `verify` look there.
///
///     data/<dataset>-<resolution>.h5
///     teachers/<dataset>-q<width>-s<seed>.h5
///     teachers/<dataset>-q<width>-s<seed>.timm.safetensors
///     distilled/<variant>/<dataset>-<resolution>-s<seed>.h5
///     students/<variant>-<regime>/<dataset>-<resolution>-s<seed>.h5
///     evaluations/<variant>-<regime>/<dataset>-<resolution>-s<seed>.h5
///     sweeps/<grid>/<dataset>-<resolution>.h5
///     settings/<name>.json       settings in effect, rewritten only when their content changes
///     tables/<table>.{md,csv,tex}
///     tables/figures/<picture>.svg
///     report.html
public struct ArtifactTree: Sendable {
  /// `artifacts/<profile>`.
  public let root: String

  /// A tree by its root.
  public init(root: String) { self.root = root }

  /// A path without the root that it stands below; nil for any other.
  public func belowRoot(_ path: String) -> String? {
    path.hasPrefix("\(root)/") ? String(path.dropFirst(root.count + 1)) : nil
  }

  /// The directories of artifacts, by the names above.
  private static let (data, teachers, distilled, students, evaluations) =
    ("data", "teachers", "distilled", "students", "evaluations")

  /// The path of a dataset.
  public func dataset(_ name: String, resolution: Int) -> String { "\(root)/\(Self.data)/\(name)-\(resolution).h5" }

  /// The path of the teacher of a dataset whose penultimate vector has so many components.
  public func teacher(_ dataset: String, width: Int, seed: UInt64) -> String {
    "\(root)/\(Self.teachers)/\(dataset)-q\(width)-s\(seed).h5"
  }

  /// The path of a student, distilled or trained.
  public func student(_ model: ArtifactModel, dataset: String, resolution: Int, seed: UInt64) -> String {
    "\(students(model))/\(dataset)-\(resolution)-s\(seed).h5"
  }

  /// The path of an evaluation. The row of a teacher is that of its input, whatever images were enlarged for it.
  public func evaluation(_ model: ArtifactModel, dataset: String, resolution: Int, seed: UInt64) -> String {
    let resolution = model.regime == .teacher ? TinyViTConfiguration.side : resolution
    return "\(root)/\(Self.evaluations)/\(model.variant)-\(model.regime.rawValue)/\(dataset)-\(resolution)-s\(seed).h5"
  }

  /// The path of settings in effect.
  public func settings(_ name: String) -> String { "\(root)/settings/\(name).json" }

  /// The path of a table's resolved declaration.
  public func declaration(ofTable name: String) -> String { settings("tables/\(name)") }

  /// The path of the page that shows all tables.
  public var page: String { "\(root)/report.html" }

  /// The directory of the page's pictures.
  public var figures: String { "\(root)/tables/figures" }

  /// The path of a table without its extension.
  public func table(_ name: String) -> String { "\(root)/tables/\(name)" }

  /// Where PyTorch and timm leave the teacher that they have fine-tuned.
  public func timmWeights(_ dataset: String, width: Int, seed: UInt64) -> String {
    "\(root)/\(Self.teachers)/\(dataset)-q\(width)-s\(seed).timm.safetensors"
  }

  private func students(_ model: ArtifactModel) -> String {
    model.regime == .distilled
      ? "\(root)/\(Self.distilled)/\(model.variant)"
      : "\(root)/\(Self.students)/\(model.variant)-\(model.regime.rawValue)"
  }

  /// The path an artifact belongs to by what it says about itself; nil for a checkpoint, which
  /// stands beside its output, and a sweep, whose directory is its grid's.
  /// - Throws: `ArtifactError` for a student, teacher or evaluation without a model; `SettingsError` for a teacher's settings.
  public func path(of header: ArtifactHeader, readFrom path: String) throws -> String? {
    let (dataset, resolution, seed) = (header.dataset, header.resolution, header.seed)
    switch header.kind {
    case .dataset: return self.dataset(dataset, resolution: resolution)
    case .teacher:
      return teacher(dataset, width: try TeacherSettings(recordedIn: header, path: path).qubits, seed: seed)
    case .student:
      return student(try header.requiredModel(path), dataset: dataset, resolution: resolution, seed: seed)
    case .evaluation:
      return evaluation(try header.requiredModel(path), dataset: dataset, resolution: resolution, seed: seed)
    case .sweep, .checkpoint: return nil
    }
  }

  /// The path of an input of an artifact; nil for a file from outside the tree.
  public func path(of input: ArtifactInput, for header: ArtifactHeader) -> String? {
    let directory: String? =
      switch (input.role, header.model) {
      case (.dataset, _): "\(root)/\(Self.data)"
      case (.teacher, _): "\(root)/\(Self.teachers)"
      case (.initial, let model?): "\(root)/\(Self.distilled)/\(model.variant)"
      case (.model, let model?): model.regime == .teacher ? "\(root)/\(Self.teachers)" : students(model)
      case (.initial, nil), (.model, nil), (.raw, _), (.weights, _), (.scores, _): nil
      }
    return directory.map { "\($0)/\(input.fileName)" }
  }
}

extension ArtifactHeader {
  /// The model, where there must be one.
  /// - Throws: `ArtifactError.missing`.
  public func requiredModel(_ path: String) throws -> ArtifactModel {
    guard let model else { throw ArtifactError.missing(path: path, object: "/@variant") }
    return model
  }
}
