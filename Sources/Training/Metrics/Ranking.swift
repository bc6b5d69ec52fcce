/// The images ordered by one score, cut into groups of equal scores. Made once, it serves any number of label vectors
/// and resamples in linear time.
struct Ranking: Sendable {
  /// Image indices by ascending score; equal scores in ascending index.
  let order: [Int32]
  /// The ends (exclusive, into `order`) of the groups of equal scores.
  let groupEnds: [Int32]

  init(_ scores: [Double]) {
    order = scores.indices.map(Int32.init).sorted { (a, b) in
      let (x, y) = (scores[Int(a)], scores[Int(b)])
      return x < y || (x == y && a < b)
    }
    var ends: [Int32] = []
    for position in order.indices {
      let next = position + 1
      if next == order.count || scores[Int(order[next])] != scores[Int(order[position])] {
        ends.append(Int32(next))
      }
    }
    groupEnds = ends
  }
}
