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

  /// The text of a file of the package, for example `packageText("pipeline/config/vit.json")`.
  public static func packageText(_ name: String) throws -> String {
    String(decoding: try wholeFile("\(packageRoot)/\(name)"), as: UTF8.self)
  }

  /// The text of a committed fixture.
  public static func text(_ name: String) throws -> String {
    String(decoding: try wholeFile(path(name)), as: UTF8.self)
  }

  /// A case of the golden set: committed, or of the larger part that is kept beside the package, not in it; nil where that
  /// is absent.
  ///
  /// Use it as `@Test(.enabled(if: Fixtures.golden("tinyvit") != nil, "the golden set is absent"))`; what is committed
  /// needs no condition.
  public static func golden(_ name: String) -> String? {
    [path("golden/\(name)"), "\(packageRoot)/../shared/golden/\(name)"].first { access($0, R_OK) == 0 }
  }
}
