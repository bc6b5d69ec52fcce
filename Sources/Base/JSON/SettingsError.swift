public import Failures

/// A settings file that is not what it should be.
public struct SettingsError: Failure, Equatable {
  /// The file.
  public var path: String
  /// Where in it: `line:column` for text that is not JSON, a key such as `training.epochs` otherwise; empty for the
  /// whole file.
  public var place: String
  /// What was expected and what was found.
  public var message: String

  /// An error at one place of a file.
  public init(path: String, place: String, message: String) {
    self.path = path
    self.place = place
    self.message = message
  }

  /// Bad data, 65.
  public var kind: FailureKind { .badData }

  /// One line: path, place, message.
  public var description: String { place.isEmpty ? "\(path): \(message)" : "\(path): \(place): \(message)" }
}
