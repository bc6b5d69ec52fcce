import Artifacts
import Datasets
import Glibc
import Metrics
import Statistics
import Testing
import _TestSupport

/// A table made by make with the real tools, once for all tests that only read it: two datasets, two students, three seeds.
enum MadeTable {
  static let settings = [
    "DATASETS=breastmnist retinamnist", "RESOLUTIONS=28", "SEEDS=1 2 3", "EPOCHS=4", "TEACHER_SEEDS=2",
  ]

  static let bench = Result {
    let bench = try Bench()
    let made = try startMake(["table1", "ARTIFACTS=\(bench.directory.path)/artifacts", "JOBS=2"] + settings).wait()
    guard made.status == 0 else { throw Unexpected(description: "\(made)") }
    return bench
  }
}

/// A table's CSV form: a dictionary for each line.
private func rows(ofCSV text: String) throws -> [[String: String]] {
  let lines = text.split(separator: "\n").map(fields)
  let header = try #require(lines.first)
  return lines.dropFirst().map { Dictionary(uniqueKeysWithValues: zip(header, $0)) }
}

/// The fields of a line, quotes taken off.
private func fields(_ line: Substring) -> [String] {
  var fields = [""]
  var isQuoted = false
  for character in line {
    switch character {
    case "\"":
      isQuoted.toggle()
      // The second of two.
      if isQuoted, fields[fields.count - 1].last == "\u{0}" { fields[fields.count - 1] += "\"" }
      fields[fields.count - 1] += "\u{0}"
    case "," where !isQuoted: fields.append("")
    default: fields[fields.count - 1].append(character)
    }
  }
  return fields.map { $0.replacing("\u{0}", with: "") }
}

