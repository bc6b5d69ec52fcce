import Artifacts
import CommandLineKit
import DataStages

@main
enum Main {
  static func main() { runTool(PrepareDataStage.command, version: Software.version, body: PrepareDataStage.run) }
}
