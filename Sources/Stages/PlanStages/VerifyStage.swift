import Digests
import Configuration
import StageSupport
import Artifacts
public import CommandLineKit
import Datasets
import Failures
import Files
import Glibc
import Reporting

/// `verify`: are the artifacts of a profile what was written, and made from each other as they are now?
public enum VerifyStage {
  /// The options.
  public static let command = Command(
    name: "verify",
    summary: "Check all artifacts of a profile: whole, undamaged, and made from the inputs there are now.",
    discussion: """
      Every artifact below ROOT must have its seal, the digests of its arrays and of its content, and the name of what it \
      is; every input it records must be there with the content it was made from. Files from outside (raw data, weights) \
      are compared where they are named and still there, folders image by image. Tables are compared with what the \
      evaluations say now. With the options that say what the grid is, as `plan` has them, each artifact's recorded \
      settings are compared with those the grid would use now. Prints one line per problem and a summary; exits with 65 if there is a problem. Nothing is \
      changed.
      """,
    options: [
      Option("root", .path, "Directory of the profile's artifacts.", placeholder: "DIR", presence: .required),
      Option("profile", .choice(of: Profile.self), "Profile the artifacts must belong to.", presence: .required),
      Option("raw", .path, "Directory of the raw files; those still there are compared.", placeholder: "DIR"),
      Option(
        "folders", .list(of: .string), "Folders of images outside of --raw; those still there are compared.",
        placeholder: "\"DIR …\""),
      .quiet,
    ] + PlanRequest.options(.optional),
    examples: ["verify --root artifacts/sample --profile sample"])

  /// Verifies.
  public static func run(_ arguments: ParsedArguments) throws {
    let grid = try PlanRequest(verifying: arguments)
    var verification = try Verification(
      root: arguments.string("root"), profile: arguments.choice("profile", as: Profile.self),
      raw: arguments.optionalString("raw"),
      folders: arguments.strings("folders"),
      weights: grid?.allWeights ?? arguments.strings("weights"))
    try verification.checkArtifacts(style: arguments.progressStyle)
    try verification.checkLineage()
    if let grid { try verification.checkSettings(Plan(grid)) }
    try verification.checkTables()
    try verification.checkPage()
    try writeToStandardOutput(verification.report)
    if !verification.problems.isEmpty { throw VerificationFailure(summary: verification.summary) }
  }
}

/// Artifacts that are not as they should be.
private struct VerificationFailure: Failure {
  let summary: String
  var kind: FailureKind { .badData }
  var description: String { summary }
}

/// What is known so far of a profile's artifacts.
private struct Verification {
  private let tree: ArtifactTree
  private let profile: Profile
  private let raw: String?
  private let folders: [String]
  private let weights: [String]
  private let paths: [String]
  /// What the sound artifacts say, by path.
  private var found: [String: (header: ArtifactHeader, contentSHA256: String)] = [:]
  /// Files there are that are no whole artifact, by path: what depends on them is not blamed again.
  private var unsound: Set<String> = []
  /// SHA-256 of files from outside, by path; nil if there is no such file.
  private var outside: [String: String?] = [:]
  private var tables = 0
  private var unfinished = 0
  /// Inputs from outside that are not there any more, or that nobody named.
  private var uncompared: Set<String> = []
  /// One line each.
  private(set) var problems: [String] = []

  /// - Throws: `FileError` if there is no such directory.
  init(root: String, profile: Profile, raw: String?, folders: [String], weights: [String]) throws {
    tree = ArtifactTree(root: root)
    self.profile = profile
    self.raw = raw
    self.folders = folders
    self.weights = weights
    var seen: [String] = []
    let files = try Self.files(below: root, seen: &seen, problems: &problems)
    paths = files.filter { $0.hasSuffix(".h5") && !$0.hasSuffix(CheckpointArtifact.suffix) }
    unfinished = files.count { $0.hasSuffix(".part") || $0.hasSuffix(CheckpointArtifact.suffix) }
  }

