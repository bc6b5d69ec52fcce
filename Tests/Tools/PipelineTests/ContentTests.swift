import Testing
import _TestSupport

private let cell = "DATASETS=breastmnist RESOLUTIONS=28 SEEDS=1"
private let student = "students/vit-scratch/breastmnist-28-s1.h5"

/// The stages that make the students of a variant and table 1 anew.
private let vit = [
  "evaluate sample/evaluations/vit-scratch/breastmnist-28-s1.h5", "report sample/tables/table1@breastmnist-28-s1",
  "train sample/students/vit-scratch/breastmnist-28-s1.h5",
]

@Suite("make follows content, not clocks")
struct ContentTests {
  private let workshop: Workshop
  private let other: String

  /// Table 1 with the settings of the pipeline, and other settings, years old.
  init() throws {
    workshop = try Workshop()
    #expect(try workshop.make("table1 \(cell)").status == 0)
    #expect(try workshop.stagesRun().count == 6)
    try workshop.write(#"{"extends": "vit", "model": {"heads": 1}}"#, to: "config/vit.json")
    try workshop.sh("touch -d 2001-01-01 config/vit.json config")
    other = "CONFIG=\(workshop.path)/config"
  }

  @Test("other settings, however old their files are, and back again")
  func backAndForth() throws {
    for _ in 0..<2 {
      #expect(try workshop.make("table1 \(cell) \(other)").status == 0)
      #expect(try workshop.stagesRun() == vit)
      #expect(try workshop.make("-q table1 \(cell) \(other)").status == 0)
      let stale = try workshop.make("status \(cell)").text
      #expect(
        stale.contains("\nstale: TMP/artifacts/sample/\(student): model.heads is 2, made with 1\n"), "\(stale)")
      #expect(try workshop.make("table1 \(cell)").status == 0)
      #expect(try workshop.stagesRun() == vit)
    }
  }

