import Artifacts
import Glibc
import Testing
import _ArtifactSamples
import _TestSupport

private let small = "DATASETS=breastmnist RESOLUTIONS=28 SEEDS=1"

/// What plan says there is to make.
private let goals: String = {
  let files = try? runProcess("/bin/sh", ["-c", "cd '\(Fixtures.packageRoot)/pipeline/tables' && LC_ALL=C ls *.json"])
  let tables = (files?.output ?? "").split(separator: "\n").map { $0.replacing(".json", with: "") }
  return "tables: \(tables.joined(separator: ", ")); groups: discussion, scaling"
}()

private let two = "PROFILE=paper DATASETS='breastmnist pneumoniamnist' RESOLUTIONS=28 SEEDS='1 2'"

@Suite("The Makefile, with stub tools")
struct PipelineTests {
  /// Set `QVIT_RECORD=1` to write the snapshots anew; the run then fails, so that it cannot happen unnoticed.
  @Test(
    "make -n shows one readable line per stage",
    arguments: [
      ("sample", "table1 table2 \(small)"),
      ("paper", "table1 PROFILE=paper \(small) VARIANTS=qvit EPOCHS=3 THREADS=2 UNOFFICIAL=1 LAUNCH='srun -n1'"),
    ])
  func snapshot(name: String, arguments: String) throws {
    let workshop = try Workshop()
    let file = Fixtures.path("pipeline/make-n-\(name).txt")
    let found = try workshop.make("-n " + arguments)
    if getenv("QVIT_RECORD") != nil {
      try workshop.sh("cat > '\(file)' <<'END'\n\(found.text)END")
      Issue.record("recorded \(file)")
    }
    #expect(found.status == 0)
    #expect(found.text == (try workshop.sh("cat '\(file)'").text))
    #expect(try workshop.stagesRun() == [])
  }

  @Test("everything is made once; a second make does nothing")
  func second() throws {
    let workshop = try Workshop()
    #expect(try workshop.make("table1 \(two)").status == 0)
    #expect(try workshop.stagesRun().count == 2 + 8 + 8 + 1)
    #expect(try workshop.make("table1 \(two)").text == "make: Nothing to be done for 'table1'.\n")
    #expect(try workshop.make("-q table1 \(two)").status == 0)
    #expect(try workshop.stagesRun() == [])
  }

  @Test("a report is made of what is there, trains nothing, and comes after the tables it is asked for with")
  func report() throws {
    let workshop = try Workshop()
    #expect(try workshop.make("report \(small)").status == 0)
    #expect(try workshop.stagesRun() == ["report sample/report"])
    // The table first, whatever the order of the goals.
    #expect(try workshop.make("report table1 \(small) JOBS=2").status == 0)
    let stages = try workshop.sh("cat log").text.split(separator: "\n")
    #expect(stages.last?.contains(" --page ") == true && stages.dropLast().last?.contains("--table ") == true)
    #expect(try workshop.make("report \(small) COMPARE=elsewhere/sample").status == 0)
    #expect(try workshop.sh("cat log").text.contains("--compare elsewhere/sample"))
  }

