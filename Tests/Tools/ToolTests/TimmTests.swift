import Artifacts
import Glibc
import JSON
import SafeTensors
import Testing
import Training
import VectorMath
import _TestSupport

/// The Python that has PyTorch and timm: `PYTHON`, the one of `make setup-teacher`, or the one in the path.
private let python =
  getenv("PYTHON").map { String(cString: $0) }
  ?? (access("\(Fixtures.packageRoot)/.venv/bin/python", X_OK) == 0
    ? "\(Fixtures.packageRoot)/.venv/bin/python" : "python3")
private let program = "\(Fixtures.packageRoot)/pipeline/finetune_timm.py"
private let canFineTune = system("'\(python)' '\(program)' --version > /dev/null 2>&1") == 0

/// Fine-tuning with PyTorch and timm, beside our own: the same procedure gives the same numbers.
@Suite(
  .serialized, .enabled(if: canFineTune, "python3 lacks torch, timm, h5py or safetensors: make setup-teacher"),
  .timeLimit(.minutes(20)))
struct TimmTests {
  let bench: Bench

  init() throws {
    bench = try Bench()
    try bench.writeSettings()
    try bench.prepareBreast()
  }

  /// Settings in effect of a small teacher, written out, for both programs.
  private func writeTeacher(_ name: String, batch: Int, epochs: Int, more: String = "") throws {
    try bench.directory.write(
      """
      {"data": {"normalisation": "half"}, "model": {"architecture": "tiny-vit-sample", "qubits": 4},
       "training": {"batch_norm": "training", "batch_size": \(batch), "beta1": 0.9, "beta2": 0.999, "decay": 0.1,
                    "epochs": \(epochs), "epsilon": 1e-8, "learning_rate": 0.001, "milestones": [0.5, 0.75],
                    "selection": "best-validation-auc"\(more)},
       "weights": {"start": "random"}}
      """, to: "\(name).json")
  }

  private static func words(_ options: String) -> [String] {
    [program] + options.split(separator: " ").map(String.init) + ["--device", "cpu", "--threads", "1", "--quiet"]
  }

  private func fineTune(_ options: String) throws -> ProcessResult {
    try RunningProcess(python, Self.words(options), environment: ["OMP_NUM_THREADS": "1"], in: bench.directory.path)
      .wait()
  }

  /// With a batch of all 12 images every epoch is a step; with 5 the order of the images counts.
  @Test("Losses are ours, step by step", arguments: [(12, 6), (5, 4)])
  func losses(batch: Int, epochs: Int) throws {
    try writeTeacher("t", batch: batch, epochs: epochs)
    let made = try fineTune("--data d.h5 --config t.json --seed 3 --steps steps.txt --output w.safetensors")
    #expect(made.status == 0, "\(made)")
    try bench.complete(.finetuneTeacher, "--data d.h5 --config t.json --seed 3 --quiet --output own.h5")
    let (own, _) = try TeacherArtifact.read(path: bench.directory.file("own.h5"))
    try bench.complete(
      .finetuneTeacher,
      "--data d.h5 --config t.json --weights w.safetensors --epochs 0 --seed 3 --quiet --output timm.h5")
    let (timm, _) = try TeacherArtifact.read(path: bench.directory.file("timm.h5"))
    #expect(own.history.count == epochs && timm.history.count == epochs)
    #expect(try bench.directory.text("steps.txt").split(separator: "\n").count == epochs * ((12 + batch - 1) / batch))
    for (ours, theirs) in zip(own.history, timm.history) {
      #expect((ours.trainingLoss - theirs.trainingLoss).magnitude < 1e-4, "epoch \(ours.epoch + 1)")
      #expect((ours.validationLoss - theirs.validationLoss).magnitude < 1e-3, "epoch \(ours.epoch + 1)")
      #expect(ours.learningRate == theirs.learningRate && ours.images == theirs.images)
    }
  }

