import CommandLineKit
import Testing

private let minimal = ["--output", "x", "--model", "vit"]

private func values(_ arguments: [String]) throws -> ParsedArguments {
  guard case .run(let parsed) = try sample.parse(arguments) else {
    Issue.record("no run for \(arguments)")
    return try values(minimal)
  }
  return parsed
}

@Suite("Command lines")
struct ParsingTests {
  @Test("values of every kind")
  func kinds() throws {
    let parsed = try values([
      "--output=a=b", "--model", "qvit", "--seed", "7", "--rate=1e-3", "--csv", "one", "--csv=--two", "--seeds",
      " 1 2  3 ", "--name", "-x", "--quiet",
    ])
    #expect(parsed.string("output") == "a=b")
    #expect(parsed.string("model") == "qvit")
    #expect(parsed.integer("seed") == 7)
    #expect(parsed.number("rate") == 0.001)
    #expect(parsed.strings("csv") == ["one", "--two"])
    #expect(parsed.integers("seeds") == [1, 2, 3])
    #expect(parsed.optionalString("name") == "-x")
    #expect(parsed.flag("quiet"))
    #expect(parsed.optionalInteger("threads") == nil)
  }

  @Test("defaults")
  func defaults() throws {
    let parsed = try values(minimal)
    #expect(parsed.integer("seed") == 1)
    #expect(parsed.optionalNumber("rate") == 0.5)
    #expect(parsed.strings("csv") == [])
    #expect(parsed.optionalString("name") == nil)
    #expect(!parsed.flag("quiet"))
  }

  @Test(
    "wrong command lines",
    arguments: [
      (["--epohcs", "3"], "unknown option '--epohcs'"),
      (["--sede", "3"], "unknown option '--sede' (did you mean '--seed'?)"),
      (["--seed", "3", "--seed=4"], "option '--seed' is given twice"),
      (["--seed"], "option '--seed' needs a value, SEED"),
      (["--seed", "--quiet"], "option '--seed' needs a value, SEED"),
      (["--name="], "option '--name': empty value, expected a text"),
      (["--seed", ""], "option '--seed': empty value, expected an integer of at least 0"),
      (["--seed", "1.0"], "option '--seed': expected an integer of at least 0, found '1.0'"),
      (["--seed", "+1"], "option '--seed': expected an integer of at least 0, found '+1'"),
      (["--seed", "-1"], "option '--seed': expected an integer of at least 0, found '-1'"),
      (
        ["--seed", "99999999999999999999"],
        "option '--seed': expected an integer of at least 0, found '99999999999999999999'"
      ),
      (["--threads", "0"], "option '--threads': expected an integer from 1 to 1024, found '0'"),
      (["--rate", "nan"], "option '--rate': expected a number from 0.0 to 1.0, found 'nan'"),
      (["--rate", "1.5"], "option '--rate': expected a number from 0.0 to 1.0, found '1.5'"),
      (["--rate", "0x1p-1"], "option '--rate': expected a number from 0.0 to 1.0, found '0x1p-1'"),
      (["--model", "qvitt"], "option '--model': expected one of 'vit', 'qvit', found 'qvitt' (did you mean 'qvit'?)"),
      (["--seeds", " "], "option '--seeds': empty value, expected a list, each an integer from 0 to 9"),
      (["--seeds", "1 1"], "option '--seeds': '1' is there twice"),
      (["--seeds", "1 x"], "option '--seeds': expected an integer from 0 to 9, found 'x'"),
      (["--quiet=yes"], "option '--quiet' takes no value"),
      (["file"], "unexpected argument 'file'; every value belongs to an option"),
      (["-q"], "unexpected argument '-q'; options are written --name VALUE"),
      (["--"], "unexpected argument '--'; options are written --name VALUE"),
      (["--quiet", ""], "unexpected argument ''; every value belongs to an option"),
      (["--quiet"], "missing '--output FILE', '--model vit|qvit'"),
    ])
  func errors(arguments: [String], message: String) {
    #expect(throws: UsageError(message)) { try sample.parse(arguments) }
  }

  @Test("help and version win over errors", arguments: [["--help", "--nonsense"], ["--output", "--help"]])
  func help(arguments: [String]) throws {
    guard case .help = try sample.parse(arguments) else {
      Issue.record("no help")
      return
    }
  }

  @Test("asking for what is not declared traps")
  func programmerError() async {
    await #expect(processExitsWith: .failure) {
      guard case .run(let parsed) = try sample.parse(minimal) else { return }
      _ = parsed.string("outptu")
    }
    await #expect(processExitsWith: .failure) {
      guard case .run(let parsed) = try sample.parse(minimal) else { return }
      _ = parsed.string("name")
    }
  }
}
