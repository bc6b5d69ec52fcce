import Failures
import Files
public import JSON
public import Metrics
import Statistics

/// Claims as a file declares them, `pipeline/claims.json`. Whoever wants to test a claim of their own adds an entry.
///
///     {
///       "datasets": ["breastmnist", …],
///       "smallest_difference": { "auc": 0.01, "acc": 0.02 },
///       "deviations": { "qvit-q8": ["model.qubits"] },
///       "paper_means": { "qvit-q8-kd-224": { "auc": 0.881, "acc": 0.763 } },
///       "claims": [{
///         "id": "avg-auc", "claim": "QViT beats ViT in average AUC, from scratch", "where": "v1 abstract, section 5",
///         "tests": [{ "measure": "auc", "new": ["qvit-scratch-28"], "old": ["vit-scratch-28"], "expect": "above" }],
///         "paper": [{ "formula": "auc(qvit-scratch-28)", "says": "0.863" }]
///       }]
///     }
///
/// A file with `"title"` has a subject of its own, the controls of `pipeline/controls.json`. `"datasets": "planned"` are those of
/// the tables at hand: what is asked is then what these results say, not what the paper's eight datasets would.
public struct ClaimFile: Sendable, Equatable {
  /// What the claims are about; nil for the paper's own.
  public let title: String?
  /// The datasets that averages are over.
  public let datasets: [String]
  /// The settings in which a variant may differ from the paper's tables, because the claim is about them.
  public let deviations: [String: [String]]
  /// Means over the datasets that the paper's text gives of rows its tables do not have.
  public let paperMeans: [RowName: [Metric: Double]]
  /// The claims.
  public let claims: [ClaimDeclaration]

  /// Reads a file.
  /// - Throws: `SettingsError`, `FileError`.
  /// - Parameter planned: the datasets of the tables at hand.
  public init(path: String, planned: [String] = []) throws {
    try self.init(
      JSONValue(parsing: contents(ofFile: path, limit: 4 << 20), path: path), path: path, planned: planned)
  }

  /// Reads the value of a file.
  /// - Throws: `SettingsError`.
  public init(_ value: JSONValue, path: String, planned: [String] = []) throws {
    let reader = try SettingsReader(value: value, path: path)
    title = reader.value("title") == nil ? nil : try reader.sentence("title")
    let datasets = reader.value("datasets") == .string("planned") ? planned : try reader.words("datasets")
    guard !datasets.isEmpty else {
      throw reader.error(
        at: "datasets", expected: "a planned table with datasets", foundText: "none")
    }
    self.datasets = datasets
    guard datasets.count <= WilcoxonSignedRank.largestCount, Set(datasets).count == datasets.count else {
      throw reader.error(
        at: "datasets", expected: "at most \(WilcoxonSignedRank.largestCount) names, each once",
        foundText: "\(datasets.count)")
    }
    let smallest = try reader.child("smallest_difference")
    let margins: [Metric: Double] = [
      .auc: try smallest.number("auc", in: 0...1), .accuracy: try smallest.number("acc", in: 0...1),
    ]
    var deviations: [String: [String]] = [:]
    for (name, value) in try reader.members("deviations") {
      deviations[name] = try reader.words(value, "deviations.\(name)")
    }
    self.deviations = deviations
    var means: [RowName: [Metric: Double]] = [:]
    for (name, value) in try reader.members("paper_means") {
      guard let row = RowName(name) else {
        throw reader.error(at: "paper_means", expected: "rows as qvit-q8-kd-224", found: .string(name))
      }
      let measures = try SettingsReader(value: value, path: "\(path): paper_means.\(name)")
      means[row] = [.auc: try measures.number("auc", in: 0...1), .accuracy: try measures.number("acc", in: 0...1)]
      try measures.finish()
    }
    paperMeans = means
    claims = try reader.array("claims").enumerated().map { index, entry in
      try ClaimDeclaration(
        SettingsReader(value: entry, path: "\(path): claims[\(index)]"), margins: margins, datasets: datasets)
    }
    try reader.finish()
    for (index, claim) in claims.enumerated()
    where claims[..<index].contains(where: { $0.identifier == claim.identifier }) {
      throw SettingsError(path: path, place: "claims[\(index)].id", message: "'\(claim.identifier)' is there twice")
    }
  }
}

/// A claim and what would decide it.
public struct ClaimDeclaration: Sendable, Equatable {
  /// What it is called: "avg-auc".
  public let identifier: String
  /// The claim in a sentence.
  public let sentence: String
  /// Where the paper makes it.
  public let place: String
  /// The tests; the claim holds if all do that count.
  public let tests: [TestDeclaration]
  /// The numbers the text gives.
  public let statements: [Statement]
  /// What else to show, by name.
  public let quantities: [Quantity]
  /// What a reader should know, a sentence; empty where nothing.
  public let remark: String
  /// What each verdict decides, a sentence, written down before there were numbers; empty where the verdict says it.
  public let decides: [Verdict: String]

