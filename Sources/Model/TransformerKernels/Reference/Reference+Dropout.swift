public import VectorMath

extension Reference {
  /// The mask of `place`, `count` elements row-major: 0 where the stream's word is below ⌊p·2³²⌋, else 1/(1 − p).
  public static func dropoutMask<S: Scalar>(
    _ dropout: ImageDropout, _ place: DropoutPlace, rate: Double, count: Int
  ) -> [S] {
    var stream = dropout.stream(place)
    return (0..<count).map { _ in Double(stream.next()) < (rate * 0x1p32).rounded(.down) ? 0 : S(1 / (1 - rate)) }
  }
}
