import Artifacts
import Datasets
import Metrics
import Testing
import _TestSupport

@Suite("predict", .timeLimit(.minutes(20)))
struct PredictTests {
  private let bench: Bench
  private let images = [("grey", "grey.png"), ("two-level", "bilevel.png"), ("photo", "grey.jpg")]
  private let names = ["grey", "photo", "two-level"]

  /// A student, a second one and a teacher of a folder of three classes.
  init() throws {
    bench = try Bench()
    try bench.writeSettings()
    try bench.directory.makeDirectories("artifacts/data")
    try bench.directory.makeDirectories("artifacts/students/vit-scratch")
    for (name, image) in images {
      try bench.directory.makeDirectories("pictures/\(name)")
      for number in 0..<12 {
        try bench.directory.write(
          Fixtures.bytes("images/\(image)"), to: "pictures/\(name)/\(number).\(image.suffix(3))")
      }
    }
    try bench.complete(
      .prepareData,
      "--dataset mine --resolution 28 --source folder --input pictures --profile paper --quiet "
        + "--output artifacts/data/mine-28.h5")
    for seed in 1...2 {
      try bench.complete(
        .train,
        "--data artifacts/data/mine-28.h5 --config vit.json --seed \(seed) --quiet --output \(student(seed))")
    }
  }

  private func student(_ seed: Int) -> String { "artifacts/students/vit-scratch/mine-28-s\(seed).h5" }

  private func rows(_ options: String) throws -> [[String]] {
    try bench.complete(.predict, "\(options) --quiet --output p.csv")
    return try bench.directory.text("p.csv").split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
  }

