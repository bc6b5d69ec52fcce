import Digests
import DatasetSources
import StageSupport
import Artifacts
public import CommandLineKit
import Datasets
import Files
import JSON
import Metrics

/// `prepare-data`: a published file, a folder of images or the sample generator becomes a dataset artifact; and a dataset
/// artifact becomes a picture to look at.
public enum PrepareDataStage {
  /// The options.
  public static let command = Command(
    name: "prepare-data",
    summary: "Turn images into a dataset artifact, or a dataset artifact into a contact sheet.",
    discussion: """
      --source npz takes a MedMNIST file. Its MD5 is compared with the published one; a file with another digest is \
      refused, unless --allow-unofficial is given; every result that follows from it is then marked.

      --source oasis takes the public copy of OASIS-1: the folders 'Non Demented', 'Very mild Dementia', 'Mild Dementia' \
      and 'Moderate Dementia' with slices named like OAS1_0001_MR1_mpr-1_100.jpg. With --cdr-table it takes the scans as \
      they are distributed (disc1/OAS1_0001_MR1/RAW/OAS1_0001_MR1_mpr-1_anon.hdr and .img, Analyze 7.5) and cuts the \
      axial slices 100 to 160 from them. Splits by slice or volume put images of one person into several splits; every \
      result is then marked as leaking.

      --source folder takes a folder for each class with PNG or JPEG files in it. Every image is resized to a square by \
      averaging over areas, each axis on its own. With --divided the folder holds train, val and test, and each of these a \
      folder for each class. Images that cannot be read are told all at once.

      --data FILE --montage FILE.png draws a contact sheet of a dataset artifact that is there already.
      """,
    options: [
      Option(
        "dataset", .string,
        "Dataset: " + Catalogue.all.map(\.name).joined(separator: ", ") + "; for --source folder a new name.",
        placeholder: "NAME", presence: .requiredWithout(["montage"])),
      Option(
        "resolution", .choice(of: SampleImages.resolutions.map(String.init)), "Height and width in pixels.",
        presence: .requiredWithout(["montage"])),
      Option(
        "source", .choice(of: SourceKind.self),
        "Where the images come from: generated samples, a MedMNIST file, or folders.",
        presence: .requiredWithout(["montage"])),
      Option("input", .path, "The MedMNIST file (.npz), or the folder with the class folders.", placeholder: "PATH"),
      Option("allow-unofficial", .flag, "npz: take a file whose MD5 is not the published one, and mark all results."),
      Option("channels", .choice(of: ["1", "3"]), "folder: 1 for grey, 3 for colour (default: 3)."),
      Option(
        "split-file", .path, "folder: CSV 'path,split' with a line for each image; otherwise --ratios divides them."),
      Option("divided", .flag, "folder: --input holds the splits: train, val and test, each with the class folders."),
      Option("skip-unreadable", .flag, "folder, oasis: leave out images that cannot be read; the artifact lists them."),
      Option(
        "cdr-table", .path,
        "oasis: oasis_cross-sectional.csv, with the CDR of each visit; --input then holds scans, not slices."),
      Option(
        "split", .choice(of: OASISSource.Level.self),
        "oasis: what is not torn apart (default: slice)."),
      Option(
        "ratios", .string, "folder, oasis: parts of train, val and test in each class (default: 70/10/20).",
        placeholder: "A/B/C"),
      Option("per-class-cap", .integer(in: 3...10_000_000), "oasis: take at most N images of each class, by chance."),
      Option(
        "allow-missing-val", .flag,
        "oasis: a class with only two volumes or participants is in train and test, not in val."),
      Option("seed", .integer(in: 0...Int(Int32.max)), "folder, oasis: seed of the division (default: 1)."),
      Option(
        "profile", .choice(of: Profile.self), "Profile the artifact belongs to.",
        presence: .requiredWithout(["montage"])),
      .quiet,
      Option("output", .path, "Dataset artifact to write.", presence: .requiredWithout(["montage"])),
      Option("montage", .path, "Draw the dataset artifact --data as this PNG file, and do nothing else."),
      Option("data", .path, "Dataset artifact to draw."),
    ],
    examples: [
      "prepare-data --dataset breastmnist --resolution 28 --source npz \\\n"
        + "    --input data/raw/breastmnist.npz --profile paper \\\n"
        + "    --output artifacts/paper/data/breastmnist-28.h5",
      "prepare-data --dataset oasis --resolution 224 --source sample \\\n"
        + "    --profile sample --output oasis-224.h5",
      "prepare-data --dataset oasis --resolution 28 --source oasis \\\n"
        + "    --input data/raw/oasis --split participant --allow-missing-val \\\n"
        + "    --profile paper --output oasis-28.h5",
      "prepare-data --dataset mydata --resolution 28 --source folder \\\n"
        + "    --input mydata --channels 1 --ratios 80/10/10 \\\n"
        + "    --profile paper --output mydata-28.h5",
      "prepare-data --data breastmnist-28.h5 --montage breastmnist.png",
    ])

