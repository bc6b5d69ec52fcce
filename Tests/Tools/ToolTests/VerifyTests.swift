import Glibc
import Testing
import _TestSupport

private let npz = "--dataset breastmnist --resolution 28 --source npz --input raw/breast.npz --allow-unofficial"
private let students = "--config vit.json --seed 1 --quiet"

/// A small profile with all kinds of artifacts in their places, below `a`.
private struct Profile {
  let bench: Bench
  let artifacts = [
    "a/data/breastmnist-28.h5", "a/teachers/breastmnist-q4-s1.h5", "a/distilled/vit/breastmnist-28-s1.h5",
    "a/students/vit-scratch/breastmnist-28-s1.h5", "a/students/vit-kd/breastmnist-28-s1.h5",
    "a/evaluations/vit-scratch/breastmnist-28-s1.h5", "a/evaluations/vit-kd/breastmnist-28-s1.h5",
    "a/evaluations/tinyvit-q4-teacher/breastmnist-224-s1.h5",
  ]

  init() throws {
    bench = try Bench()
    try bench.writeSettings()
    for name in artifacts.map({ String($0.prefix(upTo: $0.lastIndex(of: "/") ?? $0.endIndex)) }) + ["raw", "a/tables"] {
      try bench.directory.makeDirectories(name)
    }
    try bench.directory.write(Fixtures.bytes("tools/breast.npz"), to: "raw/breast.npz")
    try bench.writeSettings("t", extending: "teacher", #""weights": {"start": "random"}"#)
    try bench.writeSettings("di", extending: "distillation", #""training": {"epochs": 2}"#)
    try bench.plan("table1 table2", root: "a")
    let (data, teacher, distilled) = (artifacts[0], artifacts[1], artifacts[2])
    for (tool, words) in [
      (Tool.prepareData, "\(npz) --profile paper --quiet --output \(data)"),
      (.finetuneTeacher, "--data \(data) --config t.json --seed 1 --epochs 0 --quiet --output \(teacher)"),
      (.distill, "--data \(data) --teacher \(teacher) --distillation di.json \(students) --output \(distilled)"),
      (.train, "--data \(data) \(students) --output \(artifacts[3])"),
      (.train, "--data \(data) --init \(distilled) \(students) --output \(artifacts[4])"),
      (.evaluate, "--data \(data) --model \(artifacts[3]) --output \(artifacts[5])"),
      (.evaluate, "--data \(data) --model \(artifacts[4]) --output \(artifacts[6])"),
      (.evaluate, "--data \(data) --model \(teacher) --quiet --output \(artifacts[7])"),
      (.report, "--table a/settings/tables/table1.json --output a/tables/table1"),
      (.report, "--table a/settings/tables/table2.json --output a/tables/table2"),
    ] { try bench.complete(tool, words) }
  }

  /// Verifies; nothing may change by that.
  func verify(_ options: String = "--raw raw") throws -> ProcessResult {
    let before = try bench.contents()
    let result = try bench.run(.verify, "--root a --profile paper --quiet \(options)")
    #expect(try bench.contents() == before)
    return result
  }

  /// Verifies what has these problems: the beginning of each line.
  func expectProblems(_ problems: [String], after change: String, options: String = "--raw raw") throws {
    let result = try verify(options)
    let lines = result.output.split(separator: "\n").map(String.init)
    #expect(result.status == 65, "\(change): \(result)")
    #expect(lines.count >= problems.count, "\(change): \(lines)")
    for (line, problem) in zip(lines, problems) { #expect(line.hasPrefix(problem), "\(change)") }
    let rest = lines.dropFirst(problems.count).first ?? ""
    #expect(rest.hasPrefix("a: "), "\(change): \(lines)")
    #expect(
      rest.hasSuffix(": \(problems.count) problem\(problems.count == 1 ? "" : "s")"), "\(change): \(lines)")
    #expect(result.errors == "verify: error: \(rest.dropFirst(3))\n", "\(change)")
  }
}

@Suite("verify", .timeLimit(.minutes(20)))
struct VerifyTests {
  @Test("finds nothing to complain about in a new profile, nor where the raw data are gone")
  func sound() throws {
    let profile = try Profile()
    #expect(try profile.verify() == ProcessResult(status: 0, output: "a: 8 artifacts, 6 tables: no problem\n"))
    unlink(profile.bench.directory.file("raw/breast.npz"))
    try profile.bench.directory.write("{}", to: "a/students/vit-kd/breastmnist-28-s2.ckpt.h5")
    #expect(
      try profile.verify()
        == ProcessResult(
          status: 0,
          output: "a: 8 artifacts, 6 tables, 1 unfinished file: no problem\n"
            + "a: not compared, because not there: breast.npz\n"))
    // Without the declarations nobody knows what the tables should be.
    for table in ["table1", "table2"] { unlink(profile.bench.directory.file("a/settings/tables/\(table).json")) }
    #expect(try profile.verify("").output.hasPrefix("a: 8 artifacts, 1 unfinished file: no problem\n"))
  }

  @Test("looks at the tree it is given, wherever that was made")
  func moved() throws {
    let profile = try Profile()
    let directory = profile.bench.directory
    try profile.bench.complete(
      .report, "--page a/settings/tables/table1.json --figures a/tables/figures --output a/report")
    #expect(try profile.verify().status == 0)
    #expect(rename(directory.file("a"), directory.file("b")) == 0)
    let verify = "--root b --profile paper --raw raw --quiet"
    let moved = try profile.bench.run(.verify, verify)
    #expect(moved.status == 0 && moved.output.hasPrefix("b: 8 artifacts, 6 tables: no problem"), "\(moved)")
    // A problem is found there too, and one does not hide the others.
    unlink(directory.file("b/evaluations/vit-scratch/breastmnist-28-s1.h5"))
    unlink(directory.file("b/evaluations/vit-kd/breastmnist-28-s1.h5"))
    let lacking = try profile.bench.run(.verify, verify)
    #expect(lacking.status == 65, "\(lacking)")
    for file in ["b/tables/table1.md: stale", "b/tables/table2.md: stale", "b/report.html: stale"] {
      #expect(lacking.output.contains(file), "\(lacking)")
    }
  }

  @Test("finds damage, changes, strangers and what is not made from what is there now")
  func problems() throws {
    let profile = try Profile()
    let directory = profile.bench.directory
    let names = profile.artifacts
    func restoring(_ name: String, _ change: String, _ problems: [String], _ body: () throws -> Void) throws {
      let bytes = directory.contains(name) ? try directory.bytes(name) : nil
      try body()
      try profile.expectProblems(problems, after: change)
      unlink(directory.file(name))
      if let bytes { try directory.write(bytes, to: name) }
    }

    for name in names {
      try restoring(
        name, "a flipped bit in \(name)",
        name.contains("evaluations")
          ? [
            "\(name): damaged or changed since it was written: ",
            "a/tables/table\(name.contains("scratch") ? 1 : 2): cannot be compared: \(name): damaged",
          ] : ["\(name): damaged or changed since it was written: "]
      ) {
        var bytes = try directory.bytes(name)
        bytes[bytes.count / 2] ^= 1
        try directory.write(bytes, to: name)
      }
    }
    try restoring(names[2], "a missing input", ["\(names[4]): its init \(names[2]) is missing"]) {
      unlink(directory.file(names[2]))
    }
    try restoring("a/data/text.h5", "a text", ["a/data/text.h5: not an artifact: no HDF5 file"]) {
      try directory.write("a text, not an artifact\n", to: "a/data/text.h5")
    }
    let moved = "a/students/vit-scratch/breastmnist-28-s2.h5"
    try restoring(moved, "a copy under another name", ["\(moved): does not belong here: it is \(names[3])"]) {
      try directory.write(directory.bytes(names[3]), to: moved)
    }
    try restoring("raw/breast.npz", "another raw file", ["\(names[0]): stale: made from another raw/breast.npz "]) {
      try directory.write("another", to: "raw/breast.npz")
    }
    try restoring("a/tables/table1.csv", "an edited table", ["a/tables/table1.csv: stale: "]) {
      try directory.write(directory.text("a/tables/table1.csv").replacing("0.", with: "0.9"), to: "a/tables/table1.csv")
    }
    let planned = "a/settings/tables/table1.json"
    try restoring(
      planned, "another plan", ["a/tables/table1.md: stale: ", "a/tables/table1.csv", "a/tables/table1.tex"]
    ) {
      try directory.write(directory.text(planned).replacing("ViT_28", with: "ViT-28"), to: planned)
    }
    try restoring(planned, "a damaged plan", ["a/tables/table1: cannot be compared: \(planned): "]) {
      try directory.write("{}", to: planned)
    }
    try restoring("a/tables/table2.tex", "a missing format", ["a/tables/table2.tex: is missing"]) {
      unlink(directory.file("a/tables/table2.tex"))
    }
    try restoring(
      names[3], "a student of other settings",
      [
        "\(names[5]): stale: made from another \(names[3]) (content "
      ]
    ) {
      try profile.bench.complete(.train, "--data \(names[0]) --epochs 1 \(students) --output \(names[3])")
    }
    // Data made again from other images: all that was made from the old ones is stale, in the order of the names.
    let stale = [names[2], names[7], names[6], names[5], names[4], names[3], names[1]]
      .map { "\($0): stale: made from another \(names[0]) " }
    try restoring(names[0], "other data", stale) {
      try profile.bench.complete(
        .prepareData,
        "--dataset breastmnist --resolution 28 --source sample --profile paper --quiet --output \(names[0])")
    }
    try restoring(names[0], "another profile", ["\(names[0]): expected profile 'paper', found 'sample'"] + stale) {
      try profile.bench.complete(.prepareData, "\(npz) --profile sample --quiet --output \(names[0])")
    }
    #expect(try profile.verify().status == 0)
  }

  @Test("compares a folder image by image, below --raw or elsewhere")
  func folders() throws {
    let bench = try Bench()
    try bench.directory.makeDirectories("a/data")
    for (index, name) in ["left", "right"].enumerated() {
      try bench.directory.makeDirectories("raw/pets/\(name)")
      for number in 0..<9 {
        try bench.directory.write(
          Fixtures.bytes("images/\(index == 0 ? "grey" : "bilevel").png"), to: "raw/pets/\(name)/\(number).png")
      }
    }
    let made = "a/data/pets-28.h5"
    try bench.complete(
      .prepareData,
      "--dataset pets --resolution 28 --source folder --input raw/pets --channels 1 --ratios 2/1/1 --profile paper --quiet --output \(made)"
    )
    func verify(_ options: String) throws -> String {
      try bench.run(.verify, "--root a --profile paper --quiet \(options)").output
    }
    let sound = "a: 1 artifact: no problem\n"
    #expect(try verify("--raw raw") == sound)
    #expect(try verify("--raw elsewhere --folders \"other raw/pets\"") == sound)
    #expect(try verify("--raw elsewhere") == sound + "a: not compared, because not there: pets\n")
    try bench.directory.write(bench.directory.bytes("raw/pets/right/4.png") + [0], to: "raw/pets/left/3.png")
    #expect(try verify("--raw raw").hasPrefix("\(made): stale: made from another raw/pets (left/3.png has changed)\n"))
    unlink(bench.directory.file("raw/pets/left/3.png"))
    #expect(try verify("--raw raw").hasPrefix("\(made): stale: made from another raw/pets (left/3.png is missing)\n"))
  }

  @Test("needs a directory, and knows no grid but the planned one")
  func usage() throws {
    let bench = try Bench()
    let absent = try bench.run(.verify, "--root none --profile paper")
    #expect(
      absent == ProcessResult(status: 66, errors: "verify: error: none: cannot open: No such file or directory\n"))
    let grid = try bench.run(.verify, "--root . --profile paper --datasets breastmnist")
    #expect(
      grid
        == ProcessResult(
          status: 64, errors: "verify: error: missing '--config', which goes with --datasets\n"))
  }
}