  @Test("The images of the test split get from their files the scores that evaluate gives them")
  func asInTraining() throws {
    try bench.complete(
      .evaluate, "--data artifacts/data/mine-28.h5 --model \(student(1)) --quiet --output e.h5")
    let evaluation = try EvaluationArtifact.read(path: bench.directory.file("e.h5")).evaluation
    let test = try #require(evaluation[.test])
    let manifest = try DatasetArtifact(path: bench.directory.file("artifacts/data/mine-28.h5")).manifest()
    let files = manifest.filter { $0.split == .test }.map(\.file)
    let rows = try rows("--model \(student(1)) --images pictures")
    #expect(rows[0] == ["file", "label", "predicted"] + names)
    #expect(rows.count == 1 + 36)
    for (index, file) in files.enumerated() {
      let row = try #require(rows.first { $0[0] == file })
      #expect(row[1] == names[test.labels[index]] && row[2] == names[test.predictions[index]])
      #expect(row[3...].map { Float($0) } == test.scores[index * 3..<index * 3 + 3].map { $0 })
    }
    // The artifact and the archive of the same images say the same.
    let stored = try self.rows("--model \(student(1)) --images artifacts/data/mine-28.h5 --split test")
    #expect(
      stored.dropFirst().map { Array($0[1...]) }
        == files.map { file in Array((rows.first { $0[0] == file } ?? [])[1...]) })
  }

  @Test("Several models answer with the mean of their scores, one picture or unlabelled ones will do")
  func ensembles() throws {
    try bench.copy("images/rgb.png")
    let one = try (1...2).map { try rows("--model \(student($0)) --images rgb.png")[1] }
    let both = try rows("--model \"\(student(1)) \(student(2))\" --images rgb.png")[1]
    #expect(both[0] == "rgb.png" && both[1].isEmpty)
    for column in 3..<6 {
      let mean = try one.map { try #require(Double($0[column])) }.reduce(0, +) / 2
      #expect(abs(try #require(Double(both[column])) - mean) < 1e-6)
    }
  }

  @Test("A summary says what was found, with measures where there are labels and reasons where there are none")
  func summary() throws {
    let all = try bench.complete(.predict, "--model \(student(1)) --images pictures --quiet --output p.csv").output
    #expect(
      all.wholeMatch(of: /36 images: grey \d+, photo \d+, two-level \d+\n36 with a label: AUC [01]\.\d{4} .*\n/) != nil,
      "\(all)")
    let single = try bench.complete(
      .predict, "--model \(student(1)) --images pictures/grey --quiet --output p.csv"
    ).output
    #expect(single.hasPrefix("12 images: ") && !single.contains("label"), "\(single)")
    try bench.directory.makeDirectories("other/grey")
    try bench.directory.write(Fixtures.bytes("images/grey.png"), to: "other/grey/a.png")
    let oneClass = try bench.complete(
      .predict, "--model \(student(1)) --images other --quiet --output p.csv"
    ).output
    #expect(oneClass.contains("1 with a label: AUC not defined, ACC "), "\(oneClass)")
    #expect(oneClass.contains("no AUC: "), "\(oneClass)")
  }

  @Test("All pictures that cannot be read are told at once; they can be left out")
  func unreadable() throws {
    for name in ["bad-bit.png", "bad-gif.png"] {
      try bench.directory.write(Fixtures.bytes("images/\(name)"), to: "pictures/\(name)")
    }
    let words = "--model \(student(1)) --images pictures --quiet --output p.csv"
    let refused = try bench.run(.predict, words)
    #expect(refused.status == 65 && !bench.directory.contains("p.csv"))
    let lines = refused.errors.split(separator: "\n")
    #expect(lines.count == 3)
    #expect(lines[0].hasPrefix("predict: unreadable: pictures/bad-bit.png: "))
    #expect(lines[1].hasPrefix("predict: unreadable: pictures/bad-gif.png: "))
    #expect(lines[2] == "predict: error: pictures: 2 of 38 images cannot be read; --skip-unreadable leaves them out")
    let single = try bench.run(
      .predict, "--model \(student(1)) --images pictures/bad-gif.png --quiet --output p.csv")
    #expect(
      single.errors == "predict: error: pictures/bad-gif.png: expected a PNG or JPEG image, found something else; "
        + "--skip-unreadable leaves it out\n")
    let skipped = try bench.run(.predict, "\(words) --skip-unreadable")
    #expect(skipped.status == 0 && skipped.output.hasPrefix("36 images: "))
  }

  @Test("An archive needs no labels, and no MedMNIST")
  func archives() throws {
    try bench.copy("npz/scans-28.npz")
    let output = try bench.complete(
      .predict, "--model \(student(1)) --images scans-28.npz --quiet --output p.csv"
    ).output
    #expect(output.hasPrefix("4 images: ") && !output.contains("label"), "\(output)")
    let rows = try rows("--model \(student(1)) --images scans-28.npz")
    #expect(rows.dropFirst().map { $0[0] } == (0..<4).map { "images/\($0)" })
    #expect(rows.dropFirst().allSatisfy { $0[1].isEmpty })
    let absent = try bench.run(.predict, "--model \(student(1)) --images scans-28.npz --split test --output p.csv")
    #expect(absent.status == 65)
    #expect(absent.errors.contains("scans-28.npz: members: expected test_images.npy, found images"), "\(absent.errors)")
    try bench.copy("npz/single.npz")
    let small = try bench.run(.predict, "--model \(student(1)) --images single.npz --output p.csv")
    #expect(small.status == 65)
    #expect(small.errors.contains("single.npz: images: expected 28 pixels and 3 channels"), "\(small.errors)")
  }

  @Test("evaluate measures a model on data it was not made from, and calls the result scores from elsewhere")
  func unseen() throws {
    try bench.complete(
      .prepareData,
      "--dataset other --resolution 28 --source folder --input pictures --ratios 1/1/1 --seed 5 --profile paper --quiet "
        + "--output other.h5")
    let words = "--data other.h5 --model \(student(1)) --quiet --output e.h5"
    let refused = try bench.run(.evaluate, words)
    #expect(refused.status == 65 && refused.errors.contains("expected other at 28 pixels, found mine at 28 pixels"))
    try bench.complete(.evaluate, "\(words) --unseen")
    let evaluation = try EvaluationArtifact.read(path: bench.directory.file("e.h5")).evaluation
    #expect(evaluation.header.dataset == "other" && evaluation.header.seed == 0)
    #expect(evaluation.header.model == ArtifactModel(variant: "vit-mine", regime: .external, kind: nil))
    #expect(evaluation.header.inputs.map(\.role) == [.dataset, .model])
    #expect(evaluation.header.configuration.contains("seed 1, content "), "\(evaluation.header.configuration)")
    #expect(evaluation.splits.map(\.split) == Split.allCases && evaluation.history.isEmpty)
    // The same pictures, file by file, have the scores that predict gives them.
    let rows = try rows("--model \(student(1)) --images other.h5 --split val --data artifacts/data/mine-28.h5")
    let scores = rows.dropFirst().flatMap { $0[3...].compactMap { Float($0) } }
    #expect(try #require(evaluation[.val]).scores == scores)
    try bench.complete(.evaluate, "\(words) --unseen --split test --name elsewhere")
    let test = try EvaluationArtifact.read(path: bench.directory.file("e.h5")).evaluation
    #expect(test.splits.map(\.split) == [.test] && test.header.model?.variant == "elsewhere")
    for (options, status, text) in [
      (
        "--data artifacts/data/mine-28.h5 --model \(student(1)) --unseen", 64, "was made from artifacts/data/mine-28.h5"
      ),
      ("--data other.h5 --model \(student(1)) --split test", 64, "'--split' goes with --unseen only"),
      ("--data other.h5 --scores s.csv --unseen", 64, "--unseen needs --model"),
    ] {
      let run = try bench.run(.evaluate, "\(options) --output f.h5")
      #expect(run.status == Int32(status) && run.errors.contains(text), "\(run.errors)")
    }
    try bench.complete(
      .prepareData, "--dataset bloodmnist --resolution 28 --source sample --profile sample --quiet --output b.h5")
    let classes = try bench.run(.evaluate, "--data b.h5 --model \(student(1)) --unseen --output f.h5")
    #expect(classes.status == 65 && classes.errors.contains("/class_names: expected grey, photo, two-level, as "))
  }

  @Test("Attention maps are arrays whose rows are distributions, and pictures")
  func attention() throws {
    try bench.complete(
      .predict,
      "--model \(student(1)) --images pictures --attention maps --attention-images 2 --quiet --output p.csv")
    #expect(try bench.directory.entries(of: "maps/grey").count == 4)
    let array = try bench.directory.bytes("maps/grey/0.png.vit-scratch-28-s1.npy")
    let headerLength = Int(array[8]) + 256 * Int(array[9])
    #expect(array.starts(with: [0x93] + Array("NUMPY".utf8) + [1, 0]) && (10 + headerLength) % 64 == 0)
    let header = String(decoding: array[10..<10 + headerLength], as: UTF8.self)
    #expect(header.hasPrefix("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2, 196, 196), }"))
    let values = array.dropFirst(10 + headerLength).withUnsafeBytes { bytes in
      stride(from: 0, to: bytes.count, by: 4).map { bytes.loadUnaligned(fromByteOffset: $0, as: Float.self) }
    }
    #expect(values.count == 2 * 196 * 196)
    for start in stride(from: 0, to: values.count, by: 196) {
      let row = values[start..<start + 196]
      #expect(abs(row.reduce(0, +) - 1) < 1e-4 && row.allSatisfy { $0 >= 0 })
    }
    // Circuits whose state vector is long and which are no forest have them as well.
    try bench.writeSettings(
      "ring", extending: "qvit",
      #""model": {"qubits": 12, "circuit": {"layout": "ring"}}, "training": {"epochs": 1}"#)
    try bench.complete(
      .train, "--data artifacts/data/mine-28.h5 --config ring.json --seed 1 --quiet --output r.h5")
    try bench.complete(
      .predict,
      "--model r.h5 --data artifacts/data/mine-28.h5 --images pictures --attention rings --attention-images 1 --quiet "
        + "--output p.csv")
    #expect(try bench.directory.entries(of: "rings/grey").count == 2)
    #expect(try bench.directory.bytes("maps/grey/0.png.vit-scratch-28-s1.png").starts(with: [0x89, 0x50, 0x4E, 0x47]))
  }

  @Test("A teacher predicts too; data of another size and models of other data are refused")
  func refused() throws {
    try bench.writeSettings("t", extending: "teacher", #""weights": {"start": "random"}"#)
    try bench.complete(
      .finetuneTeacher,
      "--data artifacts/data/mine-28.h5 --config t.json --seed 1 --epochs 0 --quiet --output t.h5")
    try bench.copy("images/rgb.png")
    #expect(
      try rows("--model t.h5 --data artifacts/data/mine-28.h5 --images rgb.png")[0]
        == ["file", "label", "predicted"] + names)
    try bench.complete(
      .prepareData, "--dataset breastmnist --resolution 28 --source sample --profile sample --quiet --output b.h5")
    let other = try bench.run(.predict, "--model \(student(1)) --images b.h5 --quiet --output p.csv")
    #expect(other.status == 65)
    #expect(
      other.errors
        == "predict: error: b.h5: /class_names: expected the model's: grey, photo, two-level, found malignant, normal, benign\n"
    )
    let maps = try bench.run(
      .predict, "--model t.h5 --images rgb.png --attention maps --quiet --output p.csv")
    #expect(maps.status == 65 && maps.errors.contains("expected kind 'student, for attention maps'"), "\(maps)")
    let nothing = try bench.run(.predict, "--model \(student(1)) --images artifacts --quiet --output p.csv")
    #expect(nothing == ProcessResult(status: 66, errors: "predict: error: artifacts: no images (.png, .jpg, .jpeg)\n"))
  }
}