  /// Prepares, or draws.
  public static func run(_ arguments: ParsedArguments) throws {
    if let montage = arguments.optionalString("montage") {
      try SourceKind.requireOnly(["montage", "data", "quiet"], arguments, with: "--montage")
      guard let data = arguments.optionalString("data") else { throw UsageError("--montage needs --data FILE") }
      try arguments.requireApart(outputs: [("montage", montage)])
      try writeMontage(of: data, to: montage)
      return
    }
    let preparation = try Preparation(arguments)
    let target = try arguments.claimOutput()
    let trace = try preparation.trace()
    do {
      let source = try preparation.source(style: arguments.progressStyle)
      try write(source, preparation.configuration, arguments, to: target)
    } catch let error as UnreadableImages {
      for line in error.lines where error.images.count > 1 {
        writeToStandardError("prepare-data: unreadable: \(line)\n")
      }
      throw error
    }
    try trace?.write(besides: arguments.string("output"))
  }

  /// Streams all splits of a source into the artifact and gathers their statistics on the way.
  private static func write(
    _ source: some ImageSource, _ configuration: DataConfiguration, _ arguments: ParsedArguments,
    to target: consuming PendingFile
  ) throws {
    let description = source.description
    let inputs: [ArtifactInput]
    switch source.digest {
    case .file(let name, _, let sha256), .folder(let name, let sha256):
      inputs = [ArtifactInput(role: .raw, fileName: name, contentSHA256: sha256)]
    case .generator: inputs = []
    }
    let header = ArtifactHeader(
      kind: .dataset, profile: arguments.choice("profile", as: Profile.self), dataset: description.name,
      resolution: source.resolution,
      title: "\(description.title) at \(source.resolution) pixels", isOfficial: source.isOfficial,
      isComparable: configuration.isComparable(official: source.isOfficial),
      isGenerated: configuration.source == .sample,
      isLeaking: source.isLeaking, seed: configuration.recordedSeed,
      configuration: configuration.recorded.canonicalText,
      inputs: inputs)
    let counts = Dictionary(uniqueKeysWithValues: Split.allCases.map { ($0, source.count(of: $0)) })
    let contents = DatasetContents(
      task: description.task, licence: description.licence, citation: description.citation,
      classNames: description.classNames, channels: source.channels, counts: counts, source: source.digest)
    var writer = try DatasetArtifactWriter(
      target: target, header: header, contents: contents)
    var statistics = DatasetStatistics(for: source)
    let progress = ProgressReporter(
      "prepare-data \(description.name)-\(source.resolution)", total: counts.values.reduce(0, +),
      style: arguments.progressStyle)
    for notice in source.notices { progress.note(notice) }
    for split in Split.allCases {
      let labels = try source.labels(split)
      var done = 0
      try source.readImages(split, batch: batch(imageSize: source.imageSize)) { images, count in
        let digests = try writer.appendImages(split, images, count: count)
        statistics.add(images, labels: labels[done..<done + count], digests: digests, to: split)
        done += count
        progress.advance(by: count)
      }
      if let found = statistics.splits[split] {
        try writer.finish(split, labels: labels.map { UInt8($0) }, statistics: found)
      }
    }
    _ = try writer.publish(
      duplicates: statistics.duplicates, pairCount: statistics.duplicatePairCount,
      manifest: source.manifest, leftOut: source.leftOut)
    let across = statistics.duplicates.count { $0.firstSplit != $0.secondSplit }
    if across > 0 { progress.note("warning: \(across) pairs of equal images in different splits") }
    progress.finish()
  }

  /// About a megabyte of images at a time.
  private static func batch(imageSize: Int) -> Int { max(1, (1 << 20) / imageSize) }
}
