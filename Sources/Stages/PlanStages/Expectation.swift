import Artifacts
import Configuration
import DataStages
import Digests
import Files
import JSON

/// What an artifact has to say about itself to be the one that the grid asks for: settings, seed, and what it was made from.
struct Expectation {
  /// Something it is made from.
  enum Input {
    /// Another planned artifact.
    case artifact(InputRole, path: String)
    /// Pretrained weights.
    case weights(path: String)
    /// Images from outside; the words of `prepare-data`.
    case images(Preparation)
  }

  var profile: Profile
  var configuration: JSONValue
  var seed: UInt64
  var inputs: [Input]
  /// Keys that follow from the content of an input.
  var open: Set<String> = []

  private static let derived = ["model.attention", "model.circuit.method", "model.circuit.pairs"]

  /// Whether its settings are those of a model it is made from.
  var isOfModel: Bool {
    inputs.contains { if case .artifact(.model, _) = $0 { true } else { false } }
  }

  /// Files and folders from outside that have to be there to make it.
  var outside: [String] {
    inputs.compactMap { input in
      switch input {
      case .artifact: nil
      case .weights(let path): path
      case .images(let preparation): preparation.input
      }
    }
  }

  /// Why an artifact is not the expected one by its own words, apart from what it was made from; nil if it is.
  func mismatch(_ header: ArtifactHeader, path: String) throws -> String? {
    guard header.resultsVersion == Software.resultsVersion else {
      return "results version \(header.resultsVersion), now \(Software.resultsVersion)"
    }
    guard header.profile == profile else { return "made for profile \(header.profile.rawValue)" }
    let recorded = try JSONValue(parsing: Array(header.configuration.utf8), path: path)
    var differences = configuration.differences(from: recorded).filter { !open.contains($0.key) }
    // What follows from other settings is told only where nothing else is.
    let causes = differences.filter { !Self.derived.contains($0.key) }
    if !causes.isEmpty { differences = causes }
    if !differences.isEmpty {
      let shown = differences.prefix(3).map { "\($0.key) is \($0.here), made with \($0.there)" }
      let rest = differences.count > 3 ? ", and \(differences.count - 3) more" : ""
      return shown.joined(separator: ", ") + rest
    }
    return header.seed == seed ? nil : "seed is \(seed), made with \(header.seed)"
  }
}
