import Artifacts
import CommandLineKit
import Stages

@main
enum Main {
  static func main() { runTool(PrepareDataStage.command, version: Software.version, body: PrepareDataStage.run) }
}
