/// The datasets there are descriptions of, in the order of the paper's tables: the rows of `datasets.tsv`, which make and the
/// scripts of `pipeline` read as well. One more dataset is one more row.
///
/// Columns: `name`, `title`, `task` (a `ClassificationTask`), `channels`, images of `train`, `val`, `test` as published, how many
/// `seeds` each student gets where none are asked for (20 with fewer than 10,000 training images, 5 with more), `licence` and what its `terms` forbid, for each resolution R the MD5 and the size of the published file `md5_R`, `size_R`,
/// the address of these `files` with their name as `{file}` (`NAME.npz` at 28 pixels, `NAME_R.npz` at others), the generated
/// `sample` (a `SamplePicture`), names of the `classes` separated by `|`, `citation`.
///
/// Source: MedMNIST `info.py`, version 3.0.2 (tasks, labels, sizes, licences, digests); OASIS-1's data use terms.
public enum Catalogue {
  /// All datasets, in the order of the paper's tables.
  public static let all: [DatasetDescription] = {
    do throws(EmbeddedTableError) {
      return try descriptions(in: EmbeddedTable(name: "datasets.tsv", PackageResources.datasets_tsv))
    } catch { preconditionFailure("\(error)") }
  }()

  /// OASIS-1, as slices of the public copy.
  public static let oasis: DatasetDescription = {
    guard let found = all.first(where: { $0.name == "oasis" }) else {
      preconditionFailure("datasets.tsv: no row oasis")
    }
    return found
  }()

  /// The dataset called `name`.
  /// - Throws: `DatasetError.unknownName`, which suggests the nearest name.
  public static func dataset(named name: String) throws(DatasetError) -> DatasetDescription {
    guard let found = all.first(where: { $0.name == name }) else {
      throw DatasetError.unknownName(name, known: all.map(\.name))
    }
    return found
  }

  /// The name of a dataset as the literature writes it: "BreastMNIST" for `breastmnist`; a dataset of the user's own keeps
  /// its name.
  public static func title(of name: String) -> String { all.first { $0.name == name }?.title ?? name }

  /// Whether a dataset of this name was published as files that ours can be compared with.
  public static func hasOfficialFiles(_ name: String) -> Bool {
    all.contains { $0.name == name && !$0.officialFiles.isEmpty }
  }

  /// The seeds of each student of a dataset, where none are asked for: 1, 2, … A dataset of the user's own gets five, because
  /// how large it is shows only when it is read.
  public static func seeds(of name: String) -> [UInt64] {
    Array(1...UInt64(all.first { $0.name == name }?.seedCount ?? DatasetDescription.fewestSeeds))
  }

  // MARK: The table

  /// The datasets of a table with the columns above.
  static func descriptions(in table: EmbeddedTable) throws(EmbeddedTableError) -> [DatasetDescription] {
    var descriptions: [DatasetDescription] = []
    for row in table.rows {
      let description = try description(of: row, resolutions: table.columns.compactMap(resolution(ofColumn:)))
      guard !descriptions.contains(where: { $0.name == description.name }) else {
        throw row.problem("name", "\(description.name) is there twice")
      }
      descriptions.append(description)
    }
    return descriptions
  }

  private static func description(
    of row: EmbeddedTable.Row, resolutions: [Int]
  ) throws(EmbeddedTableError) -> DatasetDescription {
    let name = try row.text("name")
    var counts: [Split: Int] = [:]
    for split in Split.allCases { counts[split] = try row.valueIfAny(split.rawValue) { Int($0) } }
    var files: [Int: OfficialFile] = [:]
    for resolution in resolutions {
      guard let md5 = try row.valueIfAny("md5_\(resolution)", isMD5) else { continue }
      let file = resolution == 28 ? "\(name).npz" : "\(name)_\(resolution).npz"
      files[resolution] = OfficialFile(
        name: file,
        url: try row.text("files").split(separator: "{file}", omittingEmptySubsequences: false)
          .joined(separator: file), md5: md5)
    }
    return DatasetDescription(
      name: name, title: try row.text("title"),
      task: try row.value("task") { ClassificationTask(rawValue: $0) },
      channels: try row.value("channels") { ["1": 1, "3": 3][$0] },
      classNames: try row.text("classes").split(separator: "|").map(String.init),
      officialCounts: counts.isEmpty ? nil : counts,
      seedCount: try row.value("seeds") { Int($0).flatMap { (1...1000).contains($0) ? $0 : nil } },
      licence: try row.text("licence"),
      citation: try row.text("citation"), officialFiles: files,
      sample: try row.valueIfAny("sample") { SamplePicture(rawValue: $0) })
  }

  private static func resolution(ofColumn name: String) -> Int? {
    name.hasPrefix("md5_") ? Int(name.dropFirst(4)) : nil
  }

  private static func isMD5(_ text: String) -> String? {
    text.count == 32 && text.allSatisfy { "0123456789abcdef".contains($0) } ? text : nil
  }
}
