public import Artifacts
public import Claims
public import Multiverse
public import Drawing
public import Figures
public import QuantumCircuits
public import Reporting

/// Everything the page shows, as values: who reads artifacts makes it, and the page follows from it alone.
public struct ReportContents: Sendable {
  /// The tables, in the order they were declared.
  public var tables: [ResultTable]
  /// What the datasets are.
  public var datasets: DatasetTable
  /// Images of the datasets, by dataset.
  public var samples: [String: [ClassSample]] = [:]
  /// Circuits and angles, one for each entry of students with circuits.
  public var circuits: [TrainedCircuits] = []
  /// Where students look.
  public var attention: [AttentionExample] = []
  /// All artifacts that the numbers follow from, in the order of the stages.
  public var artifacts: [ArtifactRecord] = []
  /// How long trainings took, where their side logs are there.
  public var times: [TrainingTime] = []
  /// Settings that are not the pipeline's defaults.
  public var settings: [SettingDifference] = []
  /// How many artifacts of each stage there are.
  public var stages = StageGraph()
  /// The verdicts on the paper's claims.
  public var claims: ClaimReport?
  /// What the controls decide.
  public var controls: ClaimReport?
  /// What the readings of the paper do.
  public var multiverse: MultiverseReport?
  /// Why the sweeps there are make no such table.
  public var multiverseProblem: String?
  /// Another run beside this one.
  public var comparison: ReportComparison?

  /// What is shown of tables and datasets; the rest is added.
  public init(tables: [ResultTable], datasets: DatasetTable) {
    self.tables = tables
    self.datasets = datasets
  }

  /// A class of a dataset with images of it.
  public struct ClassSample: Sendable, Equatable {
    /// The class.
    public var name: String
    /// Its first training images, side by side.
    public var images: DataURL
    /// How many.
    public var count: Int

    /// A class with images.
    public init(name: String, images: DataURL, count: Int) {
      self.name = name
      self.images = images
      self.count = count
    }
  }

  /// The circuits of an entry's students.
  public struct TrainedCircuits: Sendable {
    /// The entry: row and dataset.
    public var name: String
    /// The entry's key in file names.
    public var key: String
    /// One of the circuits; all are alike.
    public var circuit: Circuit
    /// The angles of each projection, by seed.
    public var projections: [AnglePlot.Projection]

    /// Circuits with their angles.
    public init(name: String, key: String, circuit: Circuit, projections: [AnglePlot.Projection]) {
      self.name = name
      self.key = key
      self.circuit = circuit
      self.projections = projections
    }
  }

  /// An image of a class, and where students look in it.
  public struct AttentionExample: Sendable {
    /// The dataset.
    public var dataset: String
    /// The side of the images in pixels.
    public var resolution: Int
    /// The class of the image.
    public var className: String
    /// The image's place in the test split.
    public var sample: Int
    /// What each student predicted: "QViT_28: malignant".
    public var predictions: [String]
    /// The image.
    public var image: DataURL
    /// The maps of all heads in one.
    public var map: DataURL
    /// All students' heads.
    public var heads: [AttentionPicture.Head]

    /// An image with maps.
    public init(
      dataset: String, resolution: Int, className: String, sample: Int, predictions: [String], image: DataURL,
      map: DataURL, heads: [AttentionPicture.Head]
    ) {
      self.dataset = dataset
      self.resolution = resolution
      self.className = className
      self.sample = sample
      self.predictions = predictions
      self.image = image
      self.map = map
      self.heads = heads
    }
  }

  /// A file that numbers follow from.
  public struct ArtifactRecord: Sendable, Equatable {
    /// Its path.
    public var path: String
    /// What it holds.
    public var kind: ArtifactKind
    /// The digest of its content.
    public var contentSHA256: String
    /// What it was made from: a path where it is another artifact, else a name, and the digest.
    public var inputs: [Input]

    /// An input.
    public struct Input: Sendable, Equatable {
      /// Path or name.
      public var name: String
      /// The digest of its content when the artifact was made from it.
      public var contentSHA256: String

      /// An input.
      public init(name: String, contentSHA256: String) {
        self.name = name
        self.contentSHA256 = contentSHA256
      }
    }

    /// A record.
    public init(path: String, kind: ArtifactKind, contentSHA256: String, inputs: [Input]) {
      self.path = path
      self.kind = kind
      self.contentSHA256 = contentSHA256
      self.inputs = inputs
    }
  }

  /// How long the trainings of one kind took.
  public struct TrainingTime: Sendable, Equatable {
    /// What was trained: stage and row or dataset.
    public var name: String
    /// Trainings with a side log.
    public var runs: Int
    /// Their seconds together.
    public var seconds: Double
    /// The images they saw.
    public var images: Double

    /// Times of some runs.
    public init(name: String, runs: Int, seconds: Double, images: Double) {
      self.name = name
      self.runs = runs
      self.seconds = seconds
      self.images = images
    }
  }

  /// A setting that is not the default.
  public struct SettingDifference: Sendable, Equatable {
    /// The settings file.
    public var file: String
    /// The key.
    public var key: String
    /// Its value here.
    public var here: String
    /// The default.
    public var usual: String

    /// A difference.
    public init(file: String, key: String, here: String, usual: String) {
      self.file = file
      self.key = key
      self.here = here
      self.usual = usual
    }
  }
}