  @Test("What it made is taken over for what it is, and nothing else")
  func takenOver() throws {
    try writeTeacher("t", batch: 6, epochs: 2)
    try writeTeacher("timm", batch: 6, epochs: 2, more: #", "program": "timm""#)
    let made = try fineTune("--data d.h5 --config timm.json --seed 3 --output w.safetensors")
    #expect(made.status == 0, "\(made)")
    try bench.complete(
      .finetuneTeacher,
      "--data d.h5 --config timm.json --weights w.safetensors --epochs 0 --seed 3 --quiet --output t.h5")
    let (teacher, _) = try TeacherArtifact.read(path: bench.directory.file("t.h5"))
    let program = try #require(teacher.header.descent?.own.program)
    #expect(program.name.wholeMatch(of: /timm [0-9.]+, PyTorch [^ ]+ on cpu \(.+\), float32/) != nil, "\(program.name)")
    #expect(program.fileName == "w.safetensors")
    #expect(teacher.header.descent?.own.start == .random)
    let settings = try JSONValue(parsing: Array(teacher.header.configuration.utf8), path: "t.h5")
    guard case .object(let members) = settings, case .object(let training)? = members["training"] else {
      throw Unexpected(description: teacher.header.configuration)
    }
    #expect(training["program"] == .string("timm") && training["epochs"] == .number(2))
    #expect(teacher.header.inputs.map(\.role) == [.dataset])
    let command = "--data d.h5 --weights w.safetensors --epochs 0 --quiet --output other.h5"
    try writeTeacher("other", batch: 7, epochs: 2)
    for (words, line) in [
      (
        "--config other.json --seed 3",
        "w.safetensors: training.batch_size: expected 7, as in the settings file, found 6"
      ),
      ("--config t.json --seed 4", "w.safetensors: seed: expected 4, found 3"),
    ] {
      let refused = try bench.run(.finetuneTeacher, "\(command) \(words)")
      #expect(refused == ProcessResult(status: 65, errors: "finetune-teacher: error: \(line)\n"))
    }
    let alone = try bench.run(.finetuneTeacher, "--data d.h5 --config timm.json --seed 3 --quiet --output other.h5")
    #expect(alone.status == 65 && alone.errors.contains("timm.json: training.program: 'timm' fine-tunes with"))

    // Made already: nothing is done again.
    let before = try bench.directory.bytes("w.safetensors")
    #expect(try fineTune("--data d.h5 --config timm.json --seed 3 --output w.safetensors").status == 0)
    #expect(try bench.directory.bytes("w.safetensors") == before)
  }

  @Test("The settings' precision is that of autocast, unless another is asked for")
  func precision() throws {
    try writeTeacher("t", batch: 6, epochs: 1, more: #", "precision": "bfloat16""#)
    for (name, options, precision) in [("a", "", "bfloat16"), ("b", " --precision float32", "float32")] {
      let made = try fineTune("--data d.h5 --config t.json --seed 3 --output \(name).safetensors\(options)")
      #expect(made.status == 0, "\(made)")
      try bench.complete(
        .finetuneTeacher,
        "--data d.h5 --config t.json --weights \(name).safetensors --epochs 0 --seed 3 --quiet --output \(name).h5")
      let (teacher, _) = try TeacherArtifact.read(path: bench.directory.file("\(name).h5"))
      #expect(teacher.header.descent?.own.program?.name.hasSuffix(", \(precision)") == true)
    }
  }

  @Test("Interrupted, it goes on and ends where it would have ended")
  func interrupted() throws {
    try writeTeacher("t", batch: 4, epochs: 12)
    #expect(try fineTune("--data d.h5 --config t.json --seed 3 --output whole.safetensors").status == 0)
    let options = "--data d.h5 --config t.json --seed 3 --output w.safetensors"
    let process = try RunningProcess(
      python, Self.words(options), environment: ["OMP_NUM_THREADS": "1"], in: bench.directory.path)
    bench.directory.await("w.safetensors.ckpt")
    // Of two that would make the same file the second stops, and leaves the first alone.
    let second = try fineTune(options)
    process.signal(SIGTERM)
    let result = try process.wait()
    #expect(
      second.errors == "finetune-timm: error: w.safetensors: is being written by another process\n"
        || result.status == 0,
      "\(second)")
    #expect(
      result.status == 0
        || result
          == ProcessResult(status: 75, errors: "finetune-timm: error: interrupted; the same command resumes\n")
    )
    #expect(try fineTune(options).status == 0)
    // PyTorch does not promise the bits; the course has to be the same.
    var histories: [[EpochRecord]] = []
    for name in ["w", "whole"] {
      try bench.complete(
        .finetuneTeacher,
        "--data d.h5 --config t.json --weights \(name).safetensors --epochs 0 --seed 3 --quiet --output \(name).h5")
      histories.append(try TeacherArtifact.read(path: bench.directory.file("\(name).h5")).teacher.history)
    }
    #expect(histories.map(\.count) == [12, 12])
    for (resumed, whole) in zip(histories[0], histories[1]) {
      #expect((resumed.trainingLoss - whole.trainingLoss).magnitude < 1e-3, "epoch \(whole.epoch + 1)")
    }
    #expect(!bench.directory.contains("w.safetensors.ckpt") && !bench.directory.contains("w.safetensors.part"))
  }

