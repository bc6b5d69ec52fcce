/// What wrote an artifact.
public enum Software {
  /// The program's name.
  public static let name = "qvit"
  /// The program's version.
  public static let version = "0.1.0"
  /// Bumped whenever the same command may give other numbers than before; tables refuse to mix results versions.
  public static let resultsVersion = 2
  /// The version of the artifacts' layout; readers refuse any other.
  public static let formatVersion = HeaderSchema.currentVersion
}
