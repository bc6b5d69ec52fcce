import Artifacts
import Configuration
import DataStages
import Digests
import Failures
import Files

/// Whether planned results are there and are what the grid asks for. It follows content, not times: an artifact is current if
/// it says that it was made with the settings in effect, from inputs whose content is that of the inputs there are now. So a
/// copied tree, a restored backup or a clock set back make nothing stale, and going back to older settings does.
struct Freshness {
  /// What has to be done about a result.
  enum State: Equatable {
    /// Nothing; the digest of its content.
    case current(String)
    /// It has to be made.
    case missing
    /// It has to be made again, because of this.
    case stale(String)
    /// Another run has it already, at this path and with this content.
    case elsewhere(String, String)

    /// The content it has or will get without being made.
    fileprivate var digest: String? {
      switch self {
      case .current(let digest), .elsewhere(_, let digest): digest
      case .missing, .stale: nil
      }
    }
  }

  /// Of results whose inputs are not current; it is not their fault.
  static let follows = "what it is made from is stale or missing"

  private let expectations: [String: Expectation]
  private let run: RunDirectories
  private var states: [String: State] = [:]
  private var weights: [String: String] = [:]

  /// - Parameters:
  ///   - expectations: the planned artifacts, by path.
  ///   - run: where this run and the default one have theirs.
  init(_ expectations: [String: Expectation], run: RunDirectories) {
    self.expectations = expectations
    self.run = run
  }

  /// The state of a planned artifact.
  /// - Throws: `FileError` for a file that cannot be read; what is damaged or no artifact is stale.
  mutating func state(of path: String) throws -> State {
    if let known = states[path] { return known }
    guard let expectation = expectations[path] else { return .missing }
    var state = try state(of: path, expectation)
    if state.digest == nil, let other = run.inDefaultRun(path),
      case .current(let digest) = try self.state(of: other, expectation)
    {
      state = .elsewhere(other, digest)
    }
    states[path] = state
    return state
  }

  private mutating func state(of path: String, _ expectation: Expectation) throws -> State {
    guard fileExists(path) else { return .missing }
    let (header, digest): (ArtifactHeader, String)
    do { (header, digest) = try readHeader(path) } catch let failure as any Failure where failure.kind == .badData {
      return .stale(failure.description)
    }
    let mismatch = try expectation.mismatch(header, path: path)
    if let mismatch, !expectation.isOfModel { return .stale(mismatch) }
    for input in expectation.inputs {
      if let reason = try change(of: input, since: header, path) { return .stale(reason) }
    }
    if let mismatch { return .stale(mismatch) }
    return .current(digest)
  }

  /// Why an artifact is stale by one of its inputs; nil if it is not.
  private mutating func change(
    of input: Expectation.Input, since header: ArtifactHeader, _ path: String
  ) throws -> String? {
    switch input {
    case .artifact(let role, let place):
      let recorded = header.inputs.first { $0.role == role }
      guard recorded?.fileName == fileName(of: place) else {
        return "made from \(recorded?.fileName ?? "no \(role.rawValue)"), now from \(fileName(of: place))"
      }
      guard let now = try state(of: place).digest else { return Self.follows }
      return now == recorded?.contentSHA256 ? nil : "made from another \(place)"
    case .weights(let file):
      let recorded = header.inputs.first { $0.role == .weights }
      guard fileExists(file) else {
        return recorded?.fileName == fileName(of: file) ? nil : "made from \(recorded?.fileName ?? "random weights")"
      }
      return try digest(ofWeights: file) == recorded?.contentSHA256 ? nil : "made from other weights than \(file)"
    case .images(let preparation):
      let recorded = header.inputs.first { $0.role == .raw }?.contentSHA256
      return try preparation.isUnchanged(since: path, recorded: recorded)
        ? nil : "\(preparation.input ?? "the generator") has changed since it was read"
    }
  }

  private mutating func digest(ofWeights path: String) throws -> String {
    if let known = weights[path] { return known }
    let digest = try SHA256.hexDigest(of: contents(ofFile: path, limit: 1 << 30))
    weights[path] = digest
    return digest
  }

  /// The state of a planned table.
  mutating func state(of table: TableInputs.Expected) throws -> State {
    let files = TableInputs.files(table.prefix)
    guard files.contains(where: fileExists) else { return .missing }
    guard files.allSatisfy(fileExists) else { return .stale("not all of its files are there") }
    var digests: [String: String] = [:]
    for path in table.paths {
      guard let digest = try expectations[path] == nil ? externalDigest(path) : state(of: path).digest else {
        return .stale(Self.follows)
      }
      digests[path] = digest
    }
    return try TableInputs.change(of: table, from: digests).map(State.stale) ?? .current("")
  }

  /// The content of scores from elsewhere, brought by hand.
  private func externalDigest(_ path: String) throws -> String? {
    do { return try readHeader(path).contentSHA256 } catch let failure as any Failure where failure.kind == .badData {
      return nil
    }
  }
}