  /// All files, of each directory once, whatever names it has; what is neither file nor directory is a problem.
  private static func files(
    below directory: String, seen: inout [String], problems: inout [String]
  ) throws -> [String] {
    guard !seen.contains(where: { isSameFile($0, directory) }) else { return [] }
    seen.append(directory)
    let listing = try DirectoryListing(path: directory, isTolerant: true)
    problems += listing.others.map(\.description)
    var files = listing.files.map { "\(directory)/\($0)" }
    for name in listing.directories {
      files += try Self.files(below: "\(directory)/\(name)", seen: &seen, problems: &problems)
    }
    return files
  }

  /// Each artifact by itself: its bytes, its structure, its name.
  mutating func checkArtifacts(style: ProgressReporter.Style) throws {
    let progress = ProgressReporter("verify \(tree.root)", total: paths.count, unit: "artifacts", style: style)
    for path in paths {
      do {
        let (header, digest) = try verify(path)
        try Self.open(path, header.kind)
        found[path] = (header, digest)
        if let place = try tree.path(of: header, readFrom: path), place != path {
          problems.append("\(path): does not belong here: it is \(place)")
        }
        if header.profile != profile {
          problems.append("\(path): expected profile '\(profile.rawValue)', found '\(header.profile.rawValue)'")
        }
      } catch let failure as any Failure where failure.kind == .badData || failure.kind == .missingInput {
        unsound.insert(path)
        problems.append(failure.description)
      }
      progress.advance(by: 1)
    }
    progress.finish()
  }

  /// Reads an artifact as the stages do.
  private static func open(_ path: String, _ kind: ArtifactKind) throws {
    switch kind {
    case .dataset:
      let dataset = try DatasetArtifact(path: path)
      for split in Split.allCases { _ = try (dataset.labels(split), dataset.statistics(split)) }
    case .student: _ = try StudentArtifact.read(path: path)
    case .teacher: _ = try TeacherArtifact.read(path: path)
    case .evaluation: _ = try EvaluationArtifact.read(path: path)
    case .sweep: _ = try SweepArtifact.read(path: path)
    case .checkpoint:
      throw ArtifactError.wrongKind(path: path, expected: "the kind of a result", found: kind.rawValue)
    }
  }

  /// Each artifact of the grid against the settings that it would be made with now.
  mutating func checkSettings(_ plan: Plan) throws {
    for path in paths {
      guard let header = found[path]?.header, let expectation = plan.expectations[path],
        let reason = try expectation.mismatch(header, path: path)
      else { continue }
      problems.append("\(path): stale: \(reason)")
    }
  }

  /// Each recorded input against the file there is now.
  mutating func checkLineage() throws {
    for path in paths {
      guard let header = found[path]?.header else { continue }
      for input in header.inputs { try check(input, of: path, header) }
    }
  }

  private mutating func check(_ input: ArtifactInput, of path: String, _ header: ArtifactHeader) throws {
    let name: String
    let now: String?
    if let place = tree.path(of: input, for: header) {
      guard !unsound.contains(place) else { return }
      name = place
      now = found[place]?.contentSHA256
      if now == nil {
        problems.append("\(path): its \(input.role.rawValue) \(place) is missing")
        return
      }
    } else {
      name = outsidePath(of: input) ?? input.fileName
      if header.kind == .dataset, name.contains("/"), Self.kind(ofFile: name) == S_IFDIR {
        if let change = try firstChange(in: name, since: DatasetArtifact(path: path).manifest()) {
          problems.append(
            "\(path): stale: made from another \(name) (\(change.file) \(change.isMissing ? "is missing" : "has changed"))"
          )
        }
        return
      }
      now = try digest(ofOutside: name)
    }
    guard let now else {
      uncompared.insert(input.fileName)
      return
    }
    if now != input.contentSHA256 {
      problems.append(
        "\(path): stale: made from another \(name) (content \(input.contentSHA256.prefix(12))…, now \(now.prefix(12))…)"
      )
    }
  }

