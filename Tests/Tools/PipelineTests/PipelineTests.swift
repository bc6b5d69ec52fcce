import Glibc
import Testing
import _TestSupport

private let small = "DATASETS=breastmnist RESOLUTIONS=28 SEEDS=1"
private let two = "PROFILE=paper DATASETS='breastmnist pneumoniamnist' RESOLUTIONS=28 SEEDS='1 2'"

@Suite("The Makefile, with stub tools")
struct PipelineTests {
  /// Set `QVIT_RECORD=1` to write the snapshots anew; the run then fails, so that it cannot happen unnoticed.
  @Test(
    "make -n shows one readable line per stage",
    arguments: [
      ("sample", "table1 table2 \(small)"),
      ("paper", "table1 PROFILE=paper \(small) MODELS=qvit EPOCHS=3 THREADS=2 UNOFFICIAL=1 LAUNCH='srun -n1'"),
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

  @Test("a touched raw file reruns its descendants and nothing else")
  func touchRaw() throws {
    let workshop = try Workshop()
    _ = try workshop.make("table1 \(two)")
    _ = try workshop.stagesRun()
    try workshop.age()
    try workshop.sh("touch raw/breastmnist.npz")
    #expect(try workshop.make("table1 \(two) JOBS=2").status == 0)
    let cells = ["qvit-scratch", "vit-scratch"].flatMap { m in [1, 2].map { "\(m)/breastmnist-28-s\($0).h5" } }
    #expect(
      try workshop.stagesRun() == cells.map { "evaluate paper/evaluations/\($0)" }
        + ["prepare-data paper/data/breastmnist-28.h5", "report paper/tables/table1"]
        + cells.map { "train paper/students/\($0)" })
  }

  @Test("a removed student is made again; a removed raw file is not missed")
  func removed() throws {
    let workshop = try Workshop()
    _ = try workshop.make("table1 \(two)")
    _ = try workshop.stagesRun()
    try workshop.age()
    try workshop.sh("rm artifacts/paper/students/vit-scratch/breastmnist-28-s1.h5 raw/breastmnist.npz")
    #expect(try workshop.make("table1 \(two)").status == 0)
    #expect(
      try workshop.stagesRun() == [
        "evaluate paper/evaluations/vit-scratch/breastmnist-28-s1.h5", "report paper/tables/table1",
        "train paper/students/vit-scratch/breastmnist-28-s1.h5",
      ])
  }

  @Test("students of other EPOCHS are stale; another selection of the grid only remakes the table")
  func settings() throws {
    let workshop = try Workshop()
    _ = try workshop.make("table1 \(two)")
    _ = try workshop.stagesRun()
    _ = try workshop.make("table1 \(two) SEEDS=1")
    #expect(try workshop.stagesRun() == ["report paper/tables/table1"])
    usleep(20_000)
    _ = try workshop.make("table1 \(two) SEEDS=1 EPOCHS=3")
    #expect(try workshop.stagesRun().filter { $0.hasPrefix("train") }.count == 4)
    _ = try workshop.make("table1 \(two) SEEDS=1 EPOCHS=3")
    #expect(try workshop.stagesRun() == [])
  }

  @Test("a new tool costs no training, unless STRICT=1")
  func strict() throws {
    let workshop = try Workshop()
    _ = try workshop.make("table1 \(two)")
    try workshop.age()
    try workshop.sh("touch bin/report")
    #expect(try workshop.make("-q table1 \(two)").status == 0)
    #expect(try workshop.make("-q table1 \(two) STRICT=1").status == 1)
  }

  @Test("a tool that fails halfway leaves nothing that counts, and the same command goes on")
  func interrupted() throws {
    let workshop = try Workshop()
    try workshop.install("train", publish: "exit 75")
    #expect(try workshop.make("table1 \(small)").status == 2)
    #expect(try workshop.sh("find artifacts -path '*students*' -name '*.h5' | wc -l").text == "0\n")
    #expect(try workshop.sh("find artifacts -name 'table1.*' | wc -l").text == "0\n")
    _ = try workshop.stagesRun()
    try workshop.install("train", publish: "mv \"$out$x.part\" \"$out$x\"")
    #expect(try workshop.make("table1 \(small)").status == 0)
    #expect(try workshop.stagesRun().filter { $0.hasPrefix("prepare-data") } == [])
  }

