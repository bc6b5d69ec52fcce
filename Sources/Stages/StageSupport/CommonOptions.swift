import Configuration
import Threads
public import CommandLineKit
import Files

// Options and small conventions that several stages share.

extension Option {
  /// `--threads N`.
  public static let threads = Option(
    "threads", .integer(in: 1...1024), "Threads to use; all processors by default. Results do not depend on it.")
  /// `--checkpoint-interval SECONDS`.
  public static let checkpointInterval = Option(
    "checkpoint-interval", .number(in: 0...86_400), "At most so much computed time is lost when the process is killed.",
    placeholder: "SECONDS",
    presence: .defaultsTo("30"))
  /// `--quiet`.
  public static let quiet = Option("quiet", .flag, "No progress on standard error.")
}

extension ParsedArguments {
  /// The value of `--threads`, or the number of processors.
  public var threadCount: Int { optionalInteger("threads") ?? WorkerPool.processors }
  /// The value of `--checkpoint-interval`.
  public var checkpointInterval: Duration { .seconds(number("checkpoint-interval")) }
  /// As `--quiet` says.
  public var progressStyle: ProgressReporter.Style { flag("quiet") ? .quiet : .automatic }
}

/// Finds out before hours of work whether the output can be written, and leaves nothing behind.
/// - Throws: `FileError` (kind cannot create).
public func requireWritable(_ path: String) throws { _ = try PendingFile(path: path) }

/// Four decimals, for people.
public func decimals(_ value: Double) -> String {
  guard value.isFinite, value.magnitude < 1e12 else { return "\(value)" }
  let scaled = Int((value.magnitude * 10_000).rounded())
  let fraction = String(scaled % 10_000)
  return (value < 0 ? "-" : "") + "\(scaled / 10_000)." + String(repeating: "0", count: 4 - fraction.count) + fraction
}
