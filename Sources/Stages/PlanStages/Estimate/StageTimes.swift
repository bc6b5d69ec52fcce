import Artifacts
import Configuration
import DatasetSources
import Datasets
import Training
import TrainingStages

/// How long the stages of a plan take on this machine, by a short calibration: the real kernels with the settings in effect,
/// on images of the right sizes. Each kind of model is measured once.
struct StageTimes {
  private let plan: Plan
  private let needs: StageNeeds
  private let threads: Int
  private var teachers: [Int: TeacherRates] = [:]
  private var students: [StudentKey: StudentRates] = [:]
  private var drawing: [String: Double] = [:]

  private struct StudentKey: Hashable {
    var variant: String
    var resolution: Int
    var channels: Int
    var classes: Int
  }

  /// Pixels (bytes) of archives that `prepare-data` reads in a second, and images of folders: docs/benchmarks-data.md.
  private static let (archiveRate, folderRate) = (110e6, 800.0)
  /// Seconds that a process takes besides: it starts, reads and writes.
  private static let startUp = 0.05

  /// - Parameter threads: of each stage.
  init(_ plan: Plan, _ needs: StageNeeds, threads: Int) {
    self.plan = plan
    self.needs = needs
    self.threads = threads
  }

  /// Seconds of a stage; nil where the size of its dataset is not known.
  mutating func seconds(_ subject: Rule.Subject, tool: String) throws -> Double? {
    switch subject {
    case .dataset(let key):
      guard let size = needs.size(of: key) else { return nil }
      return Self.startUp + Double(size.all) * (try secondsOfImage(key, size))
    case .teacher(let key, let width):
      guard let size = needs.size(of: key), let settings = plan.teacherSettings[width] else { return nil }
      let rates = teacherRates(width, settings, size)
      // What PyTorch will take is not known here.
      let epochs = settings.program == .own ? settings.training.epochs : 0
      return Self.startUp + rates.seconds(epochs: epochs, images: size(.train), validated: size(.val))
    case .student(let variant, let key):
      guard let size = needs.size(of: key), let settings = plan.settings(ofVariant: variant) else { return nil }
      let rates = try studentRates(variant, settings, key, size)
      let epochs = plan.training(ofVariant: variant, tool: tool)?.epochs ?? 0
      return Self.startUp + rates.seconds(epochs: epochs, images: size(.train), validated: size(.val))
    case .evaluation(let variant, let width, let key):
      guard let size = needs.size(of: key) else { return nil }
      if let variant {
        guard let settings = plan.settings(ofVariant: variant) else { return nil }
        return Self.startUp + Double(size.evaluated) / (try studentRates(variant, settings, key, size)).inference
      }
      guard let settings = plan.teacherSettings[width] else { return nil }
      return Self.startUp + Double(size.evaluated) / teacherRates(width, settings, size).inference
    }
  }

  private mutating func teacherRates(
    _ width: Int, _ settings: TeacherSettings, _ size: StageNeeds.Size
  ) -> TeacherRates {
    if let known = teachers[width] { return known }
    let rates = TeacherRates(settings, classes: size.classes, threads: threads)
    teachers[width] = rates
    return rates
  }

  private mutating func studentRates(
    _ variant: String, _ settings: StudentSettings, _ images: ImagesKey, _ size: StageNeeds.Size
  ) throws -> StudentRates {
    let key = StudentKey(
      variant: variant, resolution: images.resolution, channels: size.channels, classes: size.classes)
    if let known = students[key] { return known }
    let rates = try StudentRates(
      settings, resolution: images.resolution, channels: size.channels, classes: size.classes, threads: threads)
    students[key] = rates
    return rates
  }

  /// Drawing is measured; what reading takes is known from benchmarks.
  private mutating func secondsOfImage(_ key: ImagesKey, _ size: StageNeeds.Size) throws -> Double {
    guard let description = needs.drawn(key) else {
      return Catalogue.hasOfficialFiles(key.dataset)
        ? Double(key.resolution * key.resolution * size.channels) / Self.archiveRate : 1 / Self.folderRate
    }
    if let known = drawing[key.dataset] { return known }
    let clock = ContinuousClock()
    let start = clock.now
    let count = 4
    _ = try SampleImages(description: description, resolution: key.resolution).preview(count: count)
    let seconds = (clock.now - start) / .seconds(1) / Double(count)
    drawing[key.dataset] = seconds
    return seconds
  }
}
