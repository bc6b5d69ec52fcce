import Testing

@testable import CommandLineKit

/// A terminal and a clock to be moved by hand.
private final class Stage {
  var now = 0.0
  var written: [String] = []

  func reporter(_ surface: ProgressReporter.Surface, total: Int = 200, alreadyDone: Int = 0) -> ProgressReporter {
    ProgressReporter(
      "train", total: total, unit: "images", alreadyDone: alreadyDone, surface: surface, clock: { self.now },
      write: { self.written.append($0) })
  }
}

@Suite("Progress")
struct ProgressReporterTests {
  @Test("a bar is redrawn at most ten times a second")
  func bar() {
    let stage = Stage()
    let reporter = stage.reporter(.bar(width: 100))
    for _ in 0..<100 {
      stage.now += 0.03125
      reporter.advance(by: 1)
    }
    #expect(stage.written.count == 25)
    #expect(
      stage.written.last == "\r" + "3.1 s left [#####.....] 50% train, 100/200 images, 32.0 images/s"
        + "\u{1b}[K")
    reporter.update(status: "epoch 1/2")
    reporter.finish()
    reporter.finish()
    #expect(stage.written.count == 26)
    #expect(stage.written.last == "\r\u{1b}[Ktrain: 100 images in 3.1 s, 32.0 images/s, epoch 1/2\n")
  }

  @Test("a bar never wraps: what is left comes first; and its line is ended when the reporter goes")
  func width() {
    let stage = Stage()
    do {
      let reporter = stage.reporter(.bar(width: 30))
      stage.now = 5
      reporter.advance(by: 1)
    }
    #expect(stage.written == ["\r16:35 left [..........] 0% tr\u{1b}[K", "\n"])
  }

  @Test("elsewhere a line now and then")
  func lines() {
    let stage = Stage()
    let reporter = stage.reporter(.lines, total: 100, alreadyDone: 20)
    reporter.note("resumes at epoch 2")
    for second in 1...25 {
      stage.now = Double(second)
      reporter.advance(by: 1)
    }
    #expect(
      stage.written == [
        "train: resumes at epoch 2\n",
        "train: 1:10 left 30% 30/100 images, 1.0 images/s\n",
        "train: 1:00 left 40% 40/100 images, 1.0 images/s\n",
      ])
  }

  @Test("quiet is quiet")
  func quiet() {
    let stage = Stage()
    let reporter = stage.reporter(.nothing)
    stage.now = 100
    reporter.advance(by: 1)
    reporter.note("x")
    reporter.finish()
    #expect(stage.written.isEmpty)
  }

  @Test("nothing to do is no division by zero")
  func empty() {
    let stage = Stage()
    let reporter = stage.reporter(.lines, total: 0)
    stage.now = 100
    reporter.advance(by: 0)
    reporter.finish()
    #expect(stage.written == ["train: 100% 0/0 images\n", "train: 0 images in 1:40\n"])
  }

  @Test(
    "durations",
    arguments: [
      (0.04, "0.0 s"), (59.94, "59.9 s"), (59.96, "1:00"), (61.4, "1:01"), (3599.6, "1:00:00"), (7325, "2:02:05"),
    ])
  func durations(seconds: Double, text: String) {
    #expect(ProgressReporter.duration(seconds) == text)
  }
}
