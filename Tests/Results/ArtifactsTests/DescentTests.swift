import Artifacts
import Datasets
import Failures
import JSON
import Testing
import _ArtifactSamples
import _TestSupport

@Suite("What an artifact says of its ancestors") struct DescentTests {
  private let folder = SourceDigest.folder(name: "scans", sha256: "f1")

  @Test("its text says everything, for every regime", arguments: Regime.allCases)
  func roundTrip(regime: Regime) throws {
    let descent = Sample.descent(regime)
    #expect(try Descent(parsing: descent.json.canonicalText, path: "x") == descent)
  }

  @Test("every key of its text is documented", arguments: [Regime.kd, .teacher])
  func documented(regime: Regime) throws {
    let text = try Fixtures.packageText("docs/artifacts.md")
    for match in Sample.descent(regime).json.canonicalText.matches(of: /"([a-z0-9_]+)":/) {
      #expect(text.contains("`\(match.1)`"), "\(match.1)")
    }
  }

  @Test(
    "what is wrong in it is named",
    arguments: [
      (#""role":"teacher""#, #""role":"father""#, "role: expected one of 'raw'"),
      (#""results_version":2"#, #""results_version":-2"#, "results_version: expected an integer from 0"),
      (#""seed":7"#, #""seed":7.5"#, "seed: expected an integer"),
      (#""constant":[1,3]"#, #""constant":[1,9]"#, "constant: expected components below 4, ascending"),
      (#""constant":[1,3]"#, #""constant":[3,1]"#, "constant: expected components below 4, ascending"),
      (#""origin":"generated""#, #""origin":"mine""#, "origin: expected one of"),
      (#""kind":"as-given""#, #""kind":"pretrained""#, "kind: expected one of 'random', 'as-given', 'exported'"),
      (#""ancestors":["#, #""ancestry":["#, "ancestors: missing key"),
      (#""resolution":224"#, #""resolution":224,"side":3"#, "unknown key"),
    ])
  func wrong(original: String, changed: String, message: String) throws {
    let text = Sample.descent(.kd).json.canonicalText
    try #require(text.contains(original))
    do {
      _ = try Descent(parsing: text.replacing(original, with: changed), path: "s.h5")
      Issue.record("accepted")
    } catch let failure as any Failure {
      #expect(failure.kind == .badData && failure.description.contains(message), "\(failure)")
    }
  }

  @Test("the teacher, the distilled student and what all began with are found")
  func relatives() {
    let descent = Sample.descent(.kd)
    #expect(descent.teacher?.role == .teacher && descent.distilled?.role == .initial)
    #expect(descent.beginning == .asGiven(fileName: "timm.safetensors", sha256: "dc"))
    #expect(Sample.descent(.scratch).beginning == nil && Sample.descent(.teacher).beginning == .random)
  }

  @Test("what a teacher's images were holds for who learns from it")
  func inheritance() {
    var student = Sample.header(.student, model: Sample.qvit(.distilled))
    (student.isOfficial, student.isComparable, student.isLeaking, student.isGenerated) = (true, true, false, false)
    var teacher = student
    (teacher.isOfficial, teacher.isComparable, teacher.isLeaking, teacher.isGenerated) = (false, false, true, true)
    student.inherit(from: teacher)
    #expect(!student.isOfficial && !student.isComparable && student.isLeaking && student.isGenerated)
    #expect(student.asAncestors(role: .initial, contentSHA256: "ab").map(\.role) == [.initial, .teacher, .weights])
  }

  @Test("images are compared at one resolution by themselves, at two by where they come from")
  func likeness() {
    let small = Sample.images("b1")
    #expect(small.likeness(to: small) == .same)
    #expect(small.likeness(to: Sample.images("b2")) == .different)
    // Other labels, or the same ones in other splits.
    #expect(small.likeness(to: Sample.images("b1", labels: "a2")) == .different)
    // Both are the published files.
    #expect(small.likeness(to: Sample.images("c1", resolution: 224)) == .same)
    #expect(small.likeness(to: Sample.images("c1", resolution: 224, origin: .unofficial)) == .labelsOnly)
    // One folder, divided in one way or in another.
    let own = Sample.images("b1", origin: .own, source: folder)
    #expect(own.likeness(to: Sample.images("c1", resolution: 224, origin: .own, source: folder)) == .same)
    let divided = SourceDigest.folder(name: "scans", sha256: "f2")
    #expect(own.likeness(to: Sample.images("c1", resolution: 224, origin: .own, source: divided)) == .different)
    let drawn = Sample.images("b1", origin: .generated, source: .generator(name: "sample", version: 1))
    let newer = SourceDigest.generator(name: "sample", version: 2)
    #expect(drawn.likeness(to: Sample.images("c1", resolution: 224, origin: .generated, source: newer)) == .different)
    #expect(drawn.likeness(to: Sample.images("c1", resolution: 224, origin: .own, source: folder)) == .different)
  }

  @Test("a dataset's images are known by splits, labels and pixels")
  func images() throws {
    let directory = try TemporaryDirectory()
    let paths = ["a.h5", "b.h5"].map(directory.file)
    for path in paths { try Sample.dataset.write(to: path) }
    let first = try DatasetArtifact(path: paths[0]).asDescent()
    #expect(try DatasetArtifact(path: paths[1]).asDescent() == first)
    #expect(first.imagesSHA256.count == 64 && first.labelsSHA256.count == 64)
    #expect(first.origin == .official && first.resolution == 28)
    let coloured = directory.file("c.h5")
    try Sample.colourDataset.write(to: coloured)
    let other = try DatasetArtifact(path: coloured).asDescent()
    #expect(other.labelsSHA256 == first.labelsSHA256 && other.imagesSHA256 != first.imagesSHA256)
  }

  @Test("a component is constant if it is the same for all images, whatever its value")
  func components() {
    let vectors: [Float] = [0, 1, 2, 0, 1, 3, 0, 1, 2]
    let found = PenultimateComponents(of: vectors, width: 3)
    #expect(found == PenultimateComponents(count: 3, constant: [0, 1]))
    #expect(found.silenced(of: PenultimateComponents(count: 3, constant: [1])) == [0])
    #expect(PenultimateComponents(of: [0, 1, 2], width: 3).constant.isEmpty, "one image says nothing")
  }

  @Test("an artifact without a descent is refused")
  func missing() throws {
    let directory = try TemporaryDirectory()
    let path = directory.file("s.h5")
    var header = Sample.header(.student, model: Sample.qvit(.scratch))
    header.descent = nil
    try StudentArtifact(header: header, parameters: [], history: [], selectedEpoch: 0).write(to: path)
    #expect(throws: ArtifactError.missing(path: path, object: "/@descent")) { try StudentArtifact.read(path: path) }
  }
}