/// With so many decimals, by the C library.
private func decimals(_ value: Double, _ count: Int) -> String {
  var buffer = [CChar](repeating: 0, count: 64)
  withVaList([value]) { _ = vsnprintf(&buffer, buffer.count, "%.\(count)f", $0) }
  return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

@Suite("What stands in a table", .timeLimit(.minutes(20)))
struct TableTests {
  /// The share of pairs (class, rest) in the right order, ties counted half: one pair after the other.
  private func areaUnderROC(_ scores: [Float], _ isPositive: [Bool]) -> Double {
    var (halves, pairs) = (0, 0)
    for (a, first) in zip(scores, isPositive) where first {
      for (b, second) in zip(scores, isPositive) where !second {
        halves += a > b ? 2 : a == b ? 1 : 0
        pairs += 1
      }
    }
    return Double(halves) / Double(2 * pairs)
  }

  /// AUC and ACC as MedMNIST defines them, from the stored scores and labels.
  private func measures(_ path: String) throws -> (auc: Double, accuracy: Double) {
    let test = try #require(try EvaluationArtifact.read(path: path).evaluation[.test])
    let classes = test.classCount
    func column(_ index: Int) -> [Float] { test.labels.indices.map { test.scores[$0 * classes + index] } }
    let auc: Double
    var right = 0
    if classes == 2 {
      auc = areaUnderROC(column(1), test.labels.map { $0 == 1 })
      for (score, label) in zip(column(1), test.labels) where (score > 0.5) == (label == 1) { right += 1 }
    } else {
      auc =
        (0..<classes).map { index in areaUnderROC(column(index), test.labels.map { $0 == index }) }.reduce(0, +)
        / Double(classes)
      for (image, label) in test.labels.enumerated() {
        let scores = (0..<classes).map { test.scores[image * classes + $0] }
        if scores.firstIndex(of: scores.max() ?? .nan) == label { right += 1 }
      }
    }
    return (auc, Double(right) / Double(test.labels.count))
  }

  @Test("Every number is what follows from the stored scores, computed another way")
  func cells() throws {
    let directory = try MadeTable.bench.get().directory
    let all = try rows(ofCSV: directory.text("artifacts/sample/tables/table1@breastmnist-retinamnist-28-s1-2-3.csv"))
    let lines = all.filter { $0["dataset"] != "average" }
    #expect(lines.count == 2 * 2 * 2 && all.count == lines.count + 2 * 2)
    // An average over datasets is that of its lines.
    for average in all where average["dataset"] == "average" {
      let means = lines.filter { $0["variant"] == average["variant"] && $0["metric"] == average["metric"] }
        .compactMap { Double($0["mean"] ?? "") }
      let found = Double(average["mean"] ?? "") ?? .nan
      #expect(means.count == 2 && abs(found - (means[0] + means[1]) / 2) < 1e-12)
    }
    let markdown = try directory.text("artifacts/sample/tables/table1@breastmnist-retinamnist-28-s1-2-3.md")
    let latex = try directory.text("artifacts/sample/tables/table1@breastmnist-retinamnist-28-s1-2-3.tex")
    for line in lines {
      let (variant, dataset, metric) = (line["variant"] ?? "", line["dataset"] ?? "", line["metric"] ?? "")
      let values = try (1...3).map { seed in
        let found = try measures(
          directory.file("artifacts/sample/evaluations/\(variant)-scratch/\(dataset)-28-s\(seed).h5"))
        return metric == "AUC" ? found.auc : found.accuracy
      }
      let place = "\(variant), \(dataset), \(metric)"
      #expect(line["seeds"] == "1;2;3", "\(place)")
      let stored = (line["values"] ?? "").split(separator: ";").compactMap { Double($0) }
      #expect(stored.count == 3 && zip(stored, values).allSatisfy { abs($0 - $1) < 1e-12 }, "\(place)")
      // Mean, and the deviation from the differences of all pairs.
      let mean = (values[0] + values[1] + values[2]) / 3
      let differences = [values[0] - values[1], values[0] - values[2], values[1] - values[2]]
      let squares: Double = differences.reduce(0) { $0 + $1 * $1 }
      let deviation: Double = (squares / 6).squareRoot()
      // The interval's own tests compare it with NumPy's; here it is that of these runs and of this measure.
      let runs = try (1...3).map { seed in
        try #require(
          EvaluationArtifact.read(
            path: directory.file("artifacts/sample/evaluations/\(variant)-scratch/\(dataset)-28-s\(seed).h5")
          ).evaluation[.test])
      }
      let found = interval(of: runs, metric == "AUC" ? .auc : .accuracy)
      let interval = try #require(found)
      let expected = [("mean", mean), ("sd", deviation), ("ci_low", interval.low), ("ci_high", interval.high)]
      for (name, value) in expected {
        let found = Double(line[name] ?? "") ?? .nan
        #expect(abs(found - value) < 1e-9, "\(place): \(name)")
      }
      // As printed.
      let isBest = line["best"] == "true"
      let printed = (isBest ? "**\(decimals(mean, 3))**" : decimals(mean, 3)) + " ± \(decimals(deviation, 3))"
      let label = (line["row"] ?? "").replacing("_", with: "\\_")
      let row = try #require(markdown.split(separator: "\n").first { $0.hasPrefix("| \(label) ") })
      let cells = row.split(separator: "|").map { $0.split(separator: " ").joined(separator: " ") }
      let column = 1 + (dataset == "breastmnist" ? 0 : 2) + (metric == "AUC" ? 0 : 1)
      #expect(cells[column] == printed, "\(place)")
      let mark = isBest ? "\\textbf{\(decimals(mean, 3))}" : decimals(mean, 3)
      #expect(latex.contains(mark + "{\\tiny$\\pm$\(decimals(deviation, 3))}"), "\(place)")
    }
    // The best of a column is the row with the higher mean.
    for dataset in ["breastmnist", "retinamnist"] {
      for metric in ["AUC", "ACC"] {
        let column = lines.filter { $0["dataset"] == dataset && $0["metric"] == metric }
        let means = column.map { $0["mean"].flatMap { Double($0) } ?? .nan }
        #expect(zip(column, means).allSatisfy { ($0["best"] == "true") == ($1 == means.max()) })
      }
    }
  }

  @Test("The commands printed below a table with missing entries fill them as they stand")
  func printedCommands() throws {
    // Its own: entries are removed.
    let bench = try Bench()
    let directory = bench.directory
    let settings = ["ARTIFACTS=\(directory.path)/artifacts"] + MadeTable.settings
    _ = try runProcess(
      "/bin/cp", ["-a", MadeTable.bench.get().directory.file("artifacts"), directory.path])
    // What the plan says of the directory is not that of the copy.
    let made = try startMake(["table1"] + settings).wait()
    #expect(made.status == 0, "\(made)")
    let whole = try directory.text("artifacts/sample/tables/table1@breastmnist-retinamnist-28-s1-2-3.md")
    #expect(
      whole
        == (try MadeTable.bench.get().directory.text(
          "artifacts/sample/tables/table1@breastmnist-retinamnist-28-s1-2-3.md")))

    let removed = ["vit-scratch/breastmnist-28-s2", "qvit-scratch/retinamnist-28-s1", "qvit-scratch/retinamnist-28-s3"]
    let bytes = try removed.map { try directory.bytes("artifacts/sample/evaluations/\($0).h5") }
    for name in removed {
      unlink(directory.file("artifacts/sample/evaluations/\(name).h5"))
      unlink(directory.file("artifacts/sample/students/\(name).h5"))
    }
    let report =
      "--table artifacts/sample/settings/tables/table1@breastmnist-retinamnist-28-s1-2-3.json --output artifacts/sample/tables/table1@breastmnist-retinamnist-28-s1-2-3"
    let printed = try bench.complete(.report, report).output
    #expect(printed.contains("2 of 3 seeds") && printed.contains("1 of 3 seeds"), "\(printed)")
    let commands = printed.split(separator: "\n").filter { $0.hasPrefix("    make ") }.map { $0.drop { $0 == " " } }
    #expect(commands.count == 2, "\(printed)")
    let csv = try rows(ofCSV: directory.text("artifacts/sample/tables/table1@breastmnist-retinamnist-28-s1-2-3.csv"))
    #expect(Set(csv.compactMap { $0["missing_command"] }).subtracting([""]) == Set(commands.map(String.init)))
    let markdown = try directory.text("artifacts/sample/tables/table1@breastmnist-retinamnist-28-s1-2-3.md")
    for command in commands {
      #expect(markdown.contains(": `\(command)`\n"))
      // As a user's shell would run it, but that the tools are those beside the tests.
      let result = try runProcess(
        "/usr/bin/env",
        ["-i", "LC_ALL=C", "BIN=\(toolPath("").dropLast())"] + inherited + ["/bin/sh", "-c", String(command)],
        in: Fixtures.packageRoot)
      #expect(result.status == 0, "\(result)")
    }
    for (name, bytes) in zip(removed, bytes) {
      #expect(try directory.bytes("artifacts/sample/evaluations/\(name).h5") == bytes, "\(name)")
    }
    let filled = try bench.complete(.report, report).output
    #expect(!filled.contains("Missing entries") && !filled.contains("—"), "\(filled)")
    #expect(try directory.text("artifacts/sample/tables/table1@breastmnist-retinamnist-28-s1-2-3.md") == whole)
  }

  private var inherited: [String] {
    (["PATH", "ASAN_OPTIONS", "TSAN_OPTIONS"] as [String]).compactMap { name in
      getenv(name).map { "\(name)=\(String(cString: $0))" }
    }
  }

  /// Real teachers and students, of one epoch.
  @Test("A variant and a table of one's own, to the end: eight qubits, one head, two teachers, an odd label")
  func ownTable() throws {
    let bench = try Bench()
    let directory = bench.directory
    for name in ["config", "tables"] { try directory.makeDirectories(name) }
    try directory.write(
      #"{"extends": "qvit", "label": "Größer \"Q\" & 50%, 8 qubits", "model": {"qubits": 8, "heads": 1}}"#,
      to: "config/wide.json")
    try directory.write(
      """
      {"title": "Widths", "caption": "Students of \\"two\\" widths_1 | ü", "rows": [
        {"variant": ["vit", "wide"], "regime": "kd", "resolution": 28}, {"regime": "teacher"}]}
      """, to: "tables/widths.json")
    let settings = [
      "ARTIFACTS=\(directory.path)/artifacts", "CONFIG=\(directory.path)/config",
      "TABLES=\(directory.path)/tables/widths.json", "DATASETS=breastmnist", "RESOLUTIONS=28", "SEEDS=1", "EPOCHS=1",
      "TEACHER_EPOCHS=0", "TEACHER_RESOLUTION=28",
    ]
    let made = try startMake(["widths"] + settings).wait(atMost: 600)
    #expect(made.status == 0, "\(made)")
    let label = #"Größer "Q" & 50%-KD_28, 8 qubits"#
    #expect(made.output.contains("\n\(label) "), "\(made.output)")
    let (markdown, latex) = (
      try directory.text("artifacts/sample/tables/widths@breastmnist-28-s1.md"),
      try directory.text("artifacts/sample/tables/widths@breastmnist-28-s1.tex")
    )
    #expect(markdown.hasPrefix("# Widths. Students of \"two\" widths\\_1 \\| ü: AUC and ACC on the test split\n"))
    #expect(markdown.contains("| Größer \"Q\" \\& 50%-KD\\_28, 8 qubits | "))
    #expect(latex.contains("\n\\addlinespace\nGrößer \"Q\" \\& 50\\%-KD\\_28, 8 qubits & "))
    let csv = try rows(ofCSV: directory.text("artifacts/sample/tables/widths@breastmnist-28-s1.csv"))
    #expect(
      csv.map { $0["row"] ?? "" }
        == ["ViT-KD_28", label, "TinyViT, width 4", "TinyViT, width 8"].flatMap { [$0, $0] })
    #expect(csv.map { $0["variant"] ?? "" }[2] == "wide" && csv.allSatisfy { $0["paper"] == "" })
    for width in [4, 8] {
      let (teacher, _) = try TeacherArtifact.read(
        path: directory.file("artifacts/sample/teachers/breastmnist-q\(width)-s1.h5"))
      #expect(teacher.width == width)
    }
    let (student, _) = try StudentArtifact.read(
      path: directory.file("artifacts/sample/students/wide-kd/breastmnist-28-s1.h5"))
    #expect(student.header.model == ArtifactModel(variant: "wide", regime: .kd, kind: .qvit))
    #expect(student.header.configuration.contains(#""heads":1"#))
    let verified = try startMake(["verify"] + settings).wait()
    #expect(verified.output.hasSuffix("/sample: 11 artifacts, 3 tables: no problem\n"), "\(verified)")
  }
}
