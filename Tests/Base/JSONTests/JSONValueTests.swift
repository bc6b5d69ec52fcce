import JSON
import Testing

private func parse(_ text: String) throws -> JSONValue { try JSONValue(parsing: Array(text.utf8), path: "f.json") }

@Suite("JSON")
struct JSONValueTests {
  @Test(
    "values are read",
    arguments: [
      ("null", JSONValue.null), (" true ", .bool(true)), ("false", .bool(false)), ("-0.5e-3", .number(-0.0005)),
      ("9007199254740992", .number(0x1p53)), ("[]", .array([])), ("{}", .object([:])),
      ("[1, [2], {\"a\": 3}]", .array([.number(1), .array([.number(2)]), .object(["a": .number(3)])])),
      (#""a\"\\\/\b\f\n\r\tA\u00e9\ud83d\ude00é😀""#, .string("a\"\\/\u{8}\u{c}\n\r\tAé😀é😀")),
    ])
  func reads(text: String, expected: JSONValue) throws {
    #expect(try parse(text) == expected)
  }

  @Test(
    "what is not JSON is refused, with line and column",
    arguments: [
      ("", "1:1", "expected a value, found the end of the file"),
      ("{\n  \"a\": 1,\n  \"a\": 2}", "3:3", "key 'a' appears twice"),
      ("{\"a\": 1} x", "1:10", "expected the end of the file, found 'x'"),
      ("[1,]", "1:4", "expected a value, found ']'"),
      ("[1 2]", "1:4", "expected ',' or ']', found '2'"),
      ("{\"a\": 1,}", "1:9", "expected a key in double quotes, found '}'"),
      ("{a: 1}", "1:2", "expected a key in double quotes, found 'a'"),
      ("{\"a\" 1}", "1:6", "expected ':' after key 'a', found '1'"),
      ("01", "1:2", "a number may not begin with 0"), ("-", "1:2", "expected a digit, found the end of the file"),
      ("1.", "1:3", "expected a digit, found the end of the file"), ("1e400", "1:1", "number out of range"),
      ("[9007199254740993000]", "1:2", "number out of range"), ("nul", "1:1", "expected a value, found 'n'"),
      ("NaN", "1:1", "expected a value, found 'N'"), ("\"abc", "1:1", "string without end"),
      ("\"a\nb\"", "1:3", "control character in a string"), (#""\x""#, "1:2", "wrong escape in a string"),
      (#""\ud800""#, "1:2", "wrong escape in a string"), (#""\ud800A""#, "1:2", "wrong escape in a string"),
      (#""\u12"#, "1:2", "wrong escape in a string"), ("\u{feff}1", "1:1", "expected a value, found byte 239"),
      (String(repeating: "[", count: 70), "1:66", "nested deeper than 64 levels"),
    ])
  func refuses(text: String, place: String, message: String) {
    #expect(throws: SettingsError(path: "f.json", place: place, message: message)) { try parse(text) }
  }

  @Test("bytes that are not UTF-8 are refused")
  func refusesInvalidUTF8() {
    #expect(throws: SettingsError(path: "f.json", place: "1:1", message: "string is not UTF-8")) {
      try JSONValue(parsing: [0x22, 0xff, 0x22], path: "f.json")
    }
  }

  @Test("every truncation of a text is refused")
  func refusesTruncation() throws {
    let text = Array(#"{"a": [1.5e3, "x\u0041", true, null], "b": {"c": -0}}"#.utf8)
    _ = try JSONValue(parsing: text, path: "f.json")
    for length in 0..<text.count {
      #expect(throws: SettingsError.self) { try JSONValue(parsing: Array(text[..<length]), path: "f.json") }
    }
  }

  @Test("the canonical text is sorted, compact and exact")
  func canonicalText() throws {
    let value = try parse(#"{"b": [1.0, 0.1, 1e-8, 1e300, -0.0, 3], "a": {"ä": "\u0001é", "Z": null}}"#)
    #expect(value.canonicalText == #"{"a":{"Z":null,"ä":"\u0001é"},"b":[1,0.1,1e-08,1e+300,-0.0,3]}"#)
    #expect(try parse(value.canonicalText) == value)
    #expect(try parse(value.prettyText) == value)
  }

  @Test("the pretty text is indented")
  func prettyText() throws {
    let text = "{\n  \"a\": [\n    1,\n    2\n  ],\n  \"b\": {}\n}\n"
    #expect(try parse(text).prettyText == text)
  }
}
