import Artifacts

/// A file that a stage writes beside its output `NAME.h5`. None of them is a result: results do not depend on them, and they may be
/// removed at any time.
public enum Companion: CaseIterable {
  /// `NAME.ckpt.h5`: in which an interrupted training waits to be resumed.
  case checkpoint
  /// `NAME.earlier.h5`: an earlier sweep that had runs of other seeds or points, for later ones to take over.
  case earlierSweep
  /// `NAME.timing.csv`: a line for each epoch of a training, behind `timingHeader`.
  case timing
  /// `NAME.source.txt`: sizes and times of the files that a dataset was made from.
  case sourceTrace

  /// The first line of a side log.
  public static let timingHeader = "epoch,seconds,images_per_second"

  /// Where it stands.
  public func path(besides output: String) -> String {
    (output.hasSuffix(".h5") ? String(output.dropLast(3)) : output) + suffix
  }

  private var suffix: String {
    switch self {
    case .checkpoint: CheckpointArtifact.suffix
    case .earlierSweep: ".earlier.h5"
    case .timing: ".timing.csv"
    case .sourceTrace: ".source.txt"
    }
  }
}
