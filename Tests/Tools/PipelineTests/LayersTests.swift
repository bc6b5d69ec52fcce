import Testing
import _TestSupport

@Suite("Direction of imports") struct LayersTests {
  private static func lint(_ files: [(path: String, text: String)]) throws -> (text: String, status: Int32) {
    let workshop = try Workshop()
    for file in files {
      try workshop.sh("mkdir -p \"$(dirname '\(file.path)')\"")
      try workshop.write(Array(file.text.utf8), to: file.path)
    }
    return try workshop.sh("awk -f '\(Fixtures.packageRoot)/pipeline/layers.awk' Sources/*/*/*")
  }

  @Test("a module of a higher layer, and test support, may not be imported")
  func upward() throws {
    let found = try Self.lint([
      ("Sources/Base/Files/a.swift", "import Glibc\npublic import Datasets\n"),
      ("Sources/Data/Datasets/b.swift", "@testable import _TestSupport\nimport Files\n"),
    ])
    #expect(found.status == 1)
    #expect(
      found.text.split(separator: "\n").sorted() == [
        "error: Sources/Base/Files/a.swift:2: Base imports Datasets of the higher layer Data",
        "error: Sources/Data/Datasets/b.swift:1: imports _TestSupport, which is for tests",
      ])
  }

  @Test("modules of the same layer and below may")
  func downward() throws {
    let found = try Self.lint([
      ("Sources/Base/Files/a.swift", "import Threads\n"), ("Sources/Base/Threads/b.swift", "import CLanes\n"),
      ("Sources/C/CLanes/module.modulemap", "module CLanes {}\n"), ("Sources/Tools/train/Main.swift", "import Files\n"),
    ])
    #expect(found.text.isEmpty && found.status == 0)
  }
}