  @Test("Wrong usage and output that cannot be written are one line before the first epoch")
  func refusals() throws {
    try writeTeacher("t", batch: 4, epochs: 1)
    let usage = try fineTune("--data d.h5 --config t.json --sead 3 --output w.safetensors")
    #expect(usage.status == 64 && usage.errors.split(separator: "\n").count == 1, "\(usage)")
    #expect(
      try fineTune("--data d.h5 --config t.json --seed 3 --output absent/w.safetensors")
        == ProcessResult(
          status: 73,
          errors: "finetune-timm: error: absent/w.safetensors: cannot be written: No such file or directory\n"))
    #expect(!bench.directory.contains("w.safetensors.part"))
  }

  @Test("A damaged dataset is refused by one line")
  func damaged() throws {
    try writeTeacher("t", batch: 4, epochs: 1)
    var bytes = try bench.directory.bytes("d.h5")
    bytes[bytes.count - 200] ^= 1
    try bench.directory.write(bytes, to: "d.h5")
    #expect(
      try fineTune("--data d.h5 --config t.json --seed 3 --output w.safetensors")
        == ProcessResult(status: 65, errors: "finetune-timm: error: d.h5: has changed since it was written\n"))
  }

  /// Official checkpoints: other names, all below "model", and what follows from the window's size besides.
  private static let official = """
    import sys, torch, safetensors.torch
    tensors = {}
    for name, tensor in safetensors.torch.load_file(sys.argv[1]).items():
        parts = name.split('.')
        if parts[0] == 'patch_embed':
            parts = ['patch_embed', 'seq', '0' if parts[1] == 'conv1' else '2'] + parts[2:]
        elif parts[0] == 'stages':
            parts = ['layers', str(int(parts[1]) - (parts[2] == 'downsample'))] + parts[2:]
        elif parts[:2] == ['head', 'norm']:
            parts = ['norm_head'] + parts[2:]
        elif parts[:2] == ['head', 'fc'] and len(parts) == 3:
            parts = ['head'] + parts[2:]
        if parts[-2:] == ['conv', 'weight']:
            parts[-2] = 'c'
        tensors['.'.join(parts)] = tensor
    tensors['layers.1.blocks.0.attn.attention_bias_idxs'] = torch.zeros(4, 4, dtype=torch.long)
    torch.save({'model': tensors, 'epoch': 3}, 'w.pth')
    class Attack:
        def __reduce__(self):
            return (open, ('owned', 'w'))
    torch.save({'model': Attack()}, 'attack.pth')
    torch.save({'model': {'layers': 3}}, 'numbers.pth')
    """

  @Test("An official .pth is converted: the same tensors, and nothing in it is executed")
  func converted() throws {
    try writeTeacher("t", batch: 6, epochs: 1)
    try bench.complete(
      .finetuneTeacher, "--data d.h5 --config t.json --seed 3 --quiet --export w.safetensors --output t.h5")
    let made = try RunningProcess(python, ["-c", Self.official, "w.safetensors"], in: bench.directory.path).wait()
    #expect(made.status == 0, "\(made)")
    func convert(_ name: String) throws -> ProcessResult {
      try RunningProcess(
        python, [program, "--convert", "--weights", name, "--output", "converted.safetensors"], in: bench.directory.path
      ).wait()
    }
    for name in ["attack.pth", "numbers.pth", "missing.pth"] {
      let refused = try convert(name)
      #expect(refused.status == (name == "missing.pth" ? 66 : 65), "\(refused)")
      #expect(
        refused.errors.hasPrefix("finetune-timm: error: \(name): ") && refused.errors.split(separator: "\n").count == 1,
        "\(refused)")
      #expect(!bench.directory.contains("owned") && !bench.directory.contains("converted.safetensors"))
    }
    #expect(try convert("w.pth").status == 0)
    let whole = try SafeTensorsFile(path: bench.directory.file("w.safetensors"))
    let again = try SafeTensorsFile(path: bench.directory.file("converted.safetensors"))
    #expect(Set(whole.entries.map(\.name)) == Set(again.entries.map(\.name)) && !whole.entries.isEmpty)
    for entry in whole.entries {
      guard let other = again.entry(named: entry.name) else { continue }
      #expect(entry.shape == other.shape && entry.element == other.element, "\(entry.name)")
      guard entry.element == .float32 else { continue }
      let (first, second) = (try whole.floats(of: entry), try again.floats(of: other))
      #expect(first == second, "\(entry.name)")
    }
  }

  @Test("The order of images and the first weights are those of our generator")
  func generator() throws {
    let script = """
      import sys; sys.path.insert(0, '\(Fixtures.packageRoot)/pipeline')
      import finetune_timm as f
      print(*f.RandomStream(3, 'shuffle', 7).permutation(1000))
      print(*('%.9e' % x for x in f.RandomStream(5, 'tinyvit', 11).uniform(50)))
      print(*('%.9e' % x for x in f.RandomStream(5, 'tinyvit', 12).normal(50)))
      """
    let found = try RunningProcess(python, ["-c", script], in: bench.directory.path).wait()
    let lines = found.output.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
    try #require(lines.count == 3, "\(found)")
    var order = RandomStream(seed: 3, purpose: "shuffle", 7)
    #expect(lines[0].compactMap(Int.init) == order.permutation(of: 1000))
    var uniform = RandomStream(seed: 5, purpose: "tinyvit", 11)
    var normal = RandomStream(seed: 5, purpose: "tinyvit", 12)
    for (line, draw) in [(lines[1], { uniform.uniform() }), (lines[2], { normal.normal() })]
      as [([String], () -> Double)]
    {
      for text in line { #expect((try #require(Double(text)) - draw()).magnitude < 1e-8) }
    }
  }
}
