/// What a dataset artifact says about its images: an entry of the dataset section.
public struct DatasetFacts: Sendable, Equatable {
  /// One split.
  public struct Split: Sendable, Equatable {
    /// `train`, `val` or `test`.
    public var name: String
    /// Images of each class, `[K]`.
    public var classCounts: [Int]
    /// By the names of the splits before this one: images that equal an image there in every pixel.
    public var duplicates: [String: Int]

    /// A split from its parts.
    public init(name: String, classCounts: [Int], duplicates: [String: Int]) {
      self.name = name
      self.classCounts = classCounts
      self.duplicates = duplicates
    }

    /// Number of images.
    public var count: Int { classCounts.reduce(0, +) }
  }

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
  /// MedMNIST's name of the task.
  public var task: String
  /// The names of the classes, `[K]`.
  public var classNames: [String]
  /// Train, val, test.
  public var splits: [Split]
  /// Licence or terms of use.
  public var licence: String
  /// What to cite.
  public var citation: String
  /// Where the images come from.
  public var source: DataSource
  /// Whether images of one patient may be in more than one split.
  public var hasLeakingSplit: Bool
  /// One for each resolution.
  public var origins: [Origin]

  /// Facts from their parts, in the order of the properties.
  public init(
    dataset: String, task: String, classNames: [String], splits: [Split], licence: String, citation: String,
    source: DataSource, hasLeakingSplit: Bool, origins: [Origin]
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

  /// A split by its name; without images if there is none.
  public func split(_ name: String) -> Split {
    splits.first { $0.name == name }
      ?? Split(name: name, classCounts: Array(repeating: 0, count: classNames.count), duplicates: [:])
  }

  /// The accuracy on a split of always answering its own most frequent class; NaN without images.
  public func majorityBaseline(on name: String) -> Double {
    let split = split(name)
    return Double(split.classCounts.max() ?? 0) / Double(split.count)
  }

  /// The accuracy on the test split of always answering the most frequent class of train, the first of several; NaN
  /// without images.
  public var trainMajorityAccuracy: Double {
    let train = split("train").classCounts
    let test = split("test")
    guard let most = train.max(), let label = train.firstIndex(of: most) else { return .nan }
    return Double(test.classCounts[label]) / Double(test.count)
  }

  /// What is wrong with a comparison of scores on these images, if anything.
  var marks: [DatasetMark] {
    [source.mark, hasLeakingSplit ? .leaking : nil].compactMap(\.self)
  }

  /// How many images of one split equal an image of another; nil if none does.
  var duplicates: String? {
    let texts = splits.flatMap { split in
      ["train", "val", "test"].compactMap { other -> String? in
        guard other != split.name, let count = split.duplicates[other], count > 0 else { return nil }
        return "\(grouped(count)) of \(grouped(split.count)) \(split.name) images equal a \(other) image"
      }
    }
    return texts.isEmpty ? nil : texts.joined(separator: ", ")
  }

  /// The same facts but for the resolution; nil if they differ.
  func merged(with other: DatasetFacts) -> DatasetFacts? {
    var (one, two) = (self, other)
    one.origins = []
    two.origins = []
    guard one == two else { return nil }
    one.origins = origins + other.origins
    return one
  }
}

/// What a dataset is marked with in tables.
enum DatasetMark: String, CaseIterable {
  case unofficial = "†"
  case own = "¶"
  case leaking = "‡"
  case generated = "§"

  /// A phrase.
  var text: String {
    switch self {
    case .unofficial: "not the official file"
    case .own: "no official file exists: images chosen and divided here"
    case .leaking: "images of one patient are in more than one split, so the scores are too high"
    case .generated: "generated sample images"
    }
  }

  /// A few words.
  var shortText: String {
    switch self {
    case .unofficial: "not the official file"
    case .own: "no official file exists"
    case .leaking: "leaking split"
    case .generated: "generated images"
    }
  }
}

extension DataSource {
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
