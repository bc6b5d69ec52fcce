/// A file of pretrained weights that a teacher can begin with: a row of `weights.tsv`, which `make data` reads as well.
///
/// Columns: `file`, the name it is expected under; `sha256`, "-" where nobody has noted it yet; `size`; `url`; `licence`.
public struct PublishedWeights: Sendable, Equatable {
  /// The name it is expected under.
  public let name: String
  /// Where it is published.
  public let url: String
  /// Its size, for people.
  public let size: String
  /// The terms of use.
  public let licence: String
  /// 64 hexadecimal digits; nil where they are not known.
  public let sha256: String?

  /// All rows.
  public static let all: [PublishedWeights] = {
    do throws(EmbeddedTableError) {
      return try weights(in: EmbeddedTable(name: "weights.tsv", PackageResources.weights_tsv))
    } catch { preconditionFailure("\(error)") }
  }()

  /// The file of this name; nil for one that is not known.
  public static func named(_ name: String) -> PublishedWeights? { all.first { $0.name == name } }

  /// The published file that has this digest, under whatever name it came; nil for one that is not known.
  public static func withDigest(_ sha256: String) -> PublishedWeights? { all.first { $0.sha256 == sha256 } }

  static func weights(in table: EmbeddedTable) throws(EmbeddedTableError) -> [PublishedWeights] {
    var found: [PublishedWeights] = []
    for row in table.rows {
      found.append(
        PublishedWeights(
          name: try row.text("file"), url: try row.text("url"), size: try row.text("size"),
          licence: try row.text("licence"),
          sha256: try row.valueIfAny("sha256") { text in
            text.count == 64 && text.allSatisfy { "0123456789abcdef".contains($0) } ? text : nil
          }))
    }
    return found
  }
}
