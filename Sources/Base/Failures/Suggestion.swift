/// The known name that a mistyped one most probably means, for "did you mean …" in a failure.
///
/// Distance is the number of insertions, deletions, replacements and swaps of neighbours; at most a third of the longer
/// name may differ (one character is always allowed for), so that unrelated names give no suggestion.
/// - Returns: the nearest of `names`, the first of several equally near, or nil.
public func nearestName(to name: String, among names: [String]) -> String? {
  var best: (name: String, distance: Int)?
  for candidate in names {
    guard abs(candidate.utf8.count - name.utf8.count) <= 8, name.utf8.count <= 64 else { continue }
    let distance = editDistance(Array(name.utf8), Array(candidate.utf8))
    let limit = max(1, max(name.utf8.count, candidate.utf8.count) / 3)
    if distance <= limit, distance < best?.distance ?? .max { best = (candidate, distance) }
  }
  return best?.name
}

/// What a failure says behind a mistyped name: " (did you mean 'epochs'?)", or nothing where no name is like it.
/// - Parameter prefix: what is written before each of the names, for example `--`.
public func suggestion(for name: String, among names: [String], prefix: String = "") -> String {
  nearestName(to: name, among: names).map { " (did you mean '\(prefix)\($0)'?)" } ?? ""
}

/// Optimal string alignment distance, by rows.
private func editDistance(_ a: [UInt8], _ b: [UInt8]) -> Int {
  var beforePrevious = [Int](repeating: 0, count: b.count + 1)
  var previous = Array(0...b.count)
  for i in 0..<a.count {
    var current = [i + 1]
    for j in 0..<b.count {
      var distance = min(previous[j] + (a[i] == b[j] ? 0 : 1), previous[j + 1] + 1, current[j] + 1)
      if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
        distance = min(distance, beforePrevious[j - 1] + 1)
      }
      current.append(distance)
    }
    beforePrevious = previous
    previous = current
  }
  return previous[b.count]
}
