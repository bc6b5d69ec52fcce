import Glibc

/// A rectangle that is taken.
public struct Box: Sendable, Equatable {
  /// Its edges.
  public let left, top, right, bottom: Double

  /// A box by its edges.
  public init(left: Double, top: Double, right: Double, bottom: Double) {
    self.left = left
    self.top = top
    self.right = right
    self.bottom = bottom
  }

  /// Whether two boxes share an area.
  public func overlaps(_ other: Box) -> Bool {
    left < other.right && other.left < right && top < other.bottom && other.top < bottom
  }

  func isInside(_ other: Box) -> Bool {
    left >= other.left && right <= other.right && top >= other.top && bottom <= other.bottom
  }
}

/// Finds places for the labels of points so that no label lies on another one or on a point: beside the point where there is
/// room, otherwise further away with a line to it.
public struct LabelPlacement: Sendable {
  /// Where a label stands.
  public struct Place: Sendable, Equatable {
    /// What it covers.
    public let box: Box
    /// Whether it is so far from its point that a line must join them.
    public let needsLine: Bool
  }

  private let field: Box
  private var taken: [Box]

  /// Labels within `field`, for points each of which takes a box.
  public init(field: Box, points: [Box]) {
    self.field = field
    taken = points
  }

  /// The place of a label of a point; nil if there is none in the whole field.
  public mutating func place(width: Double, height: Double, at x: Double, _ y: Double) -> Place? {
    for ring in 0..<24 {
      let distance = 5 + 4 * Double(ring)
      // Right first, then left, above, below and between: a fixed order, so that equal pictures are equal.
      for direction in [0, 8, 12, 4, 14, 2, 10, 6, 15, 1, 9, 7, 13, 3, 11, 5] {
        let angle = Double(direction) * .pi / 8
        let (dx, dy) = (cos(angle), sin(angle))
        let centreX = x + dx * (distance + width / 2)
        let centreY = y + dy * (distance + height / 2)
        let box = Box(
          left: centreX - width / 2, top: centreY - height / 2, right: centreX + width / 2, bottom: centreY + height / 2
        )
        guard box.isInside(field), !taken.contains(where: box.overlaps) else { continue }
        taken.append(box)
        return Place(box: box, needsLine: ring > 1)
      }
    }
    return nil
  }
}