  /// A number of the text and the formula whose value it should be.
  public struct Statement: Sendable, Equatable {
    /// The formula.
    public let formula: Formula
    /// The formula's text.
    public let text: String
    /// The number as printed: "0.863", "-2.65 %".
    public let printed: String
    /// The number.
    public let value: Double
    /// Half a unit of its last digit.
    public let rounding: Double

    /// A value of the formula in the form of the printed number: "−2.62 %".
    public func text(_ value: Double) -> String {
      printed.hasSuffix("%") ? "\(significant(100 * value)) %" : significant(value)
    }
  }

  /// A number to show beside the verdict.
  public struct Quantity: Sendable, Equatable {
    /// What it is.
    public let name: String
    /// How it is computed.
    public let formula: Formula
  }

  init(_ reader: SettingsReader, margins: [Metric: Double], datasets: [String]) throws {
    identifier = try reader.string("id")
    guard identifier.wholeMatch(of: /[a-z0-9][a-z0-9-]{0,39}/) != nil else {
      throw reader.error(at: "id", expected: "small letters, digits and hyphens", found: .string(identifier))
    }
    sentence = try reader.sentence("claim")
    place = try reader.sentence("where")
    remark = reader.value("remark") == nil ? "" : try reader.sentence("remark")
    tests = try reader.readers("tests").flatMap { try TestDeclaration.tests($0, margins: margins, datasets: datasets) }
    guard tests.contains(where: \.counts) else {
      throw reader.error(at: "tests", expected: "a test that counts", foundText: "none")
    }
    var decides: [Verdict: String] = [:]
    if reader.value("decides") != nil {
      let sentences = try reader.child("decides")
      for verdict in [Verdict.confirmed, .contradicted, .undecided] {
        decides[verdict] = try sentences.sentence(verdict.rawValue)
      }
    }
    self.decides = decides
    statements = try reader.readers("paper").map { entry in
      let printed = try entry.string("says")
      guard let number = PrintedNumber(printed) else {
        throw entry.error(at: "says", expected: "a number as printed, like 0.863 or -2.65 %", found: .string(printed))
      }
      let text = try entry.string("formula")
      let statement = Statement(
        formula: try entry.formula("formula"), text: text, printed: printed, value: number.value,
        rounding: number.rounding)
      try entry.finish()
      return statement
    }
    quantities = try reader.readers("also").map { entry in
      let quantity = Quantity(name: try entry.sentence("name"), formula: try entry.formula("formula"))
      try entry.finish()
      return quantity
    }
    try reader.finish()
  }
}

/// A test of a claim: what is expected of a number.
public struct TestDeclaration: Sendable, Equatable {
  /// What a number is expected to be.
  public enum Expectation: String, CaseIterable, Sendable {
    /// Larger than the value, by the smallest difference that matters or more.
    case above
    /// Smaller than the value, likewise.
    case below
    /// The value, to within the smallest difference that matters.
    case near
  }

  /// Two groups of rows that are compared; rows of the same place are pairs.
  public struct Comparison: Sendable, Equatable {
    /// The rows that the claim is about.
    public let new: [RowName]
    /// What they are compared with.
    public let old: [RowName]
    /// The metric.
    public let metric: Metric
  }

  /// What the number is, for people: "AUC", or the formula.
  public let name: String
  /// The number.
  public let formula: Formula
  /// The formula's text.
  public let text: String
  /// The two groups, where the number is the difference of their means.
  public let comparison: Comparison?
  /// What is expected.
  public let expectation: Expectation
  /// The value that the number is compared with.
  public let target: Double
  /// The smallest difference that matters.
  public let margin: Double
  /// The dataset the test is about, where the claim is made of each.
  public private(set) var dataset: String?
  /// Whether the paper's tables must agree; not where the claim is about more than single runs can show.
  public let isCheckedInPaper: Bool
  /// Whether the verdict on the claim depends on it; if not it is shown beside those that do.
  public let counts: Bool

  /// The same test of one dataset.
  private func of(_ dataset: String) -> TestDeclaration {
    var test = self
    test.dataset = dataset
    return test
  }

