import Testing
import _TestSupport

@Suite("Weights from elsewhere", .timeLimit(.minutes(20)))
struct WeightsTests {
  let bench: Bench

  init() throws {
    bench = try Bench()
    try bench.writeSettings()
    try bench.prepareBreast()
  }

  private func finetune(_ options: String) throws -> ProcessResult {
    try bench.run(.finetuneTeacher, "--data d.h5 --seed 1 --epochs 0 --quiet --output t.h5 \(options)")
  }

  @Test("With no epochs the head must fit: nothing is replaced by random weights")
  func head() throws {
    try bench.writeSettings("four", extending: "teacher", #""weights": {"start": "random"}"#)
    try bench.writeSettings("two", extending: "teacher", #""model": {"qubits": 2}"#)
    #expect(try finetune("--config four.json --export w.safetensors").status == 0)
    let same = try finetune("--config four.json --weights w.safetensors")
    // Random weights may warn of components that say nothing.
    #expect(same.status == 0 && !same.errors.contains("error"), "\(same)")
    let other = try finetune("--config two.json --weights w.safetensors")
    #expect(other.status == 65 && other.output.isEmpty)
    #expect(
      other.errors.hasPrefix(
        "finetune-teacher: error: w.safetensors: with 0 epochs nothing is trained, so all of it must fit this dataset and "
          + "width; random weights would be kept for head."), "\(other.errors)")
    #expect(other.errors.split(separator: "\n").count == 1)
  }

  @Test("What is often taken for safetensors is called by its name")
  func otherFormats() throws {
    try bench.directory.write([0x80, 2] + [UInt8](repeating: 0, count: 30), to: "old.pth")
    for (name, format) in [
      ("breast.npz", "a ZIP archive, as .npz and .pth files are"), ("d.h5", "an HDF5 file"),
      ("old.pth", "a pickle of Python, as old .pth files are"),
    ] {
      #expect(
        try finetune("--config teacher.json --weights \(name)")
          == ProcessResult(
            status: 65,
            errors:
              "finetune-teacher: error: \(name): format: expected a safetensors file (docs/data.md says how to convert), "
              + "found \(format)\n"))
    }
  }
}
