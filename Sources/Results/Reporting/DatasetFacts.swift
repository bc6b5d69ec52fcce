public import Artifacts
public import Datasets

/// What a dataset artifact says about its images: an entry of the dataset section.
public struct DatasetFacts: Sendable, Equatable {
  /// What the images of one resolution were made from.
  public struct Origin: Sendable, Equatable {
    /// The edge length of the images in pixels.
    public var resolution: Int
    /// File, folder or generator, and its digest or version: "breastmnist.npz, MD5 7506…".
    public var text: String

    /// An origin from its parts.
    public init(resolution: Int, text: String) {
      self.resolution = resolution
      self.text = text
    }
  }

  /// The dataset's flag.
  public var dataset: String
  /// What the labels mean.
  public var task: ClassificationTask
  /// The names of the classes, `[K]`.
  public var classNames: [String]
  /// The figures of each split.
  public var splits: [Split: SplitStatistics]
  /// Licence or terms of use.
  public var licence: String
  /// What to cite.
  public var citation: String
  /// Where the images come from.
  public var source: ImageOrigin
  /// Whether images of one patient may be in more than one split.
  public var hasLeakingSplit: Bool
  /// One for each resolution.
  public var origins: [Origin]

  /// Facts from their parts, in the order of the properties.
  public init(
    dataset: String, task: ClassificationTask, classNames: [String], splits: [Split: SplitStatistics], licence: String,
    citation: String, source: ImageOrigin, hasLeakingSplit: Bool, origins: [Origin]
  ) {
    self.dataset = dataset
    self.task = task
    self.classNames = classNames
    self.splits = splits
    self.licence = licence
    self.citation = citation
    self.source = source
    self.hasLeakingSplit = hasLeakingSplit
    self.origins = origins
  }

  /// Images of each class of a split, `[K]`.
  public func classCounts(_ split: Split) -> [Int] {
    splits[split]?.classCounts ?? Array(repeating: 0, count: classNames.count)
  }

  /// Images of a split.
  public func count(_ split: Split) -> Int { classCounts(split).reduce(0, +) }

  /// The accuracy on a split of always answering its own most frequent class; NaN without images.
  public func majorityBaseline(on split: Split) -> Double {
    Double(classCounts(split).max() ?? 0) / Double(count(split))
  }

  /// The accuracy on the test split of always answering the most frequent class of train, the first of several; NaN
  /// without images.
  public var trainMajorityAccuracy: Double {
    let train = classCounts(.train)
    guard let most = train.max(), let label = train.firstIndex(of: most) else { return .nan }
    return Double(classCounts(.test)[label]) / Double(count(.test))
  }

  /// What is wrong with a comparison of scores on these images, if anything.
  public var marks: [DatasetMark] {
    [source.mark, hasLeakingSplit ? .leaking : nil].compactMap(\.self)
  }

  /// How many images of one split equal an image of another; nil if none does.
  public var duplicates: String? {
    let texts = Split.allCases.flatMap { split in
      Split.allCases.compactMap { other -> String? in
        guard other != split, let equal = splits[split]?.duplicateImages[other], equal > 0 else { return nil }
        return "\(grouped(equal)) of \(grouped(count(split))) \(split.rawValue) images equal a \(other.rawValue) image"
      }
    }
    return texts.isEmpty ? nil : texts.joined(separator: ", ")
  }

  /// The same facts but for the resolution; nil if they differ. Pixel values are those of a resolution.
  func merged(with other: DatasetFacts) -> DatasetFacts? {
    func common(_ facts: DatasetFacts) -> DatasetFacts {
      var facts = facts
      facts.origins = []
      facts.splits = facts.splits.mapValues {
        SplitStatistics(classCounts: $0.classCounts, channels: [], duplicateImages: $0.duplicateImages)
      }
      return facts
    }
    guard common(self) == common(other) else { return nil }
    var merged = self
    merged.origins += other.origins
    return merged
  }
}

/// What a dataset is marked with in tables.
public enum DatasetMark: String, CaseIterable, Sendable {
  case unofficial = "†"
  case own = "¶"
  case leaking = "‡"
  case generated = "§"

  /// A phrase.
  public var text: String {
    switch self {
    case .unofficial: "not the official file"
    case .own: "no official file exists: images chosen and divided here"
    case .leaking: "images of one patient are in more than one split, so the scores are too high"
    case .generated: "generated sample images"
    }
  }

  /// A few words.
  public var shortText: String {
    switch self {
    case .unofficial: "not the official file"
    case .own: "no official file exists"
    case .leaking: "leaking split"
    case .generated: "generated images"
    }
  }
}

extension ImageOrigin {
  /// The mark of a dataset from here; nil if it needs none.
  var mark: DatasetMark? {
    switch self {
    case .official: nil
    case .unofficial: .unofficial
    case .own: .own
    case .generated: .generated
    }
  }
}