  @Test(
    "wrong settings are refused with what they can be",
    arguments: [
      ("DATASETS=brestmnist", "DATASETS: unknown name 'brestmnist'; it can be: breastmnist retinamnist"),
      ("PROFLE=paper", "settings: unknown name 'PROFLE'; it can be: PROFILE DATASETS"),
      ("PROFILE=papr", "PROFILE: unknown name 'papr'; it can be: sample paper"),
      ("PROFILE=paper DATASETS=mydata", "DATASETS: unknown name 'mydata'; it can be: breastmnist"),
      (
        "PROFILE=sample DATASETS=mydata mydata.folder=x",
        "DATASETS: unknown name 'mydata'; it can be: breastmnist retinamnist"
      ),
      ("RESOLUTIONS='28 64'", "RESOLUTIONS: unknown name '64'; it can be: 28 224"),
      ("MODELS=vitt", "MODELS: unknown name 'vitt'; it can be: vit qvit"),
      ("SEEDS='1 x'", "SEEDS: 'x' is not a whole number"), ("SEEDS='1 1'", "SEEDS: a value is there twice in '1 1'"),
      ("EPOCHS=-1", "EPOCHS: '-1' is not a whole number"), ("DATASETS=", "DATASETS: is empty"),
    ])
  func wrongSettings(arguments: String, message: String) throws {
    let workshop = try Workshop()
    let found = try workshop.make("table1 \(arguments)")
    #expect(found.status == 2)
    #expect(found.text.contains(message))
    #expect(found.text.split(separator: "\n").count == 1)
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
      "table1 DATASETS='mydata oasis' mydata.folder=\(workshop.path)/raw/mine RESOLUTIONS=28 SEEDS=1 MODELS=vit"
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
    try workshop.age()
    #expect(try workshop.make("\(arguments) mydata.options='--channels 1'").status == 0)
    #expect(
      try workshop.stagesRun() == [
        "evaluate paper/evaluations/vit-scratch/mydata-28-s1.h5", "prepare-data paper/data/mydata-28.h5",
        "report paper/tables/table1", "train paper/students/vit-scratch/mydata-28-s1.h5",
      ])
  }

  @Test("status counts what is there, stale and missing, and says why")
  func status() throws {
    let workshop = try Workshop()
    let arguments = "status PROFILE=paper DATASETS='breastmnist pathmnist' RESOLUTIONS=28 SEEDS=1"
    #expect(try workshop.make("table1 PROFILE=paper \(small)").status == 0)
    try workshop.age()
    try workshop.sh("touch raw/breastmnist.npz")
    #expect(
      try workshop.make(arguments).text == """
        profile paper     wanted   there   stale missing
        data                   2       0       1       1
        teachers               2       0       0       2
        distilled              4       0       0       4
        students               8       0       2       6
        evaluations           10       0       2       8
        tables                 6       0       3       3
        missing input: TMP/raw/pathmnist.npz
        missing input: TMP/raw/tiny_vit_5m_224.dist_in22k_ft_in1k.safetensors
        missing input: TMP/raw/pathmnist_224.npz
        stale: TMP/artifacts/paper/data/breastmnist-28.h5: TMP/raw/breastmnist.npz is newer
        missing: TMP/artifacts/paper/data/pathmnist-28.h5: inputs are missing
        missing: TMP/artifacts/paper/teachers/breastmnist-q4.h5 and 1 more: inputs are missing
        missing: TMP/artifacts/paper/distilled/vit/breastmnist-28-s1.h5 and 3 more: inputs are missing
        stale: TMP/artifacts/paper/students/vit-scratch/breastmnist-28-s1.h5 and 1 more: what it is made from is stale or \
        missing
        missing: TMP/artifacts/paper/students/vit-scratch/pathmnist-28-s1.h5 and 5 more: inputs are missing
        stale: TMP/artifacts/paper/evaluations/vit-scratch/breastmnist-28-s1.h5 and 1 more: what it is made from is stale \
        or missing
        missing: TMP/artifacts/paper/evaluations/vit-scratch/pathmnist-28-s1.h5 and 7 more: inputs are missing
        stale: TMP/artifacts/paper/tables/table1.md and 2 more: what it is made from is stale or missing
        missing: TMP/artifacts/paper/tables/table2.md and 2 more: inputs are missing

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
    let cell = "DATASETS=breastmnist RESOLUTIONS='28 224' MODELS=qvit SEEDS='1 2'"
    #expect(try workshop.make("table1 \(cell)").status == 0)
    _ = try workshop.stagesRun()
    #expect(try workshop.make("table2 \(cell)").status == 0)
    let cells = ["224-s1", "224-s2", "28-s1", "28-s2"].map { "breastmnist-\($0).h5" }
    #expect(
      try workshop.stagesRun()
        == [
          cells.map { "distill sample/distilled/qvit/\($0)" },
          cells.map { "evaluate sample/evaluations/qvit-kd/\($0)" },
          ["evaluate sample/evaluations/tinyvit-teacher/breastmnist-224-s1.h5"],
          ["finetune-teacher sample/teachers/breastmnist-q4.h5", "report sample/tables/table2"],
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