  @Test("verify says what the grid would now make in another way")
  func verified() throws {
    let sound = try workshop.make("verify \(cell) 2> /dev/null")
    #expect(sound.status == 0, "\(sound.text)")
    let found = try workshop.make("verify \(cell) \(other) 2> /dev/null")
    #expect(found.status == 2)
    #expect(
      found.text.contains("TMP/artifacts/sample/\(student): stale: model.heads is 1, made with 2\n"), "\(found.text)")
    #expect(found.text.contains(": 5 artifacts, 3 tables: 2 problems\n"), "\(found.text)")
  }

  @Test("a copy, a clock set back, times in any order")
  func times() throws {
    try workshop.sh("cp -r artifacts copy && rm -r artifacts && mv copy artifacts")
    #expect(try workshop.make("-q table1 \(cell)").status == 0)
    try workshop.sh(
      "n=0; find artifacts -type f | sort -r | while read f; do n=$((n + 1)); touch -d \"2001-01-01 + $n days\" \"$f\"; done"
    )
    #expect(try workshop.make("-q table1 \(cell)").status == 0)
    try workshop.sh("find artifacts -name '*.json' -o -name '*.mk' | xargs touch -d 2040-01-01")
    #expect(try workshop.make("-q table1 \(cell)").status == 0)
    #expect(try workshop.stagesRun() == [])
  }

  @Test("a backup of other settings, newer than everything, is made again; one of the same is not")
  func backup() throws {
    try workshop.sh("cp -r artifacts backup")
    #expect(try workshop.make("table1 \(cell) \(other)").status == 0)
    _ = try workshop.stagesRun()
    try workshop.sh("rm -r artifacts/sample/students && cp -r backup/sample/students artifacts/sample")
    #expect(try workshop.make("table1 \(cell) \(other)").status == 0)
    #expect(try workshop.stagesRun() == vit)
    try workshop.sh("rm -r artifacts && mv backup artifacts")
    #expect(try workshop.make("-q table1 \(cell)").status == 0)
  }

  @Test("a damaged artifact, another student in its place, a removed one, an edited table")
  func changed() throws {
    let path = "artifacts/sample/\(student)"
    for change in [
      "printf x | dd of=\(path) bs=1 seek=3000 conv=notrunc 2> /dev/null",
      "cp \(path.replacing("vit-scratch", with: "qvit-scratch")) \(path)", "rm \(path)",
    ] {
      try workshop.sh(change)
      #expect(try workshop.make("table1 \(cell)").status == 0)
      #expect(try workshop.stagesRun() == vit, "\(change)")
    }
    for name in ["md", "csv", "tex", "inputs.json"] {
      try workshop.sh("echo >> artifacts/sample/tables/table1@breastmnist-28-s1.\(name)")
      #expect(try workshop.make("table1 \(cell)").status == 0)
      #expect(try workshop.stagesRun() == (name == "inputs.json" ? [] : [vit[1]]), "\(name)")
    }
  }

  @Test("a run of its own keeps everything apart, and takes over what the default run has made the same")
  func runs() throws {
    #expect(try workshop.make("table1 \(cell) \(other) RUN=one-head").status == 0)
    #expect(
      try workshop.stagesRun() == vit.map { $0.replacing("sample/", with: "sample+one-head/") })
    #expect(try workshop.make("-q table1 \(cell) \(other) RUN=one-head").status == 0)
    #expect(try workshop.make("-q table1 \(cell)").status == 0, "the default run is as it was")
    let links = try workshop.sh(
      "cd artifacts; for f in data/breastmnist-28 students/qvit-scratch/breastmnist-28-s1 "
        + "students/vit-scratch/breastmnist-28-s1; do "
        + "[ sample/$f.h5 -ef sample+one-head/$f.h5 ] && echo same || echo other; done")
    #expect(links.text == "same\nsame\nother\n")
    // What is linked is whole, wherever the other goes.
    try workshop.sh("rm -r artifacts/sample")
    #expect(try workshop.make("-q table1 \(cell) \(other) RUN=one-head").status == 0)
  }

  @Test("the table of a part of the grid stands beside that of the whole")
  func parts() throws {
    try workshop.write(
      #"{"caption": "c", "datasets": ["breastmnist"], "rows": [{"variant": "vit", "regime": "scratch", "resolution": 28}]}"#,
      to: "own.json")
    let own = "own TABLES=\(workshop.path)/own.json RESOLUTIONS='28 224'"
    #expect(try workshop.make("\(own) SEEDS=1-5").status == 0)
    let whole = try workshop.sh("cat artifacts/sample/tables/own.md")
    #expect(whole.status == 0)
    #expect(try workshop.make("\(own) SEEDS=2").status == 0)
    #expect(try workshop.sh("cat artifacts/sample/tables/own.md").text == whole.text)
    #expect(try workshop.sh("cat artifacts/sample/tables/own@s2.md").text.contains("seed 2"))
  }

  @Test("weights of a dataset's own, by their content")
  func datasetWeights() throws {
    try workshop.sh("echo a > a.safetensors; echo b > b.safetensors")
    let arguments = "table2 \(cell) VARIANTS=vit"
    #expect(try workshop.make("\(arguments) breastmnist.weights=\(workshop.path)/a.safetensors").status == 0)
    #expect(try workshop.sh("grep -c -e '--weights [^ ]*/a.safetensors' log").text == "1\n")
    _ = try workshop.stagesRun()
    #expect(try workshop.make("-q \(arguments) breastmnist.weights=\(workshop.path)/a.safetensors").status == 0)
    try workshop.sh("touch a.safetensors")
    #expect(try workshop.make("-q \(arguments) breastmnist.weights=\(workshop.path)/a.safetensors").status == 0)
    #expect(try workshop.make("-q \(arguments) breastmnist.weights=\(workshop.path)/b.safetensors").status == 1)
    #expect(try workshop.make("-q \(arguments)").status == 1)
  }
}
