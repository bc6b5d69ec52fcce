import Failures

/// How an input ended, if neither in a crash nor in an error that has no place there.
enum Outcome: Int {
  /// The reader took it.
  case accepted = 0
  /// The reader refused it with one line and a code for bad input.
  case refused = 1
  /// flips only: the byte was changed, and everything read is as before.
  case harmless = 2
}

/// Something that a user hands to the programs, and what reads it.
protocol FuzzTarget: AnyObject {
  /// The name on the command line.
  static var name: String { get }
  /// What is changed and what reads it, in a line.
  static var summary: String { get }
  /// Mebibytes of address space that one process may take.
  static var memoryLimit: Int { get }
  /// Cases there are in all; nil for no end.
  var count: Int? { get }

  /// Prepares what all cases share.
  /// - Parameter directory: an empty directory of the process's own.
  init(directory: String) throws

  /// The input of a case, to be saved when something is wrong with it; the first of it in `--replay` goes to the reader.
  func input(_ choices: inout Choices, number: Int) throws -> [UInt8]

  /// Hands an input to the reader.
  /// - Throws: what the reader throws.
  func read(_ input: [UInt8]) throws -> Outcome
}

extension FuzzTarget {
  static var memoryLimit: Int { 1024 }
  var count: Int? { nil }
}

/// What a reader must not do with any input.
struct Finding: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}

/// Runs one case and judges how it ended; `refused` hears in which words.
/// - Throws: `Finding` for an error that is not one line with a code for bad input.
func judge(
  _ target: some FuzzTarget, _ input: [UInt8], refused: (String) -> Void = { _ in }
) throws -> Outcome {
  do {
    return try target.read(input)
  } catch let finding as Finding {
    throw finding
  } catch let failure as any Failure {
    let text = failure.description
    refused(text)
    guard !text.isEmpty, text.utf8.count < 100_000 else { throw Finding("a message of \(text.utf8.count) bytes") }
    switch failure.kind {
    case .usage, .badData, .missingInput, .cannotCreate: return .refused
    default: throw Finding("exit code \(failure.kind.rawValue): \(text.prefix(300))")
    }
  } catch {
    throw Finding("an error that is no Failure: \(error)")
  }
}

/// All targets by name.
var fuzzTargets: [any FuzzTarget.Type] {
  [
    NPZTarget.self, SafeTensorsTarget.self, SettingsTarget.self, TablesTarget.self, ImageTarget.self,
    FolderTarget.self, ArtifactTarget.self, SealedTarget.self, SchemaTarget.self, StagesTarget.self,
    ArgumentsTarget.self,
    FlipTarget.self, SealedFlipTarget.self, WatchTarget.self,
  ]
}
