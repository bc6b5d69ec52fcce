import Artifacts
public import CommandLineKit
import Datasets
import Files

/// `prepare-data`: a published file, or the sample generator, becomes a dataset artifact.
public enum PrepareDataStage {
  /// The options.
  public static let command = Command(
    name: "prepare-data",
    summary: "Turn a MedMNIST file, or generated sample images, into a dataset artifact.",
    discussion: """
      The file's MD5 is compared with the published one. A file with another digest is refused, unless \
      --allow-unofficial is given; every result that follows from it is then marked.
      """,
    options: [
      Option(
        "dataset", .choice(of: Catalogue.all.map(\.name)), "Dataset.", placeholder: "NAME", presence: .required),
      Option(
        "resolution", .choice(of: SampleImages.resolutions.map(String.init)), "Height and width in pixels.",
        presence: .required),
      Option(
        "source", .choice(of: Source.allCases.map(\.rawValue)),
        "Where the images come from: generated samples, or a MedMNIST file.", presence: .required),
      Option("input", .path, "The MedMNIST file (.npz), for --source npz."),
      Option("allow-unofficial", .flag, "Take a file whose MD5 is not the published one, and mark all results."),
      Option("profile", .string, "Profile the artifact belongs to.", placeholder: "NAME", presence: .required),
      .quiet,
      Option("output", .path, "Dataset artifact to write.", presence: .required),
    ],
    examples: [
      "prepare-data --dataset breastmnist --resolution 28 --source npz --input data/raw/breastmnist.npz "
        + "--profile paper --output artifacts/paper/data/breastmnist-28.h5",
      "prepare-data --dataset oasis --resolution 224 --source sample --profile sample --output oasis-224.h5",
    ])

  private enum Source: String, CaseIterable {
    case sample
    case npz
  }

  /// Prepares.
  public static func run(_ arguments: ParsedArguments) throws {
    let output = arguments.string("output")
    let description = try Catalogue.dataset(named: arguments.string("dataset"))
    let resolution = Int(arguments.string("resolution")) ?? 28
    switch Source(rawValue: arguments.string("source")) ?? .sample {
    case .sample:
      guard arguments.optionalString("input") == nil, !arguments.flag("allow-unofficial") else {
        throw UsageError("--input and --allow-unofficial go with --source npz")
      }
      try requireWritable(output)
      try write(
        SampleImages(description: description, resolution: resolution), input: nil, isComparable: false, arguments,
        to: output)
    case .npz:
      guard let input = arguments.optionalString("input") else { throw UsageError("--source npz needs --input FILE") }
      try requireWritable(output)
      let file = try MedMNISTFile(
        path: input, description: description, resolution: resolution,
        allowUnofficial: arguments.flag("allow-unofficial"))
      try write(file, input: input, isComparable: true, arguments, to: output)
    }
  }

  /// Streams all splits of a source into the artifact and gathers their statistics on the way.
  private static func write(
    _ source: some ImageSource, input: String?, isComparable: Bool, _ arguments: ParsedArguments, to output: String
  ) throws {
    let description = source.description
    var inputs: [ArtifactInput] = []
    if let input, case .file(_, _, let sha256) = source.digest {
      inputs = [ArtifactInput(role: "raw", fileName: fileName(of: input), contentSHA256: sha256)]
    }
    let header = ArtifactHeader(
      kind: .dataset, profile: arguments.string("profile"), dataset: description.name, resolution: source.resolution,
      title: "\(description.title) at \(source.resolution) pixels", isOfficial: source.isOfficial,
      isComparable: isComparable, seed: 0, configuration: "{}", inputs: inputs)
    let counts = Dictionary(uniqueKeysWithValues: Split.allCases.map { ($0, source.count(of: $0)) })
    let contents = DatasetContents(
      task: description.task.rawValue, licence: description.licence, citation: description.citation,
      classNames: description.classNames, channels: source.channels, counts: counts, source: source.digest)
    var writer = try DatasetArtifactWriter(
      path: output, header: header, contents: contents, deflate: deflateLevel(resolution: source.resolution))
    var statistics = DatasetStatistics(for: source)
    let progress = ProgressReporter(
      "prepare-data \(description.name)-\(source.resolution)", total: counts.values.reduce(0, +),
      style: arguments.progressStyle)
    for notice in source.notices { progress.note(notice) }
    for split in Split.allCases {
      let labels = try source.labels(split)
      var done = 0
      try source.readImages(split, batch: batch(imageSize: source.imageSize)) { images, count in
        try writer.appendImages(split, images, count: count)
        statistics.add(images, labels: labels[done..<done + count], to: split)
        done += count
        progress.advance(by: count)
        try Interruption.check()
      }
      if let found = statistics.splits[split] {
        try writer.finish(split, labels: labels.map { UInt8($0) }, statistics: StoredStatistics(found, of: split))
      }
    }
    _ = try writer.publish(
      duplicates: statistics.duplicates.map { StoredDuplicate($0) }, pairCount: statistics.duplicatePairCount)
    let across = statistics.duplicates.count { $0.splitA != $0.splitB }
    if across > 0 { progress.note("warning: \(across) pairs of equal images in different splits") }
    progress.finish()
  }

  /// About a megabyte of images at a time.
  private static func batch(imageSize: Int) -> Int { max(1, (1 << 20) / imageSize) }

  /// Small images are compressed; large ones are stored, so that a training reads them at the speed of the disk.
  private static func deflateLevel(resolution: Int) -> Int { resolution > 64 ? 0 : 4 }
}
