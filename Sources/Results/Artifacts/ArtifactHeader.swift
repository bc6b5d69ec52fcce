import Datasets

/// What every artifact says about itself: what it is, what made it, and from what.
public struct ArtifactHeader: Sendable, Equatable {
  /// What it holds.
  public var kind: ArtifactKind
  /// Name and version of the program that wrote it: `qvit 0.1.0`.
  public var software = "\(Software.name) \(Software.version)"
  /// `Software.resultsVersion` of that program.
  public var resultsVersion = Software.resultsVersion
  /// Profile it belongs to.
  public var profile: Profile
  /// Dataset: `breastmnist`.
  public var dataset: String
  /// Side of the images in pixels: 28, 224.
  public var resolution: Int
  /// One line for people: `BreastMNIST at 28 pixels`.
  public var title: String
  /// Whether all data come from the published files (their digests are the official ones).
  public var isOfficial: Bool
  /// Whether results may be compared with the paper's: false for sample data.
  public var isComparable: Bool
  /// Whether the images were drawn by a generator.
  public var isGenerated: Bool
  /// Whether images of one patient may be in several splits.
  public var isLeaking: Bool
  /// Seed of the run; 0 where nothing is random.
  public var seed: UInt64
  /// All settings of the run as canonical JSON.
  public var configuration: String
  /// The files it was made from.
  public var inputs: [ArtifactInput]
  /// The model, if there is one.
  public var model: ArtifactModel?
  /// Where the model comes from; nil for a dataset.
  public var descent: Descent?

  /// A header for an artifact of this program.
  public init(
    kind: ArtifactKind, profile: Profile, dataset: String, resolution: Int, title: String, isOfficial: Bool,
    isComparable: Bool, isGenerated: Bool = false, isLeaking: Bool = false, seed: UInt64, configuration: String,
    inputs: [ArtifactInput] = [], model: ArtifactModel? = nil, descent: Descent? = nil
  ) {
    self.kind = kind
    self.profile = profile
    self.dataset = dataset
    self.resolution = resolution
    self.title = title
    self.isOfficial = isOfficial
    self.isComparable = isComparable
    self.isGenerated = isGenerated
    self.isLeaking = isLeaking
    self.seed = seed
    self.configuration = configuration
    self.inputs = inputs
    self.model = model
    self.descent = descent
  }

  /// A header for what is made from a dataset: it belongs to that one's profile, and what holds for its images holds for it.
  public init(
    kind: ArtifactKind, of dataset: ArtifactHeader, title: String, seed: UInt64, configuration: String,
    inputs: [ArtifactInput], model: ArtifactModel, descent: Descent
  ) {
    self.init(
      kind: kind, profile: dataset.profile, dataset: dataset.dataset, resolution: dataset.resolution, title: title,
      isOfficial: dataset.isOfficial, isComparable: dataset.isComparable, isGenerated: dataset.isGenerated,
      isLeaking: dataset.isLeaking, seed: seed, configuration: configuration, inputs: inputs, model: model,
      descent: descent)
  }

  /// Where the images come from. What has no published file cannot be unofficial.
  public var origin: ImageOrigin {
    isOfficial ? .official : isGenerated ? .generated : Catalogue.hasOfficialFiles(dataset) ? .unofficial : .own
  }
}

/// What a model is called and how it came about; with dataset, resolution and seed it names every file of the model.
public struct ArtifactModel: Sendable, Hashable {
  /// The variant: the name of the settings file (`qvit`), `tinyvit-q4` for a teacher, a name given by the user for scores
  /// from elsewhere.
  public var variant: String
  /// How it came about.
  public var regime: Regime
  /// Its architecture; nil if it was made elsewhere.
  public var kind: ModelKind?

  /// A model.
  public init(variant: String, regime: Regime, kind: ModelKind?) {
    self.variant = variant
    self.regime = regime
    self.kind = kind
  }

  /// A teacher whose penultimate vector has q components.
  public static func teacher(width: Int) -> ArtifactModel {
    ArtifactModel(variant: "\(teacherPrefix)\(width)", regime: .teacher, kind: .tinyvit)
  }

  /// The width of a teacher, which is in its name; nil for any other model.
  public var teacherWidth: Int? {
    regime == .teacher && variant.hasPrefix(Self.teacherPrefix) ? Int(variant.dropFirst(Self.teacherPrefix.count)) : nil
  }

  private static let teacherPrefix = "tinyvit-q"

  /// Whether a variant can be called so: its name becomes part of paths and of make's rules, where nothing in it may be more
  /// than a name.
  public static func isVariantName(_ name: String) -> Bool {
    name.wholeMatch(of: /[A-Za-z0-9][A-Za-z0-9_-]*/) != nil
  }
}

/// A file that an artifact was made from.
public struct ArtifactInput: Sendable, Equatable {
  /// What it was used for.
  public var role: InputRole
  /// Its name without directory.
  public var fileName: String
  /// `content_sha256` of an artifact, the SHA-256 of any other file.
  public var contentSHA256: String

  /// An input.
  public init(role: InputRole, fileName: String, contentSHA256: String) {
    self.role = role
    self.fileName = fileName
    self.contentSHA256 = contentSHA256
  }
}
