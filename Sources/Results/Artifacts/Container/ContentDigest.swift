import Digests

/// The digest of everything an artifact says: SHA-256 over one line per array and per attribute, sorted, each ended by a
/// newline.
///
///     <sha256 of the array's little-endian bytes>  <path> <type> <shape>
///     @<path of the object>@<name> <type> <value>
///
/// Scales, the references between them, and the digests themselves are no content.
struct ContentDigest {
  private var lines: [String] = []

  /// Attributes that carry no content: digests, the mark of completion, and what dimension scales need.
  static let ignoredAttributes: Set<String> = [
    HeaderSchema.sha256, HeaderSchema.contentSHA256, HeaderSchema.complete,
    "CLASS", "NAME", "DIMENSION_LIST", "REFERENCE_LIST", "DIMENSION_LABELS",
  ]

  /// Adds an array.
  mutating func add(array place: HDF5Place, type: String, shape: [Int], sha256: String) {
    lines.append("\(sha256)  \(place.object) \(type) [\(shape.map(String.init).joined(separator: ","))]")
  }

  /// Adds an attribute of the object at `place`.
  mutating func add(attribute name: String, of place: HDF5Place, value: HDF5Value) {
    lines.append("@\(place.object)@\(name) \(value.canonicalText)")
  }

  /// 64 hexadecimal digits.
  func finalize() -> String {
    var digest = SHA256()
    for line in lines.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
      Array((line + "\n").utf8).withUnsafeBytes { digest.update($0) }
    }
    return digest.finalize()
  }
}