  /// The tests of an entry: one, or one for each dataset of `"each"`.
  static func tests(
    _ reader: SettingsReader, margins: [Metric: Double], datasets: [String]
  ) throws -> [TestDeclaration] {
    let expectation: Expectation = try reader.choice("expect")
    let target = reader.value("value") == nil ? 0 : try reader.number("value", in: -1e12...1e12)
    let isChecked = try reader.boolean("check_paper", default: true)
    let counts = try reader.boolean("counts", default: true)
    let each =
      reader.value("each") == nil
      ? [] : reader.value("each") == .string("datasets") ? datasets : try reader.words("each")
    let given = reader.value("margin") == nil ? nil : try reader.number("margin", in: 0...1e12)
    let test: TestDeclaration
    if reader.value("formula") == nil {
      let metric: Metric = try reader.choice("measure", of: ["auc", "acc"]) == "auc" ? .auc : .accuracy
      let (new, old) = (try reader.rows("new"), try reader.rows("old"))
      guard new.count == old.count else {
        throw reader.error(at: "old", expected: "\(new.count) rows, pairs of 'new'", foundText: "\(old.count)")
      }
      func words(_ rows: [RowName]) -> String {
        "\(metric == .auc ? "auc" : "acc")(\(rows.map(\.description).joined(separator: ", ")))"
      }
      test = TestDeclaration(
        name: reader.value("name") == nil ? metric.title : try reader.sentence("name"),
        formula: .difference(.mean(metric, new, datasets: nil), .mean(metric, old, datasets: nil)),
        text: "\(words(new)) - \(words(old))", comparison: Comparison(new: new, old: old, metric: metric),
        expectation: expectation, target: target, margin: given ?? margins[metric] ?? 0, dataset: nil,
        isCheckedInPaper: isChecked, counts: counts)
    } else {
      guard let given else {
        throw reader.error(at: "margin", expected: "the smallest difference that matters", foundText: "none")
      }
      test = TestDeclaration(
        name: try reader.sentence("name"), formula: try reader.formula("formula"), text: try reader.string("formula"),
        comparison: nil, expectation: expectation, target: target, margin: given, dataset: nil,
        isCheckedInPaper: isChecked, counts: counts)
    }
    try reader.finish()
    return reader.value("each") == nil ? [test] : each.map(test.of)
  }
}

/// A number as a text prints it.
struct PrintedNumber: Equatable {
  let value: Double
  /// Half a unit of the last digit.
  let rounding: Double

  init?(_ text: String) {
    guard let match = text.wholeMatch(of: /(-?)(\d{1,12})(?:\.(\d{1,9}))?( %)?/) else { return nil }
    let digits = match.3.map(String.init) ?? ""
    guard let magnitude = Double("\(match.2)" + (digits.isEmpty ? "" : ".\(digits)")) else { return nil }
    let unit = digits.reduce(1.0) { unit, _ in unit / 10 }
    let scale = match.4 == nil ? 1 : 0.01
    value = (match.1.isEmpty ? magnitude : -magnitude) * scale
    rounding = unit / 2 * scale
  }
}

extension SettingsReader {
  /// A text of at most 300 characters without control characters, and not empty.
  fileprivate func sentence(_ key: String) throws -> String {
    let text = try string(key)
    guard !text.isEmpty, text.count <= 300,
      !text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control })
    else { throw error(at: key, expected: "1 to 300 characters, no control characters", found: .string(text)) }
    return text
  }

  fileprivate func formula(_ key: String) throws -> Formula {
    do { return try Formula(parsing: string(key)) } catch let problem as FormulaError {
      throw error(at: key, expected: "a formula", foundText: problem.description)
    }
  }

  fileprivate func words(_ key: String) throws -> [String] { try words(value(key) ?? .null, key) }

  fileprivate func words(_ value: JSONValue, _ key: String) throws -> [String] {
    guard case .array(let elements) = value, !elements.isEmpty else {
      throw error(at: key, expected: "a list of names", found: value)
    }
    return try elements.map { element in
      guard case .string(let word) = element, !word.isEmpty else {
        throw error(at: key, expected: "a list of names", found: element)
      }
      return word
    }
  }

  fileprivate func rows(_ key: String) throws -> [RowName] {
    try words(key).map { word in
      guard let row = RowName(word) else {
        throw error(at: key, expected: "rows VARIANT-REGIME-RESOLUTION, as qvit-scratch-28", found: .string(word))
      }
      return row
    }
  }

  /// The members of an object, by name; none where the key is missing.
  fileprivate func members(_ key: String) throws -> [(String, JSONValue)] {
    guard let value = value(key) else { return [] }
    guard case .object(let members) = value else { throw error(at: key, expected: "an object", found: value) }
    return members.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  /// Readers of the objects of a list; none where the key is missing.
  fileprivate func readers(_ key: String) throws -> [SettingsReader] {
    guard value(key) != nil else { return [] }
    return try array(key).enumerated().map { index, entry in
      try SettingsReader(value: entry, path: "\(path): \(key)[\(index)]")
    }
  }
}
