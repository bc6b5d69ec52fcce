/// A processor's qubits and which of them are coupled, as an infinite lattice: a piece of any size is the same everywhere, so
/// that nothing depends on where a processor ends.
public enum QubitLattice: String, CaseIterable, Sendable {
  /// IBM's heavy hexagons: a honeycomb with a qubit on each corner and on each edge, so that the shortest cycle has twelve.
  /// Even rows are lines of qubits; those between them are bridges, one at every fourth column, moved by two from one row of
  /// bridges to the next.
  ///
  /// Source: C. Chamberland et al., Phys. Rev. X 10, 011022 (2020), arXiv:1907.09528.
  case heavyHex = "heavy-hex"
  /// Rigetti's square lattice of the Ankaa processors.
  case square

  /// The place of a qubit.
  public struct Site: Hashable, Sendable {
    /// From the top.
    public var row: Int
    /// From the left.
    public var column: Int

    /// The place in a row and a column.
    public init(_ row: Int, _ column: Int) {
      self.row = row
      self.column = column
    }
  }

  /// The qubits coupled with one, always in the same order.
  public func neighbours(of site: Site) -> [Site] {
    let (row, column) = (site.row, site.column)
    let beside = [Site(row, column + 1), Site(row, column - 1)]
    let (below, above) = (Site(row + 1, column), Site(row - 1, column))
    switch self {
    case .square: return beside + [below, above]
    case .heavyHex:
      guard Self.isLine(row) else { return [below, above] }
      return beside + [below, above].filter(Self.hasBridge)
    }
  }

  private static func isLine(_ row: Int) -> Bool { row.isMultiple(of: 2) }

  /// Whether there is a bridge at a site between two lines.
  private static func hasBridge(_ site: Site) -> Bool {
    (site.column - (site.row - 1)).isMultiple(of: 4)
  }

  /// A site of each kind: any other is one of these seen after a shift, a turn or a reflection of the lattice.
  var representatives: [Site] {
    switch self {
    case .square: [Site(0, 0)]
    case .heavyHex: [Site(0, 0), Site(0, 1)]
    }
  }

  /// A shift to the right that leaves the lattice as it is.
  static let period = 4

  /// The sites from one to another by the fewest couplings, both included; of several such ways always the same.
  func path(from start: Site, to end: Site) -> [Site] {
    var previous = [start: start]
    var reached = [start]
    var next = 0
    while previous[end] == nil {
      let site = reached[next]
      next += 1
      for neighbour in neighbours(of: site) where previous[neighbour] == nil {
        previous[neighbour] = site
        reached.append(neighbour)
      }
    }
    var path = [end]
    while let last = path.last, last != start, let before = previous[last] { path.append(before) }
    return path.reversed()
  }
}
