public import Failures

/// A safetensors file that is not what it should be.
public struct SafeTensorsError: Failure, Equatable {
  /// The file.
  public var path: String
  /// The tensor, or `header`.
  public var field: String
  /// What was expected and what was found.
  public var message: String

  /// An error at one place of a file.
  public init(path: String, field: String, message: String) {
    self.path = path
    self.field = field
    self.message = message
  }

  /// Bad data, 65.
  public var kind: FailureKind { .badData }

  /// One line: path, place, message.
  public var description: String { "\(path): \(field): \(message)" }
}