  /// Where a file from outside is said to be.
  private func outsidePath(of input: ArtifactInput) -> String? {
    switch input.role {
    case .raw:
      folders.first { fileName(of: $0) == input.fileName } ?? raw.map { "\($0)/\(input.fileName)" }
    case .weights: weights.first { fileName(of: $0) == input.fileName }
    case .dataset, .teacher, .initial, .model, .scores: nil
    }
  }

  /// `S_IFREG`, `S_IFDIR`, …; nil if there is no such file.
  private static func kind(ofFile path: String) -> mode_t? {
    var status = stat()
    return stat(path, &status) == 0 ? status.st_mode & S_IFMT : nil
  }

  /// The SHA-256 of a regular file, read once; nil for anything else.
  private mutating func digest(ofOutside path: String) throws -> String? {
    if let known = outside[path] { return known }
    let isFile = path.contains("/") && Self.kind(ofFile: path) == S_IFREG
    let digest = isFile ? try digests(of: InputFile(path: path)).sha256 : nil
    outside[path] = digest
    return digest
  }

  /// Each table that is there against the evaluations: those that `plan` has written a declaration of.
  mutating func checkTables() throws {
    let directory = directoryName(of: tree.declaration(ofTable: "x"))
    guard fileExists(directory) else { return }
    let evaluations = EvaluationReader()
    for declaration in try DirectoryListing(path: directory).files where declaration.hasSuffix(".json") {
      let prefix = tree.table(fileName(of: declaration, without: ".json"))
      let files = PendingTable.files(prefix)
      guard files.contains(where: fileExists) else { continue }
      do {
        var planned = try PlannedTable(path: "\(directory)/\(declaration)")
        // Where it lies now, not where it was planned.
        planned.root = tree.root
        let texts = try evaluations.table(of: planned).table.files
        for (file, text) in zip(files, texts) {
          tables += 1
          guard fileExists(file) else {
            problems.append("\(file): is missing")
            continue
          }
          if try contents(ofFile: file) != Array(text.utf8) {
            problems.append("\(file): stale: the evaluations and this grid give another table")
          }
        }
      } catch let failure as any Failure where failure.kind == .badData || failure.kind == .missingInput {
        problems.append("\(prefix): cannot be compared: \(failure.description)")
      }
    }
  }

  /// The page, if there is one, against the artifacts it says it shows.
  mutating func checkPage() throws {
    guard fileExists(tree.page) else { return }
    do {
      let inputs = try PageInputs(readFrom: PageInputs.path(ofPage: tree.page), root: tree.root)
      problems += try inputs.problems(ofPage: tree.page, found.mapValues(\.contentSHA256))
    } catch let failure as any Failure where failure.kind == .badData || failure.kind == .missingInput {
      problems.append("\(tree.page): not known what it was made from: \(failure.description)")
    }
  }

  /// The problems and the summary, one per line.
  var report: String {
    var lines = problems
    lines.append("\(tree.root): \(summary)")
    if !uncompared.isEmpty {
      lines.append("\(tree.root): not compared, because not there: \(uncompared.sorted().joined(separator: ", "))")
    }
    return lines.map { "\(bounded($0))\n" }.joined()
  }

  /// How many files there are and how many problems.
  var summary: String {
    func counted(_ count: Int, _ what: String) -> String { "\(count) \(what)\(count == 1 ? "" : "s")" }
    var parts = [counted(paths.count, "artifact")]
    if tables > 0 { parts.append(counted(tables, "table")) }
    if unfinished > 0 { parts.append(counted(unfinished, "unfinished file")) }
    return "\(parts.joined(separator: ", ")): \(problems.isEmpty ? "no problem" : counted(problems.count, "problem"))"
  }
}
