import Artifacts
import CommandLineKit
import TrainingStages

@main
enum Main {
  static func main() { runTool(SweepStage.command, version: Software.version, body: SweepStage.run) }
}
