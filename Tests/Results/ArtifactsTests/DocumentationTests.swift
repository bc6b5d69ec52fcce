import Files
import Testing
import _ArtifactSamples
import _TestSupport

@testable import Artifacts

/// docs/artifacts.md names everything that is written.
@Suite struct Documentation {
  private static let documentation = "\(Fixtures.packageRoot)/docs/artifacts.md"

  private static func names(in group: HDF5Group) throws -> Set<String> {
    var names = Set(try group.attributeNames())
    for name in try group.memberNames() {
      // Arrays by a model's own names, and their axes, are documented as such.
      let byModel = ["/\(StudentSchema.parameters)", "/\(TeacherSchema.statistics)"].contains(group.place.object)
      if !byModel, !name.hasPrefix("axis") { names.insert(name) }
      switch try group.kind(of: name) {
      case .group: names.formUnion(try Self.names(in: group.group(name)))
      case .dataset: names.formUnion(try group.dataset(name).attributeNames())
      case nil: Issue.record("\(name) is neither group nor dataset")
      }
    }
    return names
  }

  @Test(arguments: Sample.allCases)
  func everyNameIsDocumented(sample: Sample) throws {
    let directory = try TemporaryDirectory()
    let path = directory.file("a.h5")
    try sample.write(to: path)
    let text = String(decoding: try contents(ofFile: Self.documentation), as: UTF8.self)
    let names = try Self.names(in: HDF5File.open(path: path).root)
    #expect(names.count > 20)
    for name in names.sorted() { #expect(text.contains("`\(name)`"), "\(name) is not in docs/artifacts.md") }
  }
}
