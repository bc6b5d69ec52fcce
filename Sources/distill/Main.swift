import Artifacts
import CommandLineKit
import Stages

@main
enum Main {
  static func main() { runTool(DistillStage.command, version: Software.version, body: DistillStage.run) }
}
