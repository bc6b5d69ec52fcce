/// The components of a model's penultimate vector over its training images. One that is the same for all images says nothing
/// about any: behind a ReLU it is most often zero, and then nothing is learned through it any more.
public struct PenultimateComponents: Sendable, Equatable {
  /// How many there are.
  public var count: Int
  /// Those that are the same for all images, ascending.
  public var constant: [Int]

  /// Components as they were found.
  public init(count: Int, constant: [Int]) {
    self.count = count
    self.constant = constant
  }

  /// The components of vectors `[N, width]`, one for each training image. Of fewer than two images nothing can be said.
  public init(of vectors: [Float], width: Int) {
    count = width
    guard width > 0, vectors.count >= 2 * width else {
      constant = []
      return
    }
    constant = (0..<width).filter { component in
      stride(from: component, to: vectors.count, by: width).allSatisfy { vectors[$0] == vectors[component] }
    }
  }

  /// Those that are constant here and not in another vector of the same width.
  public func silenced(of other: PenultimateComponents) -> [Int] { constant.filter { !other.constant.contains($0) } }
}
