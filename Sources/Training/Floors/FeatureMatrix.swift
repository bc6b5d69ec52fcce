/// Rows of single-precision numbers, N images of D features each, `[N, D]`, multiplied with weights in double precision.
///
/// A chunk of rows is a unit of work: its extent depends on N alone, so that sums over the rows have the same bits from any
/// number of threads.
public struct FeatureMatrix: Sendable {
  /// N.
  public let rows: Int
  /// D.
  public let columns: Int
  /// `[N, D]`.
  let values: [Float]

  /// Rows one after the other.
  /// - Precondition: as many values as rows of `columns` have.
  public init(_ values: [Float], columns: Int) {
    precondition(columns > 0 && values.count.isMultiple(of: columns), "\(values.count) values in rows of \(columns)")
    self.values = values
    self.columns = columns
    rows = values.count / columns
  }

  /// The number of chunks, and the rows of each: 64 chunks at most, of 64 rows at least.
  var rowsPerChunk: Int { max(64, (rows + 63) / 64) }
  var chunks: Int { (rows + rowsPerChunk - 1) / rowsPerChunk }
  func range(ofChunk chunk: Int) -> Range<Int> { chunk * rowsPerChunk..<min((chunk + 1) * rowsPerChunk, rows) }

  /// Σ_d x[row, d] w[d] in 16 partial sums, which are added by halving.
  @inline(__always)
  static func dot(_ x: UnsafePointer<Float>, _ w: UnsafePointer<Double>, _ count: Int) -> Double {
    var (low, high) = (SIMD8<Double>(repeating: 0), SIMD8<Double>(repeating: 0))
    var d = 0
    while d + 16 <= count {
      let features = UnsafeRawPointer(x + d).loadUnaligned(as: SIMD16<Float>.self)
      low.addProduct(
        SIMD8<Double>(features.lowHalf), UnsafeRawPointer(w + d).loadUnaligned(as: SIMD8<Double>.self))
      high.addProduct(
        SIMD8<Double>(features.highHalf), UnsafeRawPointer(w + d + 8).loadUnaligned(as: SIMD8<Double>.self))
      d += 16
    }
    let eight = low + high
    let four = eight.lowHalf + eight.highHalf
    let two = four.lowHalf + four.highHalf
    var sum = two[0] + two[1]
    while d < count {
      sum.addProduct(Double(x[d]), w[d])
      d += 1
    }
    return sum
  }

  /// y[d] += a x[row, d].
  @inline(__always)
  static func add(_ a: Double, _ x: UnsafePointer<Float>, to y: UnsafeMutablePointer<Double>, _ count: Int) {
    let factor = SIMD8<Double>(repeating: a)
    var d = 0
    while d + 8 <= count {
      let place = UnsafeMutableRawPointer(y + d)
      var sum = place.loadUnaligned(as: SIMD8<Double>.self)
      sum.addProduct(SIMD8<Double>(UnsafeRawPointer(x + d).loadUnaligned(as: SIMD8<Float>.self)), factor)
      place.storeBytes(of: sum, as: SIMD8<Double>.self)
      d += 8
    }
    while d < count {
      y[d].addProduct(Double(x[d]), a)
      d += 1
    }
  }
}
