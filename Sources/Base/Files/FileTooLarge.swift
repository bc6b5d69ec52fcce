public import Failures

/// A file that is larger than anything of its kind can be.
public struct FileTooLarge: Failure, Equatable {
  /// The file.
  public var path: String
  /// Its size in bytes.
  public var size: Int
  /// The largest size accepted, in bytes.
  public var limit: Int

  /// Bad data, 65.
  public var kind: FailureKind { .badData }

  /// One line: path, found and expected size.
  public var description: String { "\(path): \(size) bytes, expected at most \(limit)" }
}
