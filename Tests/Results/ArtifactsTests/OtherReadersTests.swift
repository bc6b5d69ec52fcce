import Files
import Glibc
import Testing
import _ArtifactSamples
import _TestSupport

@testable import Artifacts

/// Artifacts as other programs see them.
@Suite struct OtherReaders {
  /// The exit code of a command and what it printed.
  private func run(_ command: String) -> (code: Int32, output: String) {
    guard let pipe = popen("\(command) 2>&1", "r") else { return (-1, "") }
    var output: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while case let count = fread(&buffer, 1, buffer.count, pipe), count > 0 {
      output.append(contentsOf: buffer[..<count])
    }
    let status = pclose(pipe)
    return (status >> 8, String(decoding: output, as: UTF8.self))
  }

  private func writeAll(to directory: TemporaryDirectory) throws -> String {
    try Sample.allCases.map { sample in
      let path = directory.file("\(sample.rawValue).h5")
      try sample.write(to: path)
      return path
    }.joined(separator: " ")
  }

  /// h5py, netCDF4 and xarray read every array with named dimensions, and the same digests.
  @Test(.enabled(if: pythonHasReaders, "python3 lacks h5py, h5netcdf, netCDF4 or xarray"))
  func python() throws {
    let directory = try TemporaryDirectory()
    let result = run("'\(python3)' '\(checkScript)' \(try writeAll(to: directory))")
    #expect(result.code == 0, "\(result.output)")
    #expect(result.output.contains("evaluation.h5: good"))
  }

  @Test(.enabled(if: hasTools, "hdf5-tools are not installed"))
  func h5lsAndH5dump() throws {
    let directory = try TemporaryDirectory()
    for path in try writeAll(to: directory).split(separator: " ") {
      let list = run("h5ls -r \(path)")
      #expect(list.code == 0 && list.output.contains("/inputs/file_name"), "\(list.output)")
      let dump = run("h5dump \(path)")
      #expect(dump.code == 0 && !dump.output.contains("error"), "\(dump.output.prefix(1000))")
    }
  }
}

private let checkScript = Fixtures.path("check_artifacts.py")

/// The interpreter: `PYTHON` where it is set.
private let python3 = getenv("PYTHON").map { String(cString: $0) } ?? "python3"

private let pythonHasReaders = system("'\(python3)' '\(checkScript)' > /dev/null 2>&1") == 0

private let hasTools = system("h5ls --version > /dev/null 2>&1 && h5dump --version > /dev/null 2>&1") == 0
