import Glibc
import Testing
import _TestSupport

/// A directory in which something precious stands where every stage will write.
private struct Complete {
  let bench: Bench
  let commands: [(tool: Tool, words: String)]

  init() throws {
    bench = try Bench()
    let commands: [(Tool, String)] = [
      (.prepareData, "--dataset breastmnist --resolution 28 --source sample --profile paper --quiet --output d.h5"),
      (.train, "--data IN/d.h5 --seed 1 --config IN/vit.json --checkpoint-interval 0 --quiet --output s.h5"),
      (.evaluate, "--data IN/d.h5 --model IN/s.h5 --quiet --output e.h5"),
      (.report, "--table IN/settings/tables/table1.json --output t"),
      (.finetuneTeacher, "--data IN/b.h5 --config IN/t.json --seed 1 --epochs 0 --quiet --output t.h5"),
      (
        .distill,
        "--data IN/b.h5 --teacher IN/t.h5 --config IN/vit.json --distillation IN/di.json --seed 1 --epochs 5 "
          + "--checkpoint-interval 0 --quiet --output i.h5"
      ),
    ]
    self.commands = try commands.map { (tool: $0.0, words: try StageInputs.inserted(in: $0.1)) }
    for name in ["d.h5", "s.h5", "e.h5", "t.h5", "i.h5", "t.md", "t.csv", "t.tex"] {
      try bench.directory.write("precious", to: name)
    }
  }

  /// The files that differ, but for a training's state and side log, which stay for the next attempt.
  func changes(since before: [String: [UInt8]]) throws -> [String] {
    let after = try bench.contents()
    return Set(before.keys).union(after.keys)
      .filter { before[$0] != after[$0] && !$0.hasSuffix(".timing.csv") && !$0.hasSuffix(".ckpt.h5") }.sorted()
  }

  func fails(_ result: ProcessResult, _ tool: Tool, _ status: Int32, _ messages: [String]) {
    #expect(result.status == status, "\(tool): \(result)")
    #expect(result.errors.hasPrefix("\(tool.rawValue): error: "), "\(result.errors)")
    #expect(messages.contains { result.errors.contains($0) }, "\(result.errors)")
    #expect(result.errors.hasSuffix("\n") && result.errors.count { $0 == "\n" } == 1, "\(result.errors)")
    #expect(!result.errors.contains(".part"), "\(result.errors)")
  }
}

/// Whether this user may mount something that nobody else sees.
private let mayMount =
  (try? runProcess("/usr/bin/unshare", ["-rm", "mount", "-t", "tmpfs", "tmpfs", "/tmp"]).status) == 0
private let hasTracer = (try? runProcess("/usr/bin/strace", ["-o", "/dev/null", "/bin/true"]).status) == 0

@Suite("Output that cannot be written: one line, what was there stays", .timeLimit(.minutes(20)))
struct OutputTests {
  /// A limit on the size of a file fails like a disk that is full after so many blocks.
  @Test("Files that may not grow, wherever that strikes")
  func sizeLimits() throws {
    let complete = try Complete()
    let directory = complete.bench.directory
    for (tool, words) in complete.commands {
      let before = try complete.bench.contents()
      var failures = 0
      var isDone = false
      for blocks in sequence(first: 1, next: { tool == .finetuneTeacher ? $0 * 256 : $0 * 3 }) where !isDone {
        let result = try runProcess(
          "/bin/sh", ["-c", "ulimit -f \(blocks); exec \(toolPath(tool.rawValue)) \(words)"], in: directory.path)
        isDone = result.status == 0
        guard !isDone else { break }
        complete.fails(result, tool, 74, ["File too large"])
        let changes = try complete.changes(since: before)
        #expect(changes.isEmpty, "\(tool) with \(blocks) blocks")
        failures += 1
        guard changes.isEmpty, failures < 20 else { break }
      }
      #expect(isDone && failures > 1, "\(tool)")
    }
  }

  @Test("A disk that is full", .enabled(if: mayMount, "this user may not mount a small disk"))
  func fullDisk() throws {
    let complete = try Complete()
    try complete.bench.directory.makeDirectories("out")
    for (tool, words) in complete.commands {
      let output = words.split(separator: " ").last ?? ""
      let elsewhere = words.replacing("--output ", with: "--output out/")
      let result = try inNamespace(
        """
        mount -t tmpfs -o size=16k tmpfs out && head -c 9000 /dev/zero > out/filler && echo old > out/\(output)
        \(toolPath(tool.rawValue)) \(elsewhere) > /dev/null; status=$?
        ls out; cat out/\(output); exit $status
        """, complete)
      // Side logs are small enough.
      let listing = result.output.split(separator: "\n").filter { !$0.hasSuffix(".timing.csv") }
      #expect(listing.sorted() == ["filler", String(output), "old"].map { $0[...] }.sorted(), "\(tool)")
      complete.fails(result, tool, 74, ["No space left on device"])
    }
  }

