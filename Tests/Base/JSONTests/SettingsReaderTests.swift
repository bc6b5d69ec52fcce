import Failures
import JSON
import Testing

private func reader(_ text: String) throws -> SettingsReader {
  try SettingsReader(value: JSONValue(parsing: Array(text.utf8), path: "f.json"), path: "f.json")
}

@Suite("Typed settings")
struct SettingsReaderTests {
  @Test("values and defaults are read, and recorded as effective")
  func values() throws {
    let settings = try reader(
      #"{"training": {"epochs": 3, "rate": 0.5, "milestones": [0.5, 0.75]}, "pooling": "mean", "on": true}"#)
    let training = try settings.child("training")
    #expect(try training.integer("epochs", in: 1...10) == 3)
    #expect(try training.integer("batch", in: 1...64, default: 32) == 32)
    #expect(try training.number("rate", in: 0...1) == 0.5)
    #expect(try training.numbers("milestones", in: 0...1) == [0.5, 0.75])
    #expect(try settings.choice("pooling", of: ["mean", "class-token"]) == "mean")
    #expect(try settings.boolean("on") == true)
    #expect(try settings.string("name", default: "x") == "x")
    #expect(settings.value("layout") == nil)
    #expect(try settings.child("data").choice("normalisation", of: ["half"], default: "half") == "half")
    try settings.finish()
    #expect(
      settings.effective.canonicalText
        == #"{"data":{"normalisation":"half"},"name":"x","on":true,"pooling":"mean","#
        + #""training":{"batch":32,"epochs":3,"milestones":[0.5,0.75],"rate":0.5}}"#)
  }

  @Test(
    "unknown keys are refused with the nearest known one",
    arguments: [
      (#"{"training": {"epochs": 3, "epochz": 4}}"#, "training.epochz", "unknown key (did you mean 'epochs'?)"),
      (#"{"trainign": {}}"#, "trainign", "unknown key (did you mean 'training'?)"),
      (#"{"colour": 1}"#, "colour", "unknown key"),
    ])
  func unknownKeys(text: String, place: String, message: String) throws {
    let settings = try reader(text)
    _ = try settings.child("training").integer("epochs", in: 1...10, default: 1)
    #expect(throws: SettingsError(path: "f.json", place: place, message: message)) { try settings.finish() }
  }

  @Test(
    "wrong types and ranges are refused",
    arguments: [
      (#"{"epochs": 0}"#, "epochs: expected an integer from 1 to 10, found 0"),
      (#"{"epochs": 2.5}"#, "epochs: expected an integer from 1 to 10, found 2.5"),
      (#"{"epochs": "3"}"#, "epochs: expected an integer from 1 to 10, found the string \"3\""),
      (#"{"epochs": null}"#, "epochs: expected an integer from 1 to 10, found null"),
      (#"{}"#, "epochs: missing key, expected an integer from 1 to 10"),
    ])
  func wrongIntegers(text: String, message: String) throws {
    let settings = try reader(text)
    let error = #expect(throws: SettingsError.self) { try settings.integer("epochs", in: 1...10) }
    #expect(error?.description == "f.json: " + message)
    #expect(error?.kind == .badData)
  }

  @Test("the other types name what they expect")
  func otherTypes() throws {
    let settings = try reader(#"{"a": [1, "x"], "b": 3, "c": "", "d": {"e": []}}"#)
    func message(_ body: () throws(SettingsError) -> Void) -> String? {
      do throws(SettingsError) { try body() } catch { return error.description }
      return nil
    }
    #expect(
      message { () throws(SettingsError) in _ = try settings.numbers("a", in: 0...1) }
        == "f.json: a[1]: expected a number from 0 to 1, found the string \"x\"")
    #expect(
      message { () throws(SettingsError) in _ = try settings.number("b", in: 4...Double.infinity) }
        == "f.json: b: expected a number of at least 4, found 3")
    #expect(
      message { () throws(SettingsError) in _ = try settings.boolean("b") }
        == "f.json: b: expected true or false, found 3")
    #expect(
      message { () throws(SettingsError) in _ = try settings.string("c") }
        == "f.json: c: expected a string, found the string \"\"")
    #expect(
      message { () throws(SettingsError) in _ = try settings.choice("c", of: ["x", "y"]) }
        == "f.json: c: expected one of 'x', 'y', found the string \"\"")
    #expect(
      message { () throws(SettingsError) in _ = try settings.child("b") } == "f.json: b: expected an object, found 3")
    #expect(
      message { () throws(SettingsError) in _ = try settings.child("d").integer("e", in: 0...1) }
        == "f.json: d.e: expected an integer from 0 to 1, found an array")
  }

  @Test("a file that is not an object is refused")
  func notAnObject() {
    #expect(throws: SettingsError(path: "f.json", place: "", message: "expected an object, found an array")) {
      try reader("[]")
    }
  }

  @Test("suggestions", arguments: [("epochz", "epochs"), ("epcohs", "epochs"), ("sed", "seed"), ("zzz", nil)])
  func suggestions(name: String, expected: String?) {
    #expect(nearestName(to: name, among: ["seed", "epochs", "rate"]) == expected)
  }
}
