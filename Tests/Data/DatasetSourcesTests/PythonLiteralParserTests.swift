import Testing

@testable import DatasetSources
import Datasets

@Suite struct PythonLiteralParserTests {
  private func parse(_ text: String) -> PythonLiteralParser.Value? {
    var parser = PythonLiteralParser(text: Array(text.utf8))
    return parser.parse()
  }

  @Test func readsWhatNumpyWrites() {
    #expect(
      parse("{'descr': '|u1', 'fortran_order': False, 'shape': (546, 28, 28), }     \n")
        == .dictionary([
          "descr": .string("|u1"), "fortran_order": .boolean(false),
          "shape": .tuple([.integer(546), .integer(28), .integer(28)]),
        ]))
    #expect(parse("(3,)") == .tuple([.integer(3)]))
    #expect(parse("(3L, 1L)") == .tuple([.integer(3), .integer(1)]))
    #expect(parse("()") == .tuple([]))
    #expect(parse("(3)") == .integer(3))
    #expect(parse("[('a', \"<i2\")]") == .list([.tuple([.string("a"), .string("<i2")])]))
  }

  @Test(
    "Anything else is refused",
    arguments: [
      "", "{", "{'a'}", "{'a': 1", "{'a': 1, 'a': 2}", "{'a': 1} x", "(1 2)", "(,)", "'a", "'a\\n'", "-1", "1.5",
      "true",
      "99999999999999999999", "((((((((((1))))))))))", "{1: 2}",
    ])
  func refuses(_ text: String) {
    #expect(parse(text) == nil)
  }
}
