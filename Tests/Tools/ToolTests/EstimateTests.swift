import Testing
import _TestSupport

@Suite("What a grid takes, before it is made", .timeLimit(.minutes(20)))
struct EstimateTests {
  let bench: Bench

  init() throws {
    bench = try Bench()
    try bench.writeSettings()
    try bench.writeSettings("teacher-small", extending: "teacher", #""weights": {"start": "random"}"#)
  }

  private func plan(_ rest: String) throws -> ProcessResult {
    let tables =
      "\(Fixtures.packageRoot)/pipeline/tables/table1.json \(Fixtures.packageRoot)/pipeline/tables/table2.json"
    return try bench.run(
      .plan,
      "--profile sample --root r --config . --tables \"\(tables)\" --datasets breastmnist --resolutions 28 --seeds \"1 2\" "
        + "--teacher-seeds 1 --teacher-resolution 224 --make make "
        + "--preparations \"breastmnist-28 --source sample;breastmnist-224 --source sample\" \(rest)")
  }

  /// Of each stage how often it runs, and words for the whole.
  @Test("Each stage is counted, timed by a calibration, and nothing is written")
  func estimate() throws {
    let result = try plan("--estimate table2 --threads 1")
    #expect(result.status == 0 && result.errors.isEmpty, "\(result)")
    let lines = result.output.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
    func runs(_ tool: String) -> String? { lines.first { $0.first == tool }?.dropFirst().first }
    #expect(runs("prepare-data") == "2" && runs("finetune-teacher") == "1")
    // ViT and QViT, two seeds; and the teacher is evaluated once.
    #expect(runs("distill") == "4" && runs("train") == "4" && runs("evaluate") == "5")
    // A hundred epochs of TinyViT-5M over 320 images are minutes on any processor.
    #expect(result.output.contains(" min in all; ") || result.output.contains(" h in all; "), "\(result.output)")
    #expect(result.output.contains("% of it: TEACHER=timm") || !result.output.contains(" h in all"))
    #expect(!bench.directory.contains("r"))

    let table1 = try plan("--estimate table1 --threads 1")
    #expect(!table1.output.contains("finetune-teacher") && table1.output.contains("train"))
    let misspelt = try plan("--estimate tabel1")
    #expect(misspelt.status == 64 && misspelt.errors.contains("did you mean 'table1'?"), "\(misspelt)")
  }

  @Test("Too little memory is said before anything is begun, and in the estimate")
  func shortage() throws {
    try bench.directory.write(
      try bench.directory.text("teacher.json").replacing("\"batch_size\": 32", with: "\"batch_size\": 65536"),
      to: "teacher.json")
    let warned = try plan("--goals table2 --output r/plan.mk")
    #expect(warned.status == 0 && warned.output.isEmpty)
    #expect(warned.errors.hasPrefix("plan: warning: "), "\(warned)")
    #expect(warned.errors.contains(" of memory will be needed at a time, "))
    // Table 1 has no teacher.
    #expect(try plan("--goals table1 --output r/plan.mk").errors.isEmpty)
  }
}
