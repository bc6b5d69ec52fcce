import Glibc

/// Where tests find their data, independent of the directory they are run in.
public enum Fixtures {
  /// The package's root directory.
  public static let packageRoot: String = {
    let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
    return parts.dropLast(4).joined(separator: "/")
  }()

  /// A committed fixture, for example `path("metrics/auc.npz")`.
  public static func path(_ name: String) -> String { "\(packageRoot)/Tests/Fixtures/\(name)" }

  /// The bytes of a committed fixture.
  public static func bytes(_ name: String) throws -> [UInt8] { try wholeFile(path(name)) }

  /// The text of a committed fixture.
  public static func text(_ name: String) throws -> String {
    String(decoding: try wholeFile(path(name)), as: UTF8.self)
  }

  /// A case of the large golden set that is kept beside the package, not in it; nil where it is absent.
  ///
  /// Use it as `@Test(.enabled(if: Fixtures.golden("metrics") != nil, "the golden set is absent"))`.
  public static func golden(_ name: String) -> String? {
    let path = "\(packageRoot)/../shared/golden/\(name)"
    return access(path, R_OK) == 0 ? path : nil
  }
}
