import Artifacts
import Configuration
import DatasetSources
import Datasets
import Files
import Training
import TrainingStages

/// What the stages of a plan that are to be run need of disk and memory, from the sizes of the datasets and the settings;
/// nothing is measured for it.
struct StageNeeds {
  /// What one run of a stage needs.
  struct Need {
    /// Bytes of what it leaves.
    var disk = 0
    /// Bytes it needs besides while it runs.
    var scratch = 0
    /// Bytes of memory.
    var memory = 0
  }

  /// The images of each split, and their channels.
  struct Size {
    var counts: [Split: Int]
    var channels: Int
    var classes: Int

    var all: Int { counts.values.reduce(0, +) }
    /// Those that `evaluate` measures a model on.
    var evaluated: Int { self(.val) + self(.test) }
    func callAsFunction(_ split: Split) -> Int { counts[split, default: 0] }
  }

  private let plan: Plan
  private let profile: Profile
  /// Of all datasets in the plan, each looked up once: hundreds of stages share one.
  private let sizes: [ImagesKey: Size]

  init(_ plan: Plan, _ request: PlanRequest) {
    self.plan = plan
    profile = request.profile
    sizes = Dictionary(
      uniqueKeysWithValues: Set(plan.rules.compactMap { $0.subject?.images }).compactMap { key in
        Self.size(of: key, request).map { (key, $0) }
      })
  }

  /// The size of a dataset in the plan; nil where nobody knows it before it is read.
  func size(of key: ImagesKey) -> Size? { sizes[key] }

  /// The dataset whose pictures are drawn in place of its images; nil where images are read.
  func drawn(_ key: ImagesKey) -> DatasetDescription? {
    profile == .sample ? Catalogue.all.first { $0.name == key.dataset } : nil
  }

  /// The size of a dataset: of its artifact where there is one, else what will be drawn, what was published, or files counted
  /// in a folder; nil where none of these says it.
  private static func size(of key: ImagesKey, _ request: PlanRequest) -> Size? {
    let tree = ArtifactTree(root: request.root)
    for resolution in [key.resolution] + SampleImages.resolutions {
      if let artifact = try? DatasetArtifact(path: tree.dataset(key.dataset, resolution: resolution)) {
        return Size(
          counts: artifact.contents.counts, channels: artifact.contents.channels,
          classes: artifact.contents.classNames.count)
      }
    }
    let description = Catalogue.all.first { $0.name == key.dataset }
    if request.profile == .sample, let description,
      let sample = try? SampleImages(description: description, resolution: key.resolution)
    {
      return Size(
        counts: Dictionary(uniqueKeysWithValues: Split.allCases.map { ($0, sample.count(of: $0)) }),
        channels: description.channels, classes: description.classes)
    }
    if let description, let counts = description.officialCounts {
      return Size(counts: counts, channels: description.channels, classes: description.classes)
    }
    // OASIS by slice as the pipeline has it, 488 of each class; a folder as it is divided by default.
    if let description {
      return Size(counts: [.train: 1_268, .val: 196, .test: 488], channels: 1, classes: description.classes)
    }
    let words = request.preparations[key] ?? []
    guard let place = words.firstIndex(of: "--input"), place + 1 < words.count,
      let classes = try? DirectoryListing(path: words[place + 1]).directories
    else { return nil }
    let count = classes.reduce(0) { count, name in
      count + ((try? DirectoryListing(path: "\(words[place + 1])/\(name)").files.count) ?? 0)
    }
    return Size(
      counts: [.train: count * 7 / 10, .val: count / 10, .test: count * 2 / 10], channels: 3,
      classes: max(2, classes.count))
  }

  /// What a stage needs; nil where the size of its dataset is not known.
  func need(of subject: Rule.Subject) -> Need? {
    switch subject {
    case .dataset(let key):
      return size(of: key).map {
        Need(disk: $0.all * (key.resolution * key.resolution * $0.channels + 64) + (96 << 10), memory: 48 << 20)
      }
    case .teacher(let key, let width):
      guard let size = size(of: key), let settings = plan.teacherSettings[width] else { return nil }
      let targets = (size(.train) + size(.val)) * (width + size.classes + 1) * MemoryLayout<Float>.size
      return Need(
        disk: settings.disk.artifact + targets, scratch: settings.disk.checkpoint,
        memory: settings.training.epochs > 0 ? settings.memory : 256 << 20)
    case .student(_, let key):
      guard let size = size(of: key) else { return nil }
      // Small images are kept in memory, in the kernels' layout; large ones are streamed.
      let images = key.resolution < 224 ? (size(.train) + size(.val)) * key.resolution * key.resolution * 3 : 0
      return Need(disk: 96 << 10, scratch: 128 << 10, memory: images + (48 << 20))
    case .evaluation(let variant, let width, let key):
      guard let size = size(of: key) else { return nil }
      let teacher = variant == nil ? plan.teacherSettings[width]?.disk.artifact ?? 0 : 0
      return Need(
        disk: size.evaluated * (2 * size.classes + 2) * MemoryLayout<Float>.size + (192 << 10),
        memory: 4 * teacher + (96 << 20))
    }
  }

  /// The sums over results that are to be made.
  /// - Parameter jobs: how many run at the same time.
  /// - Returns: bytes of disk, with what is needed only for a while; bytes of memory at most.
  func total(_ results: [StaleRules.Result], jobs: Int) -> Need {
    let needs = results.filter(\.state.isToBeMade).compactMap { $0.rule.subject.flatMap(need) }
    func largest(_ value: (Need) -> Int) -> Int { needs.map(value).sorted(by: >).prefix(jobs).reduce(0, +) }
    return Need(disk: needs.reduce(0) { $0 + $1.disk } + largest(\.scratch), memory: largest(\.memory))
  }
}

/// A line for each of what the machine has too little of; none where it has enough, or does not say.
func shortages(_ need: StageNeeds.Need, at root: String) -> [String] {
  var lines: [String] = []
  if let free = freeDiskSpace(at: root), need.disk > free {
    lines.append("\(root): \(bytesText(need.disk)) will be written, \(bytesText(free)) are free on this disk")
  }
  if let free = availableMemory(), need.memory > free {
    lines.append(
      "\(bytesText(need.memory)) of memory will be needed at a time, \(bytesText(free)) are free; "
        + "fewer JOBS or a smaller training.batch_size of teacher.json need less")
  }
  return lines
}

/// "1.9 GB", in powers of ten.
func bytesText(_ bytes: Int) -> String {
  let (value, unit) =
    bytes >= 1_000_000_000 ? (Double(bytes) / 1e9, "GB") : (Double(bytes) / 1e6, "MB")
  let tenths = Int((value * 10).rounded())
  return value >= 100 ? "\(tenths / 10) \(unit)" : "\(tenths / 10).\(tenths % 10) \(unit)"
}