  @Test("a raw file of other content reruns its descendants and nothing else; other times rerun nothing")
  func changedRaw() throws {
    let workshop = try Workshop()
    let two = "\(two) UNOFFICIAL=1"
    try workshop.write(Fixtures.bytes("tools/breast.npz"), to: "raw/breastmnist.npz")
    _ = try workshop.make("table1 \(two)")
    _ = try workshop.stagesRun()
    try workshop.sh("touch raw/breastmnist.npz")
    #expect(try workshop.make("-q table1 \(two)").status == 0)
    #expect(try workshop.make("-q table1 \(two)").text == "", "the content was compared, once")
    try workshop.write(Fixtures.bytes("tools/breast-val-one-class.npz"), to: "raw/breastmnist.npz")
    #expect(try workshop.make("table1 \(two) JOBS=2").status == 0)
    let cells = ["qvit-scratch", "vit-scratch"].flatMap { m in [1, 2].map { "\(m)/breastmnist-28-s\($0).h5" } }
    #expect(
      try workshop.stagesRun() == cells.map { "evaluate paper/evaluations/\($0)" }
        + [
          "prepare-data paper/data/breastmnist-28.h5", "report paper/tables/table1@breastmnist-pneumoniamnist-28-s1-2",
        ]
        + cells.map { "train paper/students/\($0)" })
  }

  @Test("a removed student is made again; a removed raw file is not missed")
  func removed() throws {
    let workshop = try Workshop()
    _ = try workshop.make("table1 \(two)")
    _ = try workshop.stagesRun()
    try workshop.sh("rm artifacts/paper/students/vit-scratch/breastmnist-28-s1.h5 raw/breastmnist.npz")
    #expect(try workshop.make("table1 \(two)").status == 0)
    #expect(
      try workshop.stagesRun() == [
        "evaluate paper/evaluations/vit-scratch/breastmnist-28-s1.h5",
        "report paper/tables/table1@breastmnist-pneumoniamnist-28-s1-2",
        "train paper/students/vit-scratch/breastmnist-28-s1.h5",
      ])
  }

  @Test("students of other EPOCHS are stale; another selection of the grid only remakes the table")
  func settings() throws {
    let workshop = try Workshop()
    _ = try workshop.make("table1 \(two)")
    _ = try workshop.stagesRun()
    _ = try workshop.make("table1 \(two) SEEDS=1")
    #expect(try workshop.stagesRun() == ["report paper/tables/table1@breastmnist-pneumoniamnist-28-s1"])
    // The settings in effect are those of all students.
    for epochs in ["EPOCHS=3", "EPOCHS=4", "EPOCHS=3", ""] {
      _ = try workshop.make("table1 \(two) SEEDS=1 \(epochs)")
      #expect(try workshop.stagesRun().filter { $0.hasPrefix("train") }.count == 4, "\(epochs)")
      _ = try workshop.make("table1 \(two) SEEDS=1 \(epochs)")
      #expect(try workshop.stagesRun() == [], "\(epochs)")
    }
  }

  @Test("a new tool costs no training, unless STRICT=1")
  func strict() throws {
    let workshop = try Workshop()
    _ = try workshop.make("table1 \(two)")
    usleep(20_000)
    try workshop.sh("touch bin/report")
    #expect(try workshop.make("-q table1 \(two)").status == 0)
    #expect(try workshop.make("-q table1 \(two) STRICT=1").status == 1)
  }

  @Test("a tool that fails halfway leaves nothing that counts, and the same command goes on")
  func interrupted() throws {
    let workshop = try Workshop()
    try workshop.install("train", first: "exit 75")
    #expect(try workshop.make("table1 \(small)").status == 2)
    #expect(try workshop.sh("find artifacts -path '*students*' -name '*.h5' | wc -l").text == "0\n")
    #expect(try workshop.sh("ls artifacts/sample/tables 2> /dev/null | wc -l").text == "0\n")
    _ = try workshop.stagesRun()
    try workshop.install("train")
    #expect(try workshop.make("table1 \(small)").status == 0)
    #expect(try workshop.stagesRun().filter { $0.hasPrefix("prepare-data") } == [])
  }

  @Test(
    "wrong settings are refused with what they can be",
    arguments: [
      ("SEEDS=01", "SEEDS: '01' begins with 0"), ("EPOCHS=007", "EPOCHS: '007' begins with 0"),
      ("ARTIFACTS=", "ARTIFACTS: is empty"), ("clean-artifacts ARTIFACTS=''", "ARTIFACTS: is empty"),
      ("ARTIFACTS='a b'", "ARTIFACTS: make cannot take blanks in a path"),
      ("RAW=a:b", "RAW: make cannot take ':' in a path"), ("WEIGHTS='a,b'", "WEIGHTS: make cannot take ','"),
      ("ARTIFACTS='a$b'", "ARTIFACTS: make cannot take '$' in a path"),
      ("TABLES='x a#b'", "TABLES: make cannot take '#'"),
      (
        "PROFILE=paper DATASETS=mydata mydata.folder='a(b'", "mydata.folder: make cannot take '(' in a path"
      ),
      (
        "DATASETS=brestmnist",
        "DATASETS: unknown name 'brestmnist' (did you mean 'breastmnist'?); it can be: breastmnist retinamnist"
      ),
      ("PROFLE=paper", "settings: unknown name 'PROFLE' (did you mean 'PROFILE'?); it can be: PROFILE DATASETS"),
      ("PROFILE=papr", "PROFILE: unknown name 'papr' (did you mean 'paper'?); it can be: sample paper"),
      ("PROFILE=paper DATASETS=mydata", "DATASETS: unknown name 'mydata'; it can be: breastmnist"),
      (
        "DATASETS=mydata",
        "oasis; data of your own need a line NAME.folder = DIRECTORY in pipeline/datasets.mk and PROFILE=paper"
      ),
      (
        "PROFILE=sample DATASETS=mydata mydata.folder=x",
        "DATASETS: unknown name 'mydata'; it can be: breastmnist retinamnist"
      ),
      ("RESOLUTIONS='28 64'", "RESOLUTIONS: unknown name '64'; it can be: 28 224"),
      ("MODELS=vit", "settings: unknown name 'MODELS'; it can be: PROFILE DATASETS RESOLUTIONS VARIANTS"),
      ("VARIANTS='vit vit'", "VARIANTS: a value is there twice in 'vit vit'"),
      ("CONFIG=/nowhere", "CONFIG: no settings files (NAME.json) in '/nowhere'"),
      ("SEEDS='1 x'", "SEEDS: 'x' is not a whole number"), ("SEEDS='1 1'", "SEEDS: a value is there twice in '1 1'"),
      ("SEEDS=5-1", "SEEDS: '5-1' is empty"), ("SEEDS=1-x", "SEEDS: 'x' is not a whole number"),
      ("SEEDS=1-", "SEEDS: '1-' is neither a whole number nor a range like 1-5"),
      ("SEEDS='1-3 2'", "SEEDS: a value is there twice in '1 2 3 2'"),
      ("JOBS=0", "JOBS: expected at least 1, found '0'"), ("THREADS=0", "THREADS: expected at least 1, found '0'"),
      ("EPOCHS=0", "EPOCHS: expected at least 1, found '0'"),
      ("RAW='my data'", "RAW: make cannot take blanks in a path, found 'my data'"),

      ("DATASETS=mydata mydata.folder='my data'", "mydata.folder: make cannot take blanks in a path"),
      ("RUN=a/b", "RUN: expected a name, found 'a/b'"),
      ("EPOCHS=-1", "EPOCHS: '-1' is not a whole number"), ("DATASETS=", "DATASETS: is empty"),
    ])
  func wrongSettings(arguments: String, message: String) throws {
    let workshop = try Workshop()
    let found = try workshop.make("table1 \(arguments)")
    #expect(found.status == 2)
    #expect(found.text.contains(message))
    #expect(found.text.split(separator: "\n").count == 1)
  }

  @Test(
    "what plan refuses is one line, of it and of make, and leaves the plan as it was",
    arguments: [
      ("tabel1", "make: there is no goal 'tabel1' (did you mean 'table1'?); \(goals)"),
      ("table1 statsu", "make: there is no goal 'statsu' (did you mean 'status'?); \(goals)"),
      ("discusion", "make: there is no goal 'discusion' (did you mean 'discussion'?); \(goals)"),
      ("all", "make: there is no goal 'all'; \(goals)"),
      (
        "table1 VARIANTS=qvti",
        "VARIANTS: variant 'qvti': pipeline/config/sample/qvti.json, pipeline/config/qvti.json: no such settings file (did "
          + "you mean 'qvit'?)"
      ),
      ("table1 VARIANTS=../vit", "VARIANTS: variant '../vit': a variant's name has letters, digits, '-' and '_'"),
      ("table1 TABLES=TMP/none.json", "TMP/none.json: cannot open: No such file or directory"),
      ("table1 SEEDS=3000000000", "option '--seeds': expected an integer from 0 to 2147483647, found '3000000000'"),
    ])
  func wrongPlans(arguments: String, message: String) throws {
    let workshop = try Workshop()
    #expect(try workshop.make("table1 \(small)").status == 0)
    let plan = try workshop.sh("cat artifacts/sample/plan.mk").text
    let found = try workshop.make(arguments.replacing("TMP", with: workshop.path))
    #expect(found.status == 2)
    let lines = found.text.split(separator: "\n")
    #expect(lines.first.map(String.init) == "plan: error: \(message)")
    #expect(lines.count == 2 && lines[1].hasPrefix("make: *** "), "\(found.text)")
    #expect(try workshop.sh("cat artifacts/sample/plan.mk").text == plan)
    #expect(try workshop.make("-q table1 table1 \(small)").status == 0)
  }

  @Test("broken declarations of tables are refused, each in one line", arguments: brokenTables)
  func brokenTable(table: BrokenFile) throws {
    let workshop = try Workshop()
    try workshop.write(table.text, to: "tables/mine.json")
    let found = try workshop.make("mine TABLES=\(workshop.path)/tables/mine.json \(small)")
    #expect(found.status == 2)
    let lines = found.text.split(separator: "\n")
    #expect(lines.first?.hasPrefix("plan: error: TMP/tables/mine.json: \(table.message)") == true, "\(found.text)")
    #expect(lines.count == 2 && lines[1].hasPrefix("make: *** "), "\(found.text)")
    #expect(try workshop.stagesRun() == [])
    #expect(try workshop.make("table1 \(small)").status == 0)
  }

  @Test("broken settings of a variant are refused, each in one line", arguments: brokenSettings)
  func brokenVariant(settings: BrokenFile) throws {
    let workshop = try Workshop()
    try workshop.write(settings.text, to: "config/mine.json")
    try workshop.write(#"{"extends": "mine"}"#, to: "config/other.json")
    try workshop.write(
      #"{"caption": "c", "rows": [{"variant": "mine", "regime": "scratch", "resolution": 28}]}"#, to: "tables/own.json")
    let found = try workshop.make(
      "own TABLES=\(workshop.path)/tables/own.json CONFIG=\(workshop.path)/config \(small)")
    #expect(found.status == 2)
    let lines = found.text.split(separator: "\n")
    #expect(lines.first?.hasPrefix("plan: error: TMP/config/\(settings.message)") == true, "\(found.text)")
    #expect(lines.count == 2 && lines[1].hasPrefix("make: *** "), "\(found.text)")
    #expect(try workshop.stagesRun() == [])
  }

  @Test("broken settings of a teacher are refused, also where only students of it are wanted")
  func brokenTeacher() throws {
    let workshop = try Workshop()
    try workshop.write(#"{"extends": "teacher", "training": {"epochz": 1}}"#, to: "config/teacher.json")
    try workshop.write(
      #"{"caption": "c", "rows": [{"variant": "vit", "regime": "kd", "resolution": 28}]}"#, to: "tables/own.json")
    let found = try workshop.make(
      "own TABLES=\(workshop.path)/tables/own.json CONFIG=\(workshop.path)/config \(small)")
    #expect(found.status == 2)
    #expect(
      found.text.hasPrefix(
        "plan: error: TMP/config/teacher.json: training.epochz: unknown key (did you mean 'epochs'?)\n"),
      "\(found.text)")
    #expect(try workshop.stagesRun() == [])
  }

  @Test("a table cannot have the name of another table or goal, or one that is no name")
  func tableNames() throws {
    let workshop = try Workshop()
    let text = #"{"caption": "c", "rows": [{"variant": "vit", "regime": "scratch", "resolution": 28}]}"#
    for (name, message) in [
      ("table1", "TMP/table1.json: there is another table 'table1'"),
      ("verify", "--tables: a table cannot be called 'verify': make has another goal of that name"),
      ("datasets", "--tables: a table cannot be called 'datasets': make has another goal of that name"),
      ("Mine", "TMP/Mine.json: a table's name has small letters, digits, '-' and '_', found 'Mine'"),
    ] {
      try workshop.write(Array(text.utf8), to: "\(name).json")
      let found = try workshop.make("table1 TABLES=\(workshop.path)/\(name).json \(small)")
      #expect(found.text.hasPrefix("plan: error: \(message)\n"), "\(found.text)")
    }
  }

  @Test(
    "a variant of one's own: eight qubits and one head, in a table of one's own of four rows, with teachers of two widths"
  )
  func ownVariant() throws {
    let workshop = try Workshop()
    try workshop.write(
      #"{"extends": "qvit", "label": "QViT, 8 qubits", "model": {"qubits": 8, "heads": 1}}"#, to: "config/wide.json")
    try workshop.write(
      """
      {"title": "Widths", "caption": "Students \\"of\\" two widths, größer", "rows": [
        {"variant": ["qvit", "wide"], "regime": "kd", "resolution": 28}, {"regime": "teacher"}]}
      """, to: "tables/widths.json")
    let arguments =
      "widths TABLES=\(workshop.path)/tables/widths.json CONFIG=\(workshop.path)/config \(small)"
    #expect(
      try workshop.make("help TABLES=\(workshop.path)/tables/widths.json").text.contains(
        "\n  widths             Students \"of\" two widths, größer\n"))
    #expect(try workshop.make(arguments).status == 0)
    let settings = try workshop.sh("cat artifacts/sample/settings/wide.json").text
    for member in [#""qubits": 8"#, #""heads": 1"#, #""kind": "qvit""#, #""epochs": 16"#] {
      #expect(settings.contains(member), "\(settings)")
    }
    let declaration = try workshop.sh("cat artifacts/sample/settings/tables/widths@breastmnist-28-s1.json").text
    let labels = declaration.matches(of: /"label": "(.*)"/).map { String($0.1) }
    #expect(labels == ["QViT-KD_28", "QViT-KD_28, 8 qubits", "TinyViT, width 4", "TinyViT, width 8"])
    #expect(declaration.contains(#""caption": "Students \"of\" two widths, größer""#))
    #expect(
      try workshop.stagesRun() == [
        "distill sample/distilled/qvit/breastmnist-28-s1.h5", "distill sample/distilled/wide/breastmnist-28-s1.h5",
        "evaluate sample/evaluations/qvit-kd/breastmnist-28-s1.h5",
        "evaluate sample/evaluations/tinyvit-q4-teacher/breastmnist-224-s1.h5",
        "evaluate sample/evaluations/tinyvit-q8-teacher/breastmnist-224-s1.h5",
        "evaluate sample/evaluations/wide-kd/breastmnist-28-s1.h5",
        "finetune-teacher sample/teachers/breastmnist-q4-s1.h5",
        "finetune-teacher sample/teachers/breastmnist-q8-s1.h5",
        "prepare-data sample/data/breastmnist-224.h5", "prepare-data sample/data/breastmnist-28.h5",
        "report sample/tables/widths@breastmnist-28-s1", "train sample/students/qvit-kd/breastmnist-28-s1.h5",
        "train sample/students/wide-kd/breastmnist-28-s1.h5",
      ])
    #expect(try workshop.make(arguments).text == "make: Nothing to be done for 'widths'.\n")
    // A row can be left out, and a width be that of no student.
    #expect(try workshop.make("\(arguments) VARIANTS=wide").status == 0)
    #expect(try workshop.stagesRun() == ["report sample/tables/widths@breastmnist-28-wide-s1"])
    try workshop.write(
      #"{"caption": "c", "rows": [{"regime": "teacher", "width": 6}]}"#, to: "tables/widths.json")
    #expect(try workshop.make(arguments).status == 0)
    #expect(
      try workshop.stagesRun() == [
        "evaluate sample/evaluations/tinyvit-q6-teacher/breastmnist-224-s1.h5",
        "finetune-teacher sample/teachers/breastmnist-q6-s1.h5", "report sample/tables/widths@breastmnist-28-s1",
      ])
  }

  /// What is made again after a settings file has changed.
  @Test(
    "settings count by what they say: a change reruns what depends on it, a touch reruns nothing, going back reruns")
  func settingsFiles() throws {
    let workshop = try Workshop()
    let arguments = "table1 table2 DATASETS=breastmnist RESOLUTIONS=28 SEEDS=1 CONFIG=\(workshop.path)/config"
    func rerun(_ name: String, _ text: String) throws -> [String] {
      try workshop.write(text, to: "config/\(name).json")
      #expect(try workshop.make(arguments).status == 0)
      return try workshop.stagesRun().map {
        $0.replacing("/breastmnist-28-s1.h5", with: "").replacing("sample/", with: "")
          .replacing("@breastmnist-28-s1", with: "")
      }
    }
    let (first, other) = (#"{"extends": "vit"}"#, #"{"extends": "vit", "training": {"batch_size": 8}}"#)
    _ = try rerun("vit", first)
    let students = [
      "distill distilled/vit", "evaluate evaluations/vit-kd", "evaluate evaluations/vit-scratch",
      "report tables/table1",
      "report tables/table2", "train students/vit-kd", "train students/vit-scratch",
    ]
    #expect(try rerun("vit", first) == [])
    #expect(try rerun("vit", #"{ "extends":"vit" , "training": {"batch_size": 16}}"#) == [], "the same in other words")
    #expect(try rerun("vit", other) == students)
    #expect(try rerun("vit", first) == students)
    // The label is that of tables only.
    #expect(
      try rerun("vit", #"{"extends": "vit", "label": "Vi\"T"}"#) == ["report tables/table1", "report tables/table2"])
    #expect(
      try rerun("distillation", #"{"extends": "distillation", "training": {"epochs": 7}}"#) == [
        "distill distilled/qvit", "distill distilled/vit", "evaluate evaluations/qvit-kd",
        "evaluate evaluations/vit-kd",
        "report tables/table2", "train students/qvit-kd", "train students/vit-kd",
      ])
    let teacher = [
      "distill distilled/qvit", "distill distilled/vit", "evaluate evaluations/qvit-kd",
      "evaluate evaluations/tinyvit-q4-teacher/breastmnist-224-s1.h5", "evaluate evaluations/vit-kd",
      "finetune-teacher teachers/breastmnist-q4-s1.h5", "report tables/table2", "train students/qvit-kd",
      "train students/vit-kd",
    ]
    #expect(try rerun("teacher", #"{"extends": "teacher", "training": {"epochs": 7}}"#) == teacher)
    #expect(try workshop.make("\(arguments) TEACHER_EPOCHS=8").status == 0)
    #expect(try workshop.stagesRun().count == teacher.count)
    #expect(try workshop.make("\(arguments) TEACHER_EPOCHS=7").status == 0)
    #expect(try workshop.stagesRun().count == teacher.count)
    // The file says the same.
    #expect(try workshop.make("-q \(arguments)").status == 0)
    try workshop.sh("touch config/*.json")
    #expect(try workshop.make("-q \(arguments)").status == 0)
  }

  @Test(
    "another teacher's seed, other resolutions of its images or weights make the teacher stale, and a seed more is added"
  )
  func teaching() throws {
    let workshop = try Workshop()
    let cell = "table2 DATASETS=breastmnist RESOLUTIONS=28 VARIANTS=vit"
    func run(_ settings: String) throws -> [String] {
      #expect(try workshop.make("\(cell) \(settings)").status == 0)
      return try workshop.stagesRun()
    }
    _ = try run("SEEDS=1")
    let changed = try run("SEEDS=1 TEACHER_RESOLUTION=28")
    #expect(
      changed.contains("finetune-teacher sample/teachers/breastmnist-q4-s1.h5") && changed.count == 6, "\(changed)")
    #expect(try run("SEEDS=1").count == 6)
    #expect(
      try run("SEEDS=1 TEACHER_SEEDS=2").contains(
        "evaluate sample/evaluations/tinyvit-q4-teacher/breastmnist-224-s2.h5")
    )
    // The teacher of the first seed is still there; the student learns from it again.
    #expect(
      try run("SEEDS=1") == [
        "distill sample/distilled/vit/breastmnist-28-s1.h5", "evaluate sample/evaluations/vit-kd/breastmnist-28-s1.h5",
        "report sample/tables/table2@breastmnist-28-vit-s1", "train sample/students/vit-kd/breastmnist-28-s1.h5",
      ])
    #expect(
      try run("SEEDS='1 2'") == [
        "distill sample/distilled/vit/breastmnist-28-s2.h5", "evaluate sample/evaluations/vit-kd/breastmnist-28-s2.h5",
        "report sample/tables/table2@breastmnist-28-vit-s1-2", "train sample/students/vit-kd/breastmnist-28-s2.h5",
      ])
  }

  @Test("TEACHER_SEEDS: students go round the teachers, each of which stands in the table")
  func severalTeachers() throws {
    let workshop = try Workshop()
    let cell = "table2 DATASETS=breastmnist RESOLUTIONS=28 VARIANTS=vit"
    #expect(try workshop.make("\(cell) SEEDS=1-3 TEACHER_SEEDS=4-5").status == 0)
    let distillations = try workshop.sh("grep '^distill ' log").text.split(separator: "\n")
    #expect(distillations.count == 3)
    for (student, teacher) in [(1, 4), (2, 5), (3, 4)] {
      #expect(
        distillations.contains {
          $0.contains("/teachers/breastmnist-q4-s\(teacher).h5 ") && $0.hasSuffix("breastmnist-28-s\(student).h5")
        }, "\(distillations)")
    }
    let stages = try workshop.stagesRun()
    for teacher in [4, 5] {
      #expect(stages.contains("finetune-teacher sample/teachers/breastmnist-q4-s\(teacher).h5"))
      #expect(stages.contains("evaluate sample/evaluations/tinyvit-q4-teacher/breastmnist-224-s\(teacher).h5"))
    }
    // One teacher less: its students learn from the other one.
    #expect(try workshop.make("\(cell) SEEDS=1-3 TEACHER_SEEDS=4").status == 0)
    #expect(
      try workshop.stagesRun() == [
        "distill sample/distilled/vit/breastmnist-28-s2.h5", "evaluate sample/evaluations/vit-kd/breastmnist-28-s2.h5",
        "report sample/tables/table2@breastmnist-28-vit-s1-2-3", "train sample/students/vit-kd/breastmnist-28-s2.h5",
      ])
    #expect(
      try workshop.make("\(cell) TEACHER_SEEDS='1 1'").text.contains("TEACHER_SEEDS: a value is there twice in '1 1'"))
    #expect(try workshop.make("\(cell) TEACHER_SEEDS=").text.contains("TEACHER_SEEDS: is empty"))
    #expect(try workshop.make("\(cell) TEACHER_SEED=2").text.contains("did you mean 'TEACHER_SEEDS'?"))
  }

  @Test("TEACHER=timm fine-tunes with PyTorch before the teacher is made, and makes teachers of our own stale")
  func timm() throws {
    let workshop = try Workshop()
    let cell = "table2 DATASETS=breastmnist RESOLUTIONS=28 VARIANTS=vit SEEDS=1"
    let listed = try workshop.make("-n \(cell) TEACHER=timm TIMM_OPTIONS=--compile").text.split(separator: "\n")
    let place = try #require(listed.firstIndex { $0.contains("pipeline/finetune_timm.py") }, "\(listed)")
    let made = "TMP/artifacts/sample/teachers/breastmnist-q4-s1.timm.safetensors"
    #expect(listed[place].contains("--config TMP/artifacts/sample/settings/teacher-q4.json --seed 1"))
    #expect(listed[place].hasSuffix(" --compile --output \(made)"), "\(listed[place])")
    #expect(listed[place + 1].contains("bin/finetune-teacher "))
    #expect(listed[place + 1].contains(" --weights \(made) --epochs 0 --output "), "\(listed[place + 1])")
    #expect(try workshop.make("-n \(cell)").text.contains("finetune_timm") == false)

    #expect(try workshop.make(cell).status == 0)
    _ = try workshop.stagesRun()
    let status = try workshop.make("status \(cell.dropFirst("table2 ".count)) TEACHER=timm").text
    #expect(status.contains("training.program is \"timm\", made with null"), "\(status)")
    #expect(try workshop.make("\(cell) TEACHER=pytorch").text.contains("TEACHER: unknown name 'pytorch'"))
  }

  @Test("scores from elsewhere are brought by hand, and make a table stale when they come")
  func external() throws {
    let workshop = try Workshop()
    try workshop.write(
      """
      {"caption": "c", "rows": [{"variant": "vit", "regime": "scratch", "resolution": 28},
        {"variant": "resnet18", "regime": "external", "label": "ResNet-18", "resolution": 28}]}
      """, to: "tables/mine.json")
    let arguments = "mine TABLES=\(workshop.path)/tables/mine.json \(small)"
    #expect(try workshop.make(arguments).status == 0)
    #expect(try workshop.stagesRun().count == 4)
    #expect(try workshop.make("-q \(arguments)").status == 0)
    var evaluation = try Sample.evaluation()
    evaluation.header.configuration = #"{"source":"elsewhere"}"#
    evaluation.header.model = ArtifactModel(variant: "resnet18", regime: .external, kind: nil)
    evaluation.header.seed = 0
    for title in ["first", "second"] {
      evaluation.header.title = title
      try workshop.sh("mkdir -p artifacts/sample/evaluations/resnet18-external")
      try evaluation.write(
        to: "\(workshop.path)/artifacts/sample/evaluations/resnet18-external/breastmnist-28-s0.h5")
      #expect(try workshop.make(arguments).status == 0)
      #expect(try workshop.stagesRun() == ["report sample/tables/mine@breastmnist-28-s1"], "\(title)")
      #expect(try workshop.make("-q \(arguments)").status == 0)
    }
  }

  @Test("a missing official file says where to get it")
  func missingInput() throws {
    let workshop = try Workshop()
    let found = try workshop.make("table1 PROFILE=paper DATASETS=pneumoniamnist RESOLUTIONS=224 SEEDS=1")
    #expect(found.status == 2)
    #expect(
      found.text.hasPrefix(
        "TMP/raw/pneumoniamnist_224.npz: missing; get "
          + "https://zenodo.org/records/10519652/files/pneumoniamnist_224.npz?download=1 (MD5 "))
    #expect(try workshop.stagesRun() == [])
  }

  @Test("all missing inputs are told before the first stage runs, with what gets them")
  func missingInputs() throws {
    let workshop = try Workshop()
    let settings = "PROFILE=paper DATASETS='breastmnist bloodmnist oasis' SEEDS=1"
    let found = try workshop.make("table1 table2 \(settings)")
    #expect(found.status == 2)
    let lines = found.text.split(separator: "\n")
    let names = ["bloodmnist.npz", "oasis", "bloodmnist_224.npz", "tiny_vit_5m_224.dist_in22k_ft_in1k.safetensors"]
    #expect(Set(lines.prefix(4).map { $0.prefix { $0 != ":" } }) == Set(names.map { "TMP/raw/\($0)" }), "\(found.text)")
    #expect(
      lines[4].hasPrefix(
        "plan: error: 4 inputs are missing, nothing was begun; 'make data table1 table2 PROFILE=paper DATASETS=\"breastmnist bloodmnist "
          + "oasis\" SEEDS=1 RAW=TMP/raw ARTIFACTS=TMP/artifacts' downloads 3 of them first"), "\(lines[4])")
    #expect(lines.count == 6)
    #expect(try workshop.stagesRun() == [])
    // What is not asked for is not missed, and -n goes on.
    #expect(try workshop.make("table1 \(settings) DATASETS=breastmnist RESOLUTIONS=28").status == 0)
    #expect(try workshop.make("-n table2 \(settings)").text.contains("/finetune-teacher --data "))
  }

  @Test("missing OASIS slices say where to get them, a missing folder of one's own is named")
  func missingFolders() throws {
    let workshop = try Workshop()
    let oasis = try workshop.make("table1 PROFILE=paper DATASETS=oasis RESOLUTIONS=28 SEEDS=1")
    #expect(oasis.text.hasPrefix("TMP/raw/oasis: missing; get OASIS-1 as slices (Kaggle: ninadaithal/imagesoasis, "))
    let own = try workshop.make("table1 DATASETS=mydata mydata.folder=/nowhere/mine/ RESOLUTIONS=28 SEEDS=1")
    #expect(own.text.hasPrefix("/nowhere/mine: missing\n"))
  }

  @Test("one line declares data of one's own; other options make it stale")
  func ownData() throws {
    let workshop = try Workshop()
    try workshop.sh("mkdir raw/mine raw/oasis")
    let arguments =
      "table1 DATASETS='mydata oasis' mydata.folder=\(workshop.path)/raw/mine RESOLUTIONS=28 SEEDS=1 VARIANTS=vit"
    let listed = try workshop.make("-n \(arguments) mydata.options='--channels 1'").text
    #expect(
      listed.contains(
        "TMP/bin/prepare-data --dataset mydata --resolution 28 --source folder --input TMP/raw/mine --channels 1 "
          + "--profile paper --output TMP/artifacts/paper/data/mydata-28.h5\n"))
    #expect(
      listed.contains(
        "TMP/bin/prepare-data --dataset oasis --resolution 28 --source oasis --input TMP/raw/oasis --split slice "
          + "--per-class-cap 488 --ratios 65/10/25 --profile paper --output TMP/artifacts/paper/data/oasis-28.h5\n"))
    #expect(try workshop.make(arguments).status == 0)
    #expect(try workshop.stagesRun().count == 2 + 2 + 2 + 1)
    #expect(try workshop.make(arguments).text == "make: Nothing to be done for 'table1'.\n")
    #expect(try workshop.make("\(arguments) mydata.options='--channels 1'").status == 0)
    #expect(
      try workshop.stagesRun() == [
        "evaluate paper/evaluations/vit-scratch/mydata-28-s1.h5", "prepare-data paper/data/mydata-28.h5",
        "report paper/tables/table1@mydata-oasis-28-vit-s1", "train paper/students/vit-scratch/mydata-28-s1.h5",
      ])
  }

  @Test("make discussion makes the tables of its group; a variant is distilled by the settings it names")
  func group() throws {
    let workshop = try Workshop()
    let listed = try workshop.make("-n discussion \(small)").text.split(separator: "\n")
    func settings(ofDistilled variant: String) -> Substring? {
      listed.first { $0.contains("bin/distill ") && $0.contains("/distilled/\(variant)/") }?
        .split(separator: " ").first { $0.contains("/settings/distillation") }
    }
    #expect(settings(ofDistilled: "qvit") == "TMP/artifacts/sample/settings/distillation.json")
    #expect(settings(ofDistilled: "qvit-logit-kd") == "TMP/artifacts/sample/settings/distillation-logits.json")
    let found = try workshop.sh("cat artifacts/sample/settings/distillation-logits.json").text
    #expect(found.contains(#""target": "logits""#) && found.contains(#""epochs": 12"#), "the sample profile's epochs")

    #expect(try workshop.make("discussion \(small)").status == 0)
    let stages = try workshop.stagesRun()
    let tables = ["distillation-target", "eight-qubits", "one-head"]
    #expect(
      stages.filter { $0.hasPrefix("report") } == tables.map { "report sample/tables/\($0)@breastmnist-28-s1" })
    #expect(
      stages.filter { $0.hasPrefix("train") }.map { $0.split(separator: "/")[2] } == [
        "qvit-kd", "qvit-logit-kd-kd", "qvit-one-head-scratch", "qvit-q8-kd", "qvit-q8-scratch", "qvit-scratch",
        "vit-kd", "vit-logit-kd-kd", "vit-one-head-scratch", "vit-q8-kd", "vit-q8-scratch", "vit-scratch",
      ])
    #expect(
      stages.filter { $0.hasPrefix("finetune") }.map { $0.split(separator: "/")[2] } == [
        "breastmnist-q4-s1.h5", "breastmnist-q8-s1.h5",
      ])
    #expect(try workshop.make("table1 table2 \(small)").status == 0)
    #expect(
      try workshop.stagesRun() == [
        "report sample/tables/table1@breastmnist-28-s1", "report sample/tables/table2@breastmnist-28-s1",
      ],
      "their students are the discussion's")
    #expect(try workshop.make("discussion \(small)").text == "make: Nothing to be done for 'discussion'.\n")
    #expect(
      try workshop.make("help").text.contains("\n  discussion         distillation-target, eight-qubits, one-head\n"))
  }

  @Test("make scaling makes students of five widths, from scratch and distilled from teachers of the same width")
  func scaling() throws {
    let workshop = try Workshop()
    #expect(try workshop.make("scaling SEEDS=1").status == 0)
    let stages = try workshop.stagesRun()
    let families = ["qvit", "qvit-output-circuit", "qvit-output-none", "vit"]
    let variants = families.flatMap { family in ["", "-q16", "-q32", "-q64", "-q8"].map { family + $0 } }
    #expect(
      Set(stages.filter { $0.hasPrefix("train") }.map { String($0.split(separator: "/")[2]) })
        == Set(variants.flatMap { ["\($0)-scratch", "\($0)-kd"] }))
    #expect(
      stages.filter { $0.hasPrefix("finetune") }.map { String($0.split(separator: "/")[2]) }
        == [16, 32, 4, 64, 8].map { "breastmnist-q\($0)-s1.h5" })
    let listed = try workshop.make("-n scaling SEEDS=2").text.split(separator: "\n")
    for width in [8, 64] {
      let distill = listed.first { $0.contains("bin/distill ") && $0.contains("/qvit-output-none-q\(width)/") }
      #expect(distill?.contains("teachers/breastmnist-q\(width)-s1.h5") == true)
    }
    #expect(
      stages.filter { $0.hasPrefix("report") }.map { String($0.split(separator: "/")[2]) } == [
        "scaling-distilled@s1", "scaling-scratch@s1",
      ])
  }

  @Test("a group of one's own stands beside the others; it cannot have the name of a table or goal")
  func ownGroup() throws {
    let workshop = try Workshop()
    for (group, message) in [
      ("mine", "--tables: a group cannot be called 'mine': make has another goal of that name"),
      ("table1", "--tables: a group cannot be called 'table1': make has another goal of that name"),
      ("status", "--tables: a group cannot be called 'status': make has another goal of that name"),
      (
        "All of them",
        "TMP/mine.json: group: expected a name of small letters, digits, '-' and '_', found the string \"All of them\""
      ),
    ] {
      try workshop.write(
        #"{"caption": "c", "group": "\#(group)", "rows": [{"variant": "vit", "regime": "scratch", "resolution": 28}]}"#,
        to: "mine.json")
      let found = try workshop.make("table1 TABLES=\(workshop.path)/mine.json \(small)")
      #expect(found.text.hasPrefix("plan: error: \(message)\n"), "\(found.text)")
    }
    try workshop.write(
      #"{"caption": "c", "group": "discussion", "rows": [{"variant": "vit", "regime": "scratch", "resolution": 28}]}"#,
      to: "mine.json")
    #expect(try workshop.make("discussion TABLES=\(workshop.path)/mine.json \(small)").status == 0)
    #expect(try workshop.stagesRun().filter { $0.hasPrefix("report") }.count == 4)
  }

  @Test("small datasets get more seeds than large ones, unless SEEDS says otherwise")
  func seedsByNeed() throws {
    let workshop = try Workshop()
    try workshop.sh("touch raw/bloodmnist.npz; mkdir raw/mine")
    let arguments =
      "table1 PROFILE=paper DATASETS='breastmnist bloodmnist mydata' mydata.folder=\(workshop.path)/raw/mine "
      + "RESOLUTIONS=28 VARIANTS=vit"
    func seeds(_ dataset: String, _ more: String = "") throws -> Set<Int> {
      let text = try workshop.make("-n \(arguments) \(more)").text
      return Set(
        text.split(separator: "\n").filter { $0.contains("bin/train ") && $0.contains("data/\(dataset)-28.h5") }
          .compactMap { $0.firstMatch(of: /--seed ([0-9]+)/).flatMap { Int($0.1) } })
    }
    #expect(try seeds("breastmnist") == Set(1...20))
    #expect(try seeds("bloodmnist") == Set(1...5) && seeds("mydata") == Set(1...5))
    for dataset in ["breastmnist", "bloodmnist", "mydata"] {
      #expect(try seeds(dataset, "SEEDS='3 7'") == [3, 7])
    }
    // The sample profile has few for all.
    let sample = try workshop.make("-n table1 DATASETS=breastmnist RESOLUTIONS=28 VARIANTS=vit").text
    #expect(sample.split(separator: "\n").count { $0.contains("bin/train ") } == 5)
    #expect(
      try workshop.make("help PROFILE=paper").text.contains(#"RESOLUTIONS="28 224", as many seeds as each dataset"#))
  }

  @Test("status counts what is there, stale and missing, and says why")
  func status() throws {
    let workshop = try Workshop()
    let grid = "PROFILE=paper DATASETS='breastmnist pathmnist' RESOLUTIONS=28 SEEDS=1"
    #expect(try workshop.make("table1 \(grid) DATASETS=breastmnist").status == 0)
    try workshop.write(#"{"extends": "vit", "model": {"heads": 4}}"#, to: "config/vit.json")
    #expect(
      try workshop.make("status \(grid) CONFIG=\(workshop.path)/config").text == """
        profile paper     wanted   there   stale missing
        data                   4       1       0       3
        teachers               7       0       0       7
        distilled             28       0       0      28
        students              84       1       1      82
        evaluations           92       1       1      90
        tables                 8       0       0       8
        missing input: TMP/raw/pathmnist.npz
        missing input: TMP/raw/pathmnist_224.npz
        missing input: TMP/raw/tiny_vit_5m_224.dist_in22k_ft_in1k.safetensors
        missing: TMP/artifacts/paper/data/pathmnist-28.h5 and 1 more: inputs are missing
        missing: TMP/artifacts/paper/data/breastmnist-224.h5: not made yet
        missing: TMP/artifacts/paper/teachers/breastmnist-q4-s1.h5 and 6 more: inputs are missing
        missing: TMP/artifacts/paper/distilled/vit/breastmnist-28-s1.h5 and 27 more: inputs are missing
        stale: TMP/artifacts/paper/students/vit-scratch/breastmnist-28-s1.h5: model.heads is 4, made with 2
        missing: TMP/artifacts/paper/students/vit-scratch/pathmnist-28-s1.h5 and 47 more: inputs are missing
        missing: TMP/artifacts/paper/students/qvit-no-circuit-scratch/breastmnist-28-s1.h5 and 33 more: not made yet
        stale: TMP/artifacts/paper/evaluations/vit-scratch/breastmnist-28-s1.h5: what it is made from is stale or missing
        missing: TMP/artifacts/paper/evaluations/vit-scratch/pathmnist-28-s1.h5 and 53 more: inputs are missing
        missing: TMP/artifacts/paper/evaluations/qvit-no-circuit-scratch/breastmnist-28-s1.h5 and 35 more: not made yet
        missing: TMP/artifacts/paper/tables/ablations@breastmnist-pathmnist-28-s1.md and 6 more: inputs are missing
        missing: TMP/artifacts/paper/tables/scaling-scratch@28-s1.md: not made yet

        """)
  }

  @Test("make alone explains itself")
  func help() throws {
    let workshop = try Workshop()
    let help = try workshop.make("")
    #expect(help.status == 0)
    for word in ["table1", "setup", "status", "PROFILE", "RAW", "LAUNCH", "EPOCHS"] {
      #expect(help.text.contains("\n  \(word) "), "\(word)")
    }
  }

  @Test("table2 makes one teacher for both resolutions and all seeds, and adds to what table1 has")
  func table2() throws {
    let workshop = try Workshop()
    let cell = "DATASETS=breastmnist RESOLUTIONS='28 224' VARIANTS=qvit SEEDS='1 2'"
    #expect(try workshop.make("table1 \(cell)").status == 0)
    _ = try workshop.stagesRun()
    #expect(try workshop.make("table2 \(cell)").status == 0)
    let cells = ["224-s1", "224-s2", "28-s1", "28-s2"].map { "breastmnist-\($0).h5" }
    #expect(
      try workshop.stagesRun()
        == [
          cells.map { "distill sample/distilled/qvit/\($0)" },
          cells.map { "evaluate sample/evaluations/qvit-kd/\($0)" },
          ["evaluate sample/evaluations/tinyvit-q4-teacher/breastmnist-224-s1.h5"],
          [
            "finetune-teacher sample/teachers/breastmnist-q4-s1.h5",
            "report sample/tables/table2@breastmnist-qvit-s1-2",
          ],
          cells.map { "train sample/students/qvit-kd/\($0)" },
        ].flatMap { $0 })
    #expect(try workshop.make("-q table1 table2 \(cell)").status == 0)
    #expect(try workshop.make("table1 table2 \(cell)").status == 0)
    #expect(try workshop.stagesRun().isEmpty)
  }

  @Test("the paper's teacher needs pretrained weights, and says where to get them")
  func missingWeights() throws {
    let workshop = try Workshop()
    let found = try workshop.make("table2 PROFILE=paper DATASETS=breastmnist RESOLUTIONS=28 SEEDS=1")
    #expect(found.status == 2)
    #expect(found.text.contains("TMP/raw/tiny_vit_5m_224.dist_in22k_ft_in1k.safetensors: missing; get "))
    try workshop.sh("touch raw/tiny_vit_5m_224.dist_in22k_ft_in1k.safetensors")
    #expect(try workshop.make("table2 PROFILE=paper DATASETS=breastmnist RESOLUTIONS=28 SEEDS=1").status == 0)
  }
}

