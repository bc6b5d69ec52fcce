import Datasets
import Images
import Testing
import _TestSupport

@testable import Artifacts

/// Images of two classes in folders, ten of each, no two alike.
private func makeFolder(_ bench: Bench, _ name: String = "scans", shade: Int = 0) throws {
  for (label, className) in ["a", "b"].enumerated() {
    try bench.directory.makeDirectories("\(name)/\(className)")
    for number in 0..<10 {
      let pixels = (0..<28 * 28).map { UInt8(truncatingIfNeeded: ($0 / 28) * (number + 2) + label * 90 + shade) }
      let path = "\(name)/\(className)/\(number).png"
      try bench.directory.write(
        PixelImage(height: 28, width: 28, channels: 1, pixels: pixels).png(path: path), to: path)
    }
  }
}

@Suite("What is made from ancestors says which", .timeLimit(.minutes(20)))
struct DescentTests {
  let bench: Bench

  init() throws {
    bench = try Bench()
    try bench.writeSettings()
    try bench.writeSettings(
      "t", extending: "teacher", #""weights": {"start": "random"}, "training": {"epochs": 1, "batch_size": 8}"#)
    try bench.writeSettings("di", extending: "distillation", #""training": {"epochs": 2}"#)
  }

  private func prepare(_ output: String, resolution: Int, seed: Int, folder: String = "scans") throws {
    try bench.complete(
      .prepareData,
      "--dataset mydata --resolution \(resolution) --source folder --input \(folder) --seed \(seed) --ratios 40/30/30 "
        + "--profile paper --quiet --output \(output)")
  }

  private func teach(_ data: String, _ output: String, _ options: String = "--epochs 0") throws {
    try bench.complete(
      .finetuneTeacher, "--data \(data) --config t.json --seed 1 \(options) --quiet --output \(output)")
  }

  private func distilling(_ data: String, _ teacher: String, seed: Int = 1, output: String = "i.h5") -> String {
    "--data \(data) --teacher \(teacher) --config vit.json --distillation di.json --seed \(seed) --quiet --output \(output)"
  }

  @Test("a teacher that saw the same labels in another split is refused, whatever its resolution")
  func otherSplit() throws {
    try makeFolder(bench)
    try prepare("d1.h5", resolution: 28, seed: 1)
    try prepare("d2.h5", resolution: 28, seed: 2)
    try prepare("large1.h5", resolution: 224, seed: 1)
    try prepare("large2.h5", resolution: 224, seed: 2)
    let labels = try ["d1.h5", "d2.h5"].map { try DatasetArtifact(path: bench.directory.file($0)).labels(.train) }
    try #require(labels[0] == labels[1], "the labels alone would do to tell them apart")
    try teach("d1.h5", "t1.h5")
    try teach("large1.h5", "t2.h5")
    for teacher in ["t1.h5", "t2.h5"] {
      let refused = try bench.run(.distill, distilling("d2.h5", teacher, output: "r.h5"))
      #expect(refused.status == 65)
      #expect(
        refused.errors.hasPrefix(
          "distill: error: \(teacher): /@descent: expected a teacher of the images of d2.h5, split as there, found one of "
        ))
      #expect(!bench.directory.contains("r.h5"))
      try bench.complete(.distill, distilling("d1.h5", teacher))
      try bench.complete(.distill, distilling("large1.h5", teacher, output: "large.h5"))
    }
    // Other images in files of the same names.
    try makeFolder(bench, "changed/scans", shade: 5)
    try prepare("d3.h5", resolution: 28, seed: 1, folder: "changed/scans")
    for teacher in ["t1.h5", "t2.h5"] { #expect(try bench.run(.distill, distilling("d3.h5", teacher)).status == 65) }
  }

  @Test("the teacher goes with its student into the evaluation; the seeds' images must be the same")
  func carriedOn() throws {
    try makeFolder(bench)
    try prepare("d.h5", resolution: 28, seed: 1)
    try teach("d.h5", "t.h5")
    let evaluations = "evaluations/vit-kd"
    try bench.directory.makeDirectories(evaluations)
    func make(seed: Int, _ data: String, _ teacher: String) throws {
      try bench.complete(.distill, distilling(data, teacher, seed: seed))
      try bench.complete(.train, "--data \(data) --config vit.json --init i.h5 --seed \(seed) --quiet --output s.h5")
      try bench.complete(.evaluate, "--data \(data) --model s.h5 --output \(evaluations)/mydata-28-s\(seed).h5")
    }
    try make(seed: 1, "d.h5", "t.h5")
    let header = try readHeader(bench.directory.file("\(evaluations)/mydata-28-s1.h5")).header
    let (teacher, digest) = try readHeader(bench.directory.file("t.h5"))
    let descent = try #require(header.descent)
    #expect(descent.ancestors.map(\.role) == [.initial, .teacher])
    #expect(descent.teacher?.contentSHA256 == digest && descent.teacher?.seed == 1)
    #expect(descent.teacher?.resultsVersion == teacher.resultsVersion && descent.teacher?.software == teacher.software)
    #expect(descent.teacher?.generation == teacher.descent?.own)
    #expect(descent.own.images == (try DatasetArtifact(path: bench.directory.file("d.h5")).asDescent()))
    #expect(descent.own.components?.count == 4 && descent.distilled?.generation.components?.count == 4)
    #expect(descent.beginning == .random)

    try bench.directory.write(
      #"{"caption": "One", "datasets": ["mydata"], "rows": [{"variant": "vit", "regime": "kd", "resolution": 28}]}"#,
      to: "one.json")
    func report(_ seeds: String) throws -> ProcessResult {
      try bench.complete(
        .plan,
        "--profile paper --root . --config . --tables one.json --datasets breastmnist --own mydata --resolutions 28 "
          + "--seeds \"\(seeds)\" --teacher-seeds 1 --teacher-resolution 28 --make make --output plan.mk")
      return try bench.run(.report, "--table settings/tables/one.json --output t")
    }
    let alone = try report("1")
    #expect(alone.status == 0, "\(alone.errors)")
    let text = alone.output.replacing("\n", with: " ")
    #expect(
      text.contains("Teachers of the distilled students (dataset, content): seed 1, the folder scans (manifest "))
    #expect(text.contains("begun with random weights: mydata \(digest.prefix(12))"))

    // The second seed saw the images in another split, its teacher too.
    try prepare("d2.h5", resolution: 28, seed: 2)
    try teach("d2.h5", "t2.h5")
    try make(seed: 2, "d2.h5", "t2.h5")
    let refused = try report("1 2")
    #expect(refused.status == 65)
    #expect(refused.errors.contains("mydata-28-s2.h5: images "), "\(refused.errors)")
  }

  @Test("an unofficial teacher makes its students unofficial")
  func unofficialTeacher() throws {
    try bench.prepareBreast()
    try teach("d.h5", "t.h5")
    try rewriteAsOfficial("d.h5", to: "official.h5")
    try bench.complete(.distill, distilling("official.h5", "t.h5", output: "o.h5"))
    let (dataset, student) = try (
      readHeader(bench.directory.file("official.h5")).header, readHeader(bench.directory.file("o.h5")).header
    )
    #expect(dataset.isOfficial && dataset.isComparable)
    #expect(!student.isOfficial && !student.isComparable)
    #expect(student.descent?.own.images.origin == .official)
    #expect(student.descent?.teacher?.generation.images.origin == .unofficial)
    try bench.complete(.train, "--data official.h5 --config vit.json --init o.h5 --seed 1 --quiet --output s.h5")
    try bench.complete(.evaluate, "--data official.h5 --model s.h5 --output e.h5")
    #expect(try !readHeader(bench.directory.file("e.h5")).header.isComparable)
  }

  /// The same images, said to be the published ones.
  private func rewriteAsOfficial(_ name: String, to other: String) throws {
    let dataset = try DatasetArtifact(path: bench.directory.file(name))
    var header = dataset.header
    (header.isOfficial, header.isComparable) = (true, true)
    var writer = try DatasetArtifactWriter(
      path: bench.directory.file(other), header: header, contents: dataset.contents)
    for split in Split.allCases {
      try dataset.images(split).withUnsafeBufferPointer {
        _ = try writer.appendImages(split, $0, count: dataset.count(of: split))
      }
      try writer.finish(split, labels: dataset.labels(split), statistics: dataset.statistics(split))
    }
    _ = try writer.publish(duplicates: [], pairCount: 0)
  }

  @Test("weights that were exported say what they began with")
  func exports() throws {
    try bench.prepareBreast()
    try teach("d.h5", "t.h5", "--epochs 0 --export w.safetensors")
    try teach("d.h5", "again.h5", "--epochs 0 --weights w.safetensors")
    let header = try readHeader(bench.directory.file("again.h5")).header
    #expect(header.configuration.contains(#""start":"as-given""#), "\(header.configuration)")
    let descent = try #require(header.descent)
    guard case .exported("w.safetensors", let sha256)? = descent.own.start else {
      Issue.record("\(descent)")
      return
    }
    #expect(descent.ancestors.map(\.role) == [.weights] && descent.ancestors[0].contentSHA256 == sha256)
    #expect(descent.beginning == .random && descent.ancestors[0].seed == 1)
    // Who asks for pretrained weights hears that these are none.
    try bench.writeSettings("p", extending: "teacher", #""training": {"epochs": 1, "batch_size": 8}"#)
    let told = try bench.complete(
      .finetuneTeacher,
      "--data d.h5 --config p.json --weights w.safetensors --seed 1 --epochs 0 --quiet --output p.h5")
    #expect(
      told.errors.contains("weights.start is 'pretrained', but this was exported from a teacher that began with random")
    )

    // A file that says nothing about itself is what it is given for, one that says it wrongly is refused.
    let bytes = try bench.directory.bytes("w.safetensors")
    let length = bytes.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
    let text = String(decoding: bytes[8..<8 + length], as: UTF8.self)
    func write(_ original: String, _ changed: String, to name: String) throws {
      try #require(text.contains(original) && original.utf8.count == changed.utf8.count)
      let header = text.replacing(original, with: changed)
      try bench.directory.write(bytes.prefix(8) + Array(header.utf8) + bytes[(8 + length)...], to: name)
    }
    try write("qvit.descent", "some.descent", to: "foreign.safetensors")
    try write(#"\"ancestors\""#, #"\"ancestry_\""#, to: "wrong.safetensors")
    try teach("d.h5", "foreign.h5", "--epochs 0 --weights foreign.safetensors")
    let foreign = try readHeader(bench.directory.file("foreign.h5")).header
    #expect(foreign.configuration.contains(#""start":"as-given""#))
    guard case .asGiven("foreign.safetensors", _)? = foreign.descent?.own.start else {
      Issue.record("\(String(describing: foreign.descent))")
      return
    }
    let published = try #require(PublishedWeights.all.first { $0.sha256 != nil })
    try bench.directory.write(bench.directory.bytes("foreign.safetensors"), to: published.name)
    let misnamed = try bench.run(
      .finetuneTeacher,
      "--data d.h5 --config t.json --weights \(published.name) --seed 1 --epochs 0 --output misnamed.h5")
    #expect(misnamed.status == 0 && misnamed.errors.contains("not the published file of this name: SHA-256: expected"))
    let wrong = try bench.run(
      .finetuneTeacher, "--data d.h5 --config t.json --weights wrong.safetensors --seed 1 --epochs 0 --output wrong.h5")
    #expect(
      wrong.status == 65 && wrong.errors.contains("wrong.safetensors: descent.ancestors: missing key"), "\(wrong)")
  }

  @Test("components that are dead are told: the teacher's, and the student's where the teacher's live")
  func deadComponents() throws {
    try bench.prepareBreast()
    try teach("d.h5", "t.h5")
    var (teacher, _) = try TeacherArtifact.read(path: bench.directory.file("t.h5"))
    for split in TeacherArtifact.targetSplits {
      guard var targets = teacher.targets[split] else { continue }
      for image in targets.labels.indices {
        // A component that says nothing, and one that no student can reach behind its ReLU.
        targets.penultimate.replaceSubrange(
          image * 4..<image * 4 + 4, with: [0.5, -9 - Float(image), Float(image), 1 + Float(image % 3)])
      }
      teacher.targets[split] = targets
    }
    try teacher.write(to: bench.directory.file("t.h5"))
    try bench.writeSettings("di", extending: "distillation", #""training": {"epochs": 300, "learning_rate": 0.05}"#)
    let told = try bench.complete(.distill, distilling("d.h5", "t.h5"))
    #expect(
      told.errors.contains(
        "distill: warning: i.h5: 1 of 4 components of the student's penultimate vector (1) is the same for all training "
          + "images, while the teacher's is not: it is not distilled\n"), "\(told.errors)")
    #expect(
      told.errors.contains(
        "1 of 4 components of the teacher's penultimate vector (0) is the same for all training images: nothing can be "
          + "distilled from it\n"), "\(told.errors)")
    #expect(try readHeader(bench.directory.file("i.h5")).header.descent?.own.components?.constant.contains(1) == true)
  }
}
