import Artifacts
import CommandLineKit
import Stages

@main
enum Main {
  static func main() { runTool(TrainStage.command, version: Software.version, body: TrainStage.run) }
}