/// A file that plan must refuse, and what it says behind the file's name.
struct BrokenFile: Sendable, CustomTestStringConvertible {
  var text: String
  var message: String

  init(_ text: String, _ message: String) {
    self.text = text
    self.message = message
  }

  var testDescription: String { message }
}

private let row = #"{"variant": "vit", "regime": "scratch", "resolution": 28}"#

private let brokenTables = [
  BrokenFile(#"{"caption": "c", "rowz": []}"#, "rows: missing key"),
  BrokenFile(#"{"caption": "c", "rows": [\#(row)], "paper": 3}"#, "paper: expected an integer from 1 to 2, found 3"),
  BrokenFile(#"{"caption": "c", "capton": "d", "rows": [\#(row)]}"#, "capton: unknown key"),
  BrokenFile(#"{"rows": [\#(row)]}"#, "caption: missing key"),
  BrokenFile(#"{"caption": "c\u0007", "rows": [\#(row)]}"#, "a title, caption or label has at most 200 characters"),
  BrokenFile(
    #"{"caption": "c", "rows": [\#(row), {"variant": "qvitt", "regime": "kd", "resolution": 28}]}"#,
    "rows: variant 'qvitt': pipeline/config/sample/qvitt.json, pipeline/config/qvitt.json: no such settings file (did you "
      + "mean 'qvit'?)"),
  BrokenFile(
    #"{"caption": "c", "rows": [{"variant": "../vit", "regime": "kd", "resolution": 28}]}"#,
    "rows: variant '../vit': a variant's name has letters, digits, '-' and '_'"),
  BrokenFile(
    #"{"caption": "c", "rows": [{"variant": "teacher-q4", "regime": "kd", "resolution": 28}]}"#,
    "rows: variant 'teacher-q4': this name is that of other settings"),
  BrokenFile(
    #"{"caption": "c", "rows": [{"variant": ["qvit", "vit"], "regime": "scratch", "resolution": 28}, \#(row)]}"#,
    "rows: the same row twice: vit scratch at 28 pixels"),
  BrokenFile(
    #"{"caption": "c", "rows": [{"variant": "vit", "regime": "scratch", "resolution": [28, 28]}]}"#,
    "rows: the same row twice: vit scratch at 28 pixels"),
  BrokenFile(
    #"{"caption": "c", "rows": [\#(row), {"regime": "teacher"}, {"regime": "teacher", "width": 4}]}"#,
    "rows: the same model twice: TinyViT, width 4"),
  BrokenFile(
    #"{"caption": "c", "datasets": ["brestmnist"], "rows": [\#(row)]}"#,
    "datasets: unknown dataset 'brestmnist' (did you mean 'breastmnist'?)"),
  BrokenFile(
    #"{"caption": "c", "datasets": ["oasis", "oasis"], "rows": [\#(row)]}"#,
    "datasets: the same dataset twice: 'oasis'"),
  BrokenFile(
    #"{"caption": "c", "rows": [\#(row), {"variant": "vit", "regime": "scratch", "resolution": 64}]}"#,
    "rows[1]: resolution: expected 28, 224 or both in a list, found 64"),
  BrokenFile(
    #"{"caption": "c", "rows": [{"variant": "vit", "regime": "scrach", "resolution": 28}]}"#,
    #"rows[0]: regime: expected one of 'scratch', 'kd', 'teacher', 'external', 'floor', found the string "scrach""#),
  BrokenFile(
    #"{"caption": "c", "rows": [{"variant": "vit", "regime": "kd", "resolution": 28, "lable": "x"}]}"#,
    "rows[0]: lable: unknown key"),
  BrokenFile(#"{"caption": "c", "rows": []}"#, "rows: expected at least one row"),
  BrokenFile(
    #"{"caption": "c", "rows": [{"variant": [], "regime": "kd", "resolution": 28}]}"#,
    "rows[0]: variant: expected a name or a list of names, found an array"),
  BrokenFile(
    #"{"caption": "c", "rows": [{"regime": "teacher"}]}"#,
    "rows: there is no student whose width the teacher could have; give it a 'width'"),
  BrokenFile(
    #"{"caption": "c", "rows": [{"regime": "teacher", "width": 1}]}"#,
    "rows[0]: width: expected an integer from 2 to 64, found 1"),
  BrokenFile(
    #"{"caption": "c", "rows": [{"variant": "a b", "label": "A", "regime": "external", "resolution": 28}]}"#,
    "rows: variant 'a b': a variant's name has letters, digits, '-' and '_'"),
  BrokenFile(#"{"caption": "c", "rows": [\#(row)"#, "1:84: expected "),
]

private let brokenSettings = [
  BrokenFile(
    #"{"extends": "vit", "model": {"qbits": 4}}"#, "mine.json: model.qbits: unknown key (did you mean 'qubits'?)"),
  BrokenFile(
    #"{"extends": "vitt"}"#, "mine.json: extends: there is no settings file 'vitt' to extend (did you mean 'vit'?)"),
  BrokenFile(#"{"extends": "mine"}"#, "mine.json: extends: there is no settings file 'mine' to extend"),
  BrokenFile(
    #"{"extends": "other"}"#,
    "other.json: extends: goes round in a circle: TMP/config/mine.json → TMP/config/other.json → TMP/config/mine.json"),
  BrokenFile(#"{"extends": "student"}"#, "mine.json: kind: missing key, expected one of 'vit', 'qvit'"),
  BrokenFile(
    #"{"extends": "qvit", "model": {"qubits": 8, "heads": 3}}"#,
    "mine.json: model.heads: expected a divisor of the 8 qubits, so that all heads have as many channels, found 3"),
  BrokenFile(
    #"{"extends": "vit", "label": ""}"#,
    "mine.json: label: expected 1 to 40 characters, none of them a control character, found "),
  BrokenFile(#"{"kind": "vit"}"#, "mine.json: model.qubits: missing key"),
  BrokenFile(#"{"extends": "vit", "training": {"epochs": 0}}"#, "mine.json: training.epochs: expected at least 1"),
  BrokenFile("", "mine.json: 1:1: expected a value"),
]
