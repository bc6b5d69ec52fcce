import CommandLineKit
import Testing

@Suite("Help")
struct HelpTests {
  @Test("the whole text")
  func snapshot() {
    #expect(sample.helpText == expected)
  }

  @Test("no line is wider than 80 columns")
  func width() {
    #expect(sample.helpText.split(separator: "\n").allSatisfy { $0.count <= 80 })
  }
}

private let expected = """
  Usage: sample --output FILE --model vit|qvit [options]

  Makes a FILE from nothing.

  The first paragraph is long enough that it has to be wrapped at the width of a
  terminal line.

  Second.

  Options:
    --output FILE           Where the result goes. (required)
    --model vit|qvit        The model. (required)
    --seed SEED             The seed. (an integer of at least 0; default: 1)
    --threads N             How many threads work; the result does not depend on
                            it. (an integer from 1 to 1024)
    --rate X                The learning rate. (a number from 0.0 to 1.0; default:
                            0.5)
    --csv DIRECTORY         Writes scores there. (may be repeated)
    --seeds "N …"           Seeds.
    --name TEXT             A name.
    --quiet                 No progress.
    --help                  Print this help.
    --version               Print the version.

  Examples:
    sample --output x --model vit
    sample --output x --model qvit \\
        --seeds "1 2 3"

  Exit codes:
    0 done, 64 wrong options, 65 bad data, 66 input missing, 69 unavailable, 70
    internal error, 73 output cannot be created, 74 input/output error, 75
    interrupted (the same command resumes).

  """