  @Test("A directory that is read-only", .enabled(if: mayMount, "this user may not mount a read-only directory"))
  func readOnly() throws {
    let complete = try Complete()
    try complete.bench.directory.makeDirectories("out")
    for (tool, words) in complete.commands {
      let result = try inNamespace(
        """
        mount -t tmpfs tmpfs out && mount -o remount,ro out
        exec \(toolPath(tool.rawValue)) \(words.replacing("--output ", with: "--output out/"))
        """, complete)
      complete.fails(result, tool, 73, ["cannot create: Read-only file system"])
    }
  }

  @Test("A disk with errors", .enabled(if: hasTracer, "this user has no strace to make errors with"))
  func diskErrors() throws {
    let complete = try Complete()
    for (tool, words) in complete.commands where tool != .finetuneTeacher {
      let before = try complete.bench.contents()
      for fault in ["fsync:error=EIO:when=1", "pwrite64:error=EIO:when=3+", "rename,renameat,renameat2:error=EIO"] {
        // A table is written with other calls.
        if tool == .report && fault.hasPrefix("pwrite") { continue }
        let result = try runProcess(
          "/usr/bin/strace",
          ["-f", "-qqq", "-o", "/dev/null", "-e", "inject=\(fault)", toolPath(tool.rawValue)]
            + words.split(separator: " ").map(String.init), in: complete.bench.directory.path)
        complete.fails(result, tool, 74, ["Input/output error"])
        #expect(try complete.changes(since: before).isEmpty, "\(tool), \(fault)")
      }
      for name in try complete.bench.directory.entries() where name.hasSuffix(".ckpt.h5") {
        unlink(complete.bench.directory.file(name))
      }
    }
  }

  @Test("A device is no place for a result; a standard output that is full leaves no table")
  func devices() throws {
    let complete = try Complete()
    let before = try complete.bench.contents()
    for (tool, words) in complete.commands where tool != .report {
      let output = String(words.split(separator: " ").last ?? "")
      let result = try complete.bench.run(tool, words.replacing("--output \(output)", with: "--output /dev/full"))
      complete.fails(result, tool, 73, ["/dev/full: cannot create: Invalid argument"])
    }
    let (report, words) = complete.commands[3]
    let result = try runProcess(
      "/bin/sh", ["-c", "exec \(toolPath(report.rawValue)) \(words) > /dev/full"], in: complete.bench.directory.path)
    complete.fails(result, report, 74, ["standard output: cannot write: No space left on device"])
    #expect(try complete.bench.contents() == before)
  }

  /// The directory is removed and made again, with another process's temporary in it: nobody touches that.
  @Test("A directory that vanishes", arguments: [false, true])
  func vanished(isMadeAgain: Bool) throws {
    let complete = try Complete()
    let directory = complete.bench.directory
    let long = "--checkpoint-interval 30 --epochs 400"
    var commands = [
      (tool: Tool.train, words: complete.commands[1].words.replacing("--checkpoint-interval 0", with: long)),
      (.prepareData, complete.commands[0].words.replacing("resolution 28", with: "resolution 224")),
    ]
    // One that saves its state all the time misses the directory first.
    if !isMadeAgain { commands.append((.train, complete.commands[1].words + " --epochs 100000")) }
    for (tool, words) in commands {
      try directory.makeDirectories("out")
      let process = try complete.bench.start(tool, words.replacing("--output ", with: "--output out/"))
      let temporary = tool == .train ? "out/s.h5.part" : "out/d.h5.part"
      directory.await(temporary)
      usleep(20_000)
      // A checkpoint that is begun while the directory is emptied keeps it from being removed.
      repeat { _ = try runProcess("/bin/rm", ["-rf", directory.file("out")]) } while directory.contains("out")
      if isMadeAgain {
        try directory.makeDirectories("out")
        try directory.write("another's", to: temporary)
      }
      let result = try process.wait()
      #expect([73, 74].contains(result.status), "\(tool): \(result)")
      complete.fails(result, tool, result.status, ["No such file or directory"])
      if isMadeAgain {
        #expect(try directory.bytes(temporary) == Array("another's".utf8), "\(tool)")
        #expect(!directory.contains(String(temporary.dropLast(5))), "\(tool)")
      }
      _ = try runProcess("/bin/rm", ["-rf", directory.file("out")])
    }
  }

  /// Runs a shell script in a mount namespace of its own, of which nothing is left afterwards.
  private func inNamespace(_ script: String, _ complete: Complete) throws -> ProcessResult {
    try runProcess("/usr/bin/unshare", ["-rm", "/bin/sh", "-c", script], in: complete.bench.directory.path)
  }
}
