/// Where a model comes from: the images it was made from, the weights it began with, and the same of every model before it,
/// back to files from outside. It is recorded in the header of every artifact but a dataset, and goes from there into all
/// that is made from it.
public struct Descent: Sendable, Equatable {
  /// What the artifact itself was made from.
  public var own: Generation
  /// The models before it, the nearest first: a trained student's distilled one, then the teacher.
  public var ancestors: [Ancestor]

  /// A descent.
  public init(_ own: Generation, ancestors: [Ancestor] = []) {
    self.own = own
    self.ancestors = ancestors
  }

  /// The teacher a student was distilled from; nil if it was not.
  public var teacher: Ancestor? { ancestors.first { $0.role == .teacher } }

  /// The distilled student that a training began with; nil if there was none.
  public var distilled: Ancestor? { ancestors.first { $0.role == .initial } }

  /// What the first model of all began with; nil where no teacher is involved.
  public var beginning: StartingWeights? { ([own] + ancestors.map(\.generation)).compactMap(\.start).last }
}

/// What one model was made from, and what became of it.
public struct Generation: Sendable, Equatable {
  /// The images.
  public var images: ImageDescent
  /// What a teacher began with; nil for students.
  public var start: StartingWeights?
  /// The components of its penultimate vector; nil before it is made, and for models made elsewhere.
  public var components: PenultimateComponents?
  /// The program that trained it, where that is not ours.
  public var program: OtherProgram?

  /// A generation.
  public init(
    images: ImageDescent, start: StartingWeights? = nil, components: PenultimateComponents? = nil,
    program: OtherProgram? = nil
  ) {
    self.program = program
    self.images = images
    self.start = start
    self.components = components
  }
}
