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

  /// The numbers of images without and with the class at or above each distinct score, as the threshold falls from above the
  /// highest one: false and true positives.
  func countsAbove(positives: [Bool]) -> (falsePositives: [Int], truePositives: [Int]) {
    var counts: (falsePositives: [Int], truePositives: [Int]) = ([], [])
    var (misses, hits) = (0, 0)
    var end = order.count
    for group in groupEnds.indices.reversed() {
      let start = group == 0 ? 0 : Int(groupEnds[group - 1])
      for position in start..<end {
        if positives[Int(order[position])] { hits += 1 } else { misses += 1 }
      }
      counts.falsePositives.append(misses)
      counts.truePositives.append(hits)
      end = start
    }
    return counts
  }
}
