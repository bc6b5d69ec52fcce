import Glibc
import Testing
import _TestSupport

@testable import Artifacts

/// Commands run in surroundings that no shell makes by itself.
@Suite("Odd surroundings", .timeLimit(.minutes(20)))
struct EnvironmentTests {
  let bench: Bench

  init() throws { bench = try Bench() }

  private func shell(_ script: String) throws -> ProcessResult {
    try runProcess("/bin/sh", ["-c", script], in: bench.directory.path)
  }

  private func words(_ text: String) throws -> String { try StageInputs.inserted(in: text) }

  @Test(
    "Closed standard streams: nothing meant for them gets into a file", arguments: ["<&-", ">&-", "2>&-", ">&- 2>&-"])
  func closedStreams(streams: String) throws {
    let report = "\(toolPath("report")) \(try words("--table IN/settings/tables/table1.json")) --output"
    try #require(shell("\(report) open").status == 0)
    #expect(try shell("\(report) r \(streams)").status == 0)
    for suffix in ["md", "csv", "tex"] {
      #expect(try bench.directory.bytes("r.\(suffix)") == bench.directory.bytes("open.\(suffix)"), "\(suffix)")
    }
  }

  @Test("HDF5's own locks are left out, whatever the environment asks for", arguments: ["TRUE", "BEST_EFFORT"])
  func locks(value: String) throws {
    try bench.complete(
      .train, words("--data IN/d.h5 --config IN/vit.json --seed 1 --checkpoint-interval 0 --quiet --output s.h5"),
      environment: ["HDF5_USE_FILE_LOCKING": value])
    #expect(try bench.directory.bytes("s.h5") == StageInputs.bytes("s.h5"))
  }

  @Test("The end of the session saves like any signal, unless nohup was asked for")
  func hangUp() throws {
    let words = try words("--data IN/d.h5 --config IN/qvit.json --seed 1 --epochs 500 --quiet --output s.h5")
    try bench.interrupt(.train, words, of: "s", with: SIGHUP)
    let ignoring = try RunningProcess(
      "/usr/bin/nohup", [toolPath("train")] + words.split(separator: " ").map(String.init), in: bench.directory.path)
    bench.directory.await("s.h5.part")
    ignoring.signal(SIGHUP)
    #expect(try ignoring.wait().status == 0)
  }

