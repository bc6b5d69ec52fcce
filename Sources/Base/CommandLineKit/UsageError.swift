public import Failures

/// A command line that cannot be run.
public struct UsageError: Failure, Equatable {
  /// What is wrong, in one line.
  public var message: String

  /// A wrong command line; for checks between options that a declaration cannot express.
  public init(_ message: String) { self.message = message }

  /// Usage, 64.
  public var kind: FailureKind { .usage }

  /// One line.
  public var description: String { message }
}
