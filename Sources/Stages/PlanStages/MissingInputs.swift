import CommandLineKit
import Datasets
import Failures
import Files

/// What from outside is missing for what make was asked for, all of it before the first stage runs.
struct MissingInputs {
  private let paths: [String]
  private let request: PlanRequest

  /// - Parameter goals: goals of make: tables, `datasets`, files.
  init(of goals: [String], _ stale: StaleRules, _ request: PlanRequest) {
    var paths: [String] = []
    for path in stale.needed(for: goals).flatMap(\.missingInputs) where !paths.contains(path) { paths.append(path) }
    self.paths = paths
    self.request = request
  }

  /// Says on standard error what is missing and where to get it.
  func list() {
    for path in paths { writeToStandardError("\(path): missing\(Self.source(of: path, request))\n") }
  }

  /// Those among them that somebody publishes, a line each: what `make data` fetches, or explains how to get.
  var published: String {
    paths.filter { Self.isDownloadable($0) || fileName(of: $0) == Catalogue.oasis.name }.map { "\($0)\n" }.joined()
  }

  /// - Parameter goals: what make was asked for, as it was written.
  /// - Throws: `AreMissing`, if any is.
  func refuse(_ goals: [String]) throws {
    guard !paths.isEmpty else { return }
    list()
    let settings = request.command.dropFirst("make".count)
    throw AreMissing(
      count: paths.count, downloadable: paths.count(where: Self.isDownloadable),
      command: (["make data"] + goals.filter { $0 != "data" }).joined(separator: " ") + settings)
  }

  private static func isDownloadable(_ path: String) -> Bool {
    officialFile(path) != nil || PublishedWeights.named(fileName(of: path)) != nil
  }

  private static func officialFile(_ path: String) -> OfficialFile? {
    Catalogue.all.flatMap(\.officialFiles.values).first { $0.name == fileName(of: path) }
  }

  private static func source(of path: String, _ request: PlanRequest) -> String {
    if request.allWeights.contains(path) {
      let known = PublishedWeights.named(fileName(of: path))
      return (known.map { "; get \($0.url) (\($0.size), \($0.licence)) and put it there," } ?? "; put it there,")
        + " or set WEIGHTS (to nothing where teacher.json begins with random weights)"
    }
    if let file = officialFile(path) { return "; get \(file.url) (MD5 \(file.md5)) and put it there, or set RAW" }
    guard fileName(of: path) == Catalogue.oasis.name else { return "" }
    return
      "; get OASIS-1 as slices (Kaggle: ninadaithal/imagesoasis, needs an account; mind OASIS’ data use terms) and put "
      + "its four class folders there, or set RAW"
  }

  /// Inputs from outside that are not there.
  private struct AreMissing: Failure {
    var count: Int
    var downloadable: Int
    var command: String

    var kind: FailureKind { .missingInput }
    var description: String {
      let which = downloadable == count ? count == 1 ? "it" : "them" : "\(downloadable) of them"
      return "\(count) input\(count == 1 ? " is" : "s are") missing, nothing was begun"
        + (downloadable == 0 ? "" : "; '\(command)' downloads \(which) first")
    }
  }
}
