import StageSupport
import Artifacts
import CommandLineKit
import Failures
import Files
import Glibc
import JSON
import Training

/// The file beside an output in which an interrupted training waits to be resumed: `NAME.ckpt.h5`.
struct CheckpointFile {
  private let tool: String
  private let path: String
  private let header: ArtifactHeader

  /// The checkpoint of the training that will write `output` with `header`.
  /// - Parameter tool: whose warnings these are.
  init(of tool: String, besides output: String, header: ArtifactHeader) {
    self.tool = tool
    path = Companion.checkpoint.path(besides: output)
    var header = header
    header.kind = .checkpoint
    self.header = header
  }

  /// The state to go on from; nil if there is none. A checkpoint that is damaged or that belongs to another command is set
  /// aside with one line on standard error, never used.
  /// - Parameters:
  ///   - start: the state before the first step, whose sizes the checkpoint must have.
  ///   - isPossible: whether this training can come to a state.
  func read(like start: TrainingState, isPossible: (TrainingState) -> Bool) throws -> TrainingState? {
    var status = stat()
    guard lstat(path, &status) == 0 else { return nil }
    do {
      guard try readHeader(path).header == header else {
        try setAside("belongs to another command (other seed, settings, data or version)")
        return nil
      }
      let state = try CheckpointArtifact.read(path: path, like: start).state
      guard isPossible(state) else {
        try setAside("cannot be used (its numbers fit no state of this training)")
        return nil
      }
      return state
    } catch let failure as ArtifactError {
      try setAside("cannot be used (\(failure))")
      return nil
    } catch let failure as HDF5Error {
      try setAside("cannot be used (\(failure))")
      return nil
    } catch let failure as FileError where failure.kind != .inputOutput {
      // A directory, a link that leads nowhere, a file that may not be read.
      try setAside("cannot be used (\(failure))")
      return nil
    } catch let failure as SettingsError {
      try setAside("cannot be used (\(failure))")
      return nil
    }
  }

  /// Saves a state and removes it again: what would keep a state from being saved shows before the first epoch, not when there
  /// are hours to lose.
  func tryOut(_ state: TrainingState) throws {
    try write(state)
    remove()
  }

  func write(_ state: TrainingState) throws { try CheckpointArtifact(header: header, state: state).write(to: path) }

  /// Removes the checkpoint, and what a killed process has left of one.
  func remove() {
    unlink(path)
    unlink(path + ".part")
  }

  private func setAside(_ reason: String) throws {
    let aside = path + ".unused"
    guard rename(path, aside) == 0 else { throw FileError(.publish, path: aside, errorNumber: errno) }
    writeToStandardError("\(tool): warning: \(path): \(reason); set aside as \(fileName(of: aside))\n")
  }
}
