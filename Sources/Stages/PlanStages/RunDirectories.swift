import Configuration

/// Where a named run keeps its artifacts, and where the default run does, of which it takes over what it would make the same.
struct RunDirectories {
  /// The run's own: `artifacts/paper+NAME`.
  var root: String
  /// That of the default run, `artifacts/paper`; nil where this is it.
  var defaultRoot: String?

  /// The same file in the default run; nil where this is it.
  func inDefaultRun(_ path: String) -> String? {
    guard let defaultRoot, let inside = ArtifactTree(root: root).belowRoot(path) else { return nil }
    return "\(defaultRoot)/\(inside)"
  }
}