  @Test("A command started again at once waits for the lock of the one that was killed, and says so after a second")
  func waitsForTheLock() throws {
    let train =
      "\(toolPath("train")) \(try words("--data IN/d.h5 --config IN/vit.json --seed 1 --quiet --output s.h5"))"
    // The lock is let go when the line is there.
    let holding = """
      ({ \(train); echo $? > code; } 2> errors &)
      for i in $(seq 600); do grep -q waiting errors && break; sleep 0.05; done
      """
    try bench.directory.write(holding, to: "holding")
    let result = try shell(
      "flock -o s.h5.part sh holding; for i in $(seq 600); do [ -s code ] && break; sleep 0.05; done; cat code errors")
    #expect(
      result.output.hasPrefix("0\ntrain: s.h5: waiting for another process that is writing it\n"), "\(result)")
    #expect(try bench.directory.bytes("s.h5") == StageInputs.bytes("s.h5"))
  }

  @Test("A temporary that is a link is never written through", arguments: ["ln -s victim", "ln victim", "mkfifo"])
  func links(command: String) throws {
    try bench.directory.write("precious", to: "victim")
    try #require(shell("\(command) s.h5.part").status == 0)
    let result = try bench.run(.train, words("--data IN/d.h5 --config IN/vit.json --seed 1 --quiet --output s.h5"))
    #expect(result.status == 73)
    #expect(result.errors.contains("s.h5.part: cannot create: a link, or no regular file, stands there"))
    #expect(try bench.directory.text("victim") == "precious" && !bench.directory.contains("s.h5"))
  }

  @Test(
    "An output that is an input is refused before anything is written",
    arguments: [
      ("d.h5", "d.h5", "--data"), ("d.h5", "./d.h5", "--data"), ("link.h5", "d.h5", "--data"),
      ("hard.h5", "d.h5", "--data"), ("s.h5.part", "s.h5", "--data"), ("s.ckpt.h5", "s.h5", "--data"),
      ("s.timing.csv", "s.h5", "--data"), ("s.source.txt", "s.h5", "--data"),
    ])
  func outputIsInput(input: String, output: String, option: String) throws {
    let source = try words("IN/d.h5")
    try #require(shell("cp \(source) d.h5; ln -s d.h5 link.h5; ln d.h5 hard.h5").status == 0)
    if !bench.directory.contains(input) { try #require(shell("cp \(source) \(input)").status == 0) }
    let before = try bench.contents()
    let result = try bench.run(.train, words("--data \(input) --config IN/vit.json --seed 1 --output \(output)"))
    #expect(result.status == 64)
    #expect(result.errors.hasPrefix("train: error: option '--output': would write "), "\(result.errors)")
    #expect(result.errors.hasSuffix("which is a file of '\(option)'\n"))
    #expect(try bench.contents() == before)
  }

  @Test("Exported weights are no place for the teacher, nor the weights it begins with")
  func exportIsOutput() throws {
    let common = "--data IN/b.h5 --config IN/t.json --seed 1 --epochs 0"
    for (options, message) in [
      ("--export t.h5 --output t.h5", "would write t.h5, which is a file of '--output'"),
      ("--export t.h5.part --output t.h5", "would write t.h5.part, which is a file of '--output'"),
      ("--weights w --export w --output t.h5", "would write w, which is a file of '--weights'"),
    ] {
      let result = try bench.run(.finetuneTeacher, words("\(common) \(options)"))
      #expect(result.status == 64 && result.errors.contains(message), "\(result)")
    }
    #expect(try bench.directory.entries().isEmpty)
  }

  @Test("An argument that is no text is refused: as a text it would name another file")
  func otherBytes() throws {
    let result = try shell("\(toolPath("train")) --data \"$(printf 'a\\377b')\" --output x")
    #expect(result.status == 64)
    #expect(result.errors == "train: error: argument 2: expected UTF-8, found other bytes; rename the file\n")
  }

  @Test("What is echoed is bounded, and its control characters are shown")
  func bounds() throws {
    let result = try bench.run(.train, "--data d --config \(String(repeating: "x", count: 5_000)) --seed 1 --output y")
    #expect(result.status == 66 || result.status == 65)
    #expect(result.errors.count < 400 && result.errors.contains("xxx…xxx"), "\(result.errors)")
    let escape = try shell("\(toolPath("train")) \"$(printf 'a\\033[2Jb')\"")
    #expect(escape.errors.contains("a\\u{1B}[2Jb") && !escape.errors.contains("\u{1b}"))
  }

  @Test("No room for another open file is no missing input, and nothing is left behind", arguments: [4, 5])
  func openFiles(limit: Int) throws {
    let result = try shell(
      "ulimit -n \(limit); exec \(toolPath("train")) \(try words("--data IN/d.h5 --config IN/vit.json --seed 1 --output s.h5"))"
    )
    #expect(result.status == 74 && result.errors.contains("d.h5: cannot open"), "\(result)")
    #expect(result.errors.hasSuffix("Too many open files\n"), "\(result)")
    #expect(try bench.directory.entries().isEmpty)
  }

  /// Whether somebody without rights can run the tools.
  private static let nobody = "setpriv --reuid 65534 --regid 65534 --clear-groups"
  private static var hasNobody: Bool {
    geteuid() == 0
      && (try? runProcess("/bin/sh", ["-c", "\(nobody) \(toolPath("train")) --version"]))?.status == 0
  }

  @Test(
    "What may not be read or written is named, and what stands there stays",
    .enabled(if: hasNobody, "tests that do not run as root, or a directory nobody else may enter"))
  func permissions() throws {
    try #require(
      shell("cp \(try words("IN/d.h5 IN/*.json")) .; chmod 755 .; chmod 600 d.h5; echo old > s.h5").status == 0)
    func train(_ words: String) throws -> ProcessResult {
      try shell("\(Self.nobody) \(toolPath("train")) --config vit.json --seed 1 --quiet \(words)")
    }
    let output = try train("--data d.h5 --output s.h5")
    #expect(output.status == 73, "\(output)")
    #expect(output.errors == "train: error: s.h5: cannot create: Permission denied\n")
    try #require(shell("mkdir -m 777 free").status == 0)
    let input = try train("--data d.h5 --output free/s.h5")
    #expect(input.status == 66, "\(input)")
    #expect(input.errors == "train: error: d.h5: cannot open: Permission denied\n")
    #expect(try bench.directory.text("s.h5") == "old\n" && bench.directory.entries(of: "free").isEmpty)
  }

  @Test("What keeps results from being read is no absence")
  func absences() throws {
    func report(_ root: String) throws -> ProcessResult {
      try shell("\(toolPath("report")) --table \(root)/settings/tables/table1.json --output r")
    }
    let inputs = try words("IN")
    try #require(shell("mkdir tree && cp -r \(inputs)/evaluations \(inputs)/settings tree").status == 0)
    try bench.complete(
      .plan,
      "--profile paper --root tree --config \(inputs) --tables \(Fixtures.packageRoot)/pipeline/tables/table1.json "
        + "--datasets breastmnist --resolutions 28 --variants vit --seeds 1 --teacher-seeds 1 --teacher-resolution 224 "
        + "--make make --output plan.mk")
    try #require(report("tree").status == 0)
    let path = "tree/evaluations/vit-scratch/breastmnist-28-s1.h5"
    try #require(shell("mv \(path) kept && ln -s nowhere \(path)").status == 0)
    let dangling = try report("tree")
    #expect(dangling.status == 66 && dangling.errors.contains("s1.h5: cannot open: No such file"), "\(dangling)")
    try #require(shell("rm \(path)").status == 0)
    #expect(try report("tree").output.contains("—"))
    // A root that is not there.
    let table = try bench.directory.text("tree/settings/tables/table1.json").replacing("\"tree\"", with: "\"tere\"")
    try bench.directory.write(table, to: "tree/settings/tables/table1.json")
    let wrongRoot = try report("tree")
    #expect(wrongRoot.status == 66 && wrongRoot.errors.contains("tere: cannot open"), "\(wrongRoot)")
    let misspelt = try bench.run(
      .report, "--datasets brestmnist --resolutions 28 --root tree --profile paper --output r")
    #expect(misspelt.status == 65 || misspelt.status == 64)
    #expect(misspelt.errors.contains("did you mean 'breastmnist'?"), "\(misspelt.errors)")
  }

  @Test("verify ends, whatever lies below the root, and names it")
  func verifyEnds() throws {
    try #require(
      shell("mkdir -p root/a && ln -s .. root/a/up && ln -s loop root/loop && mkfifo root/pipe").status == 0)
    let result = try bench.run(.verify, "--root root --profile paper")
    #expect(result.status == 65)
    #expect(result.output.contains("root/pipe: entry: expected a file or a directory, found a device, pipe or socket"))
    #expect(result.output.contains("root/loop: entry: expected a file or a directory"))
  }

  @Test("A checkpoint that is none is set aside", arguments: ["mkdir", "ln -s nowhere", "mkfifo", "touch"])
  func oddCheckpoints(command: String) throws {
    try #require(shell("\(command) s.ckpt.h5").status == 0)
    let result = try bench.run(.train, words("--data IN/d.h5 --config IN/vit.json --seed 1 --quiet --output s.h5"))
    #expect(result.status == 0, "\(result)")
    #expect(result.errors.contains("s.ckpt.h5: cannot be used (") && result.errors.contains("set aside as"))
    #expect(try bench.directory.bytes("s.h5") == StageInputs.bytes("s.h5"))
  }

  @Test("The epochs of a settings file are checked even where the option takes their place")
  func epochs() throws {
    try bench.directory.write(words(#"{"extends": "vit", "training": {"epochs": -3}}"#), to: "e.json")
    try #require(shell("cp \(try words("IN"))/vit.json \(try words("IN"))/student.json .").status == 0)
    let result = try bench.run(.train, words("--data IN/d.h5 --config e.json --seed 1 --epochs 1 --output s.h5"))
    #expect(result.status == 65 && result.errors.contains("training.epochs: expected an integer from"), "\(result)")
  }
}

private let hasPython = (try? runProcess("/usr/bin/env", ["python3", "--version"]).status) == 0

@Suite("Attacks from outside", .timeLimit(.minutes(20)))
struct HostileTests {
  /// The small form of `make check-hostile`.
  @Test(
    "Odd environments, limits, paths, restarts, failing system calls, forged artifacts",
    .enabled(if: hasPython, "no python3 here"))
  func small() throws {
    let bin = String(toolPath("").dropLast())
    let result = try runProcess(
      "/usr/bin/env",
      ["python3", "-B", "\(Fixtures.packageRoot)/Tests/Hostile/hostile.py", "--small", "--bin", bin])
    #expect(result.status == 0, "\(result.output)\(result.errors)")
    #expect(result.output.contains(", 0 got through\n"))
  }
}
