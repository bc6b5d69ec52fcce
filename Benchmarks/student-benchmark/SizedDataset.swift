import Artifacts
import CommandLineKit
import Datasets
import JSON
import Learners
import Measurement
import Metrics
import Threads
import Training
import TransformerKernels
import VectorMath

extension Benchmark {
  /// Writes a dataset artifact as large as the published dataset, with `trainingImages` of them where given (the other
  /// splits in proportion). An image is a gradient by its label under noise, so that it compresses about as little as a
  /// photograph and a student learns something from it.
  static func writeDataset(
    named name: String, resolution: Int, trainingImages: Int?, to path: String
  ) throws {
    let description = try Catalogue.dataset(named: name)
    guard let published = description.officialCounts, let publishedTraining = published[.train] else {
      throw UsageError("--dataset \(name): no size is published")
    }
    let counts = published.mapValues { count in
      trainingImages.map { max(2 * description.classes, count * $0 / publishedTraining) } ?? count
    }
    let header = ArtifactHeader(
      kind: .dataset, profile: "benchmark", dataset: name, resolution: resolution,
      title: "\(description.title) at \(resolution) pixels, generated for a benchmark", isOfficial: false,
      isComparable: false, seed: 0, configuration: "{}", inputs: [])
    let contents = DatasetContents(
      task: description.task.rawValue, licence: description.licence, citation: description.citation,
      classNames: description.classNames, channels: description.channels, counts: counts,
      source: .generator(name: "benchmark", version: 1))
    var writer = try DatasetArtifactWriter(path: path, header: header, contents: contents)
    let imageSize = resolution * resolution * description.channels
    var statistics = DatasetStatistics(
      classes: description.classes, channels: description.channels, imageSize: imageSize)
    for split in Split.allCases {
      let count = counts[split, default: 0]
      let labels = (0..<count).map { $0 % description.classes }
      for first in stride(from: 0, to: count, by: 64) {
        let part = first..<min(first + 64, count)
        var images: [UInt8] = []
        images.reserveCapacity(part.count * imageSize)
        for index in part {
          var stream = RandomStream(seed: 1, purpose: "benchmark dataset", UInt64(split.order), UInt64(index))
          append(imageOf: labels[index], resolution, description.channels, &stream, to: &images)
        }
        try images.withUnsafeBufferPointer {
          try writer.appendImages(split, $0, count: part.count)
          statistics.add($0, labels: labels[part], to: split)
        }
        try Interruption.check()
      }
      if let found = statistics.splits[split] {
        try writer.finish(split, labels: labels.map { UInt8($0) }, statistics: StoredStatistics(found, of: split))
      }
    }
    _ = try writer.publish(duplicates: [], pairCount: 0)
  }

  private static func append(
    imageOf label: Int, _ resolution: Int, _ channels: Int, _ stream: inout RandomStream, to images: inout [UInt8]
  ) {
    let (across, down) = (label % 4 * 6, label / 4 * 6)
    for y in 0..<resolution {
      for x in 0..<resolution {
        let noise = stream.next()
        for c in 0..<channels {
          let level = 64 + (x * across + y * down) * 2 / resolution + 20 * c
          images.append(UInt8(level) + UInt8(truncatingIfNeeded: noise >> (8 * UInt32(c))) & 63)
        }
      }
    }
  }

  /// Prints the processor time it takes until a dataset's training images are in the kernels' layout in memory, as `train` does it.
  static func measureLoading(of path: String, threads: Int) throws {
    let start = Clock.processor.now
    let dataset = try DatasetArtifact(path: path)
    let geometry = PatchGeometry(imageSize: dataset.header.resolution, channels: dataset.contents.channels)
    let data = try dataset.inMemory(.train, geometry, WorkerPool(threads: threads))
    try printLine([
      "images": .number(Double(data.count)), "seconds": .number(Clock.processor.now - start),
    ])
  }
}
