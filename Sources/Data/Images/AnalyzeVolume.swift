/// A volume of grey values in the format Analyze 7.5: a header `NAME.hdr` of 348 bytes, and `NAME.img` with nothing but
/// voxels, the first axis fastest. Both byte orders are read; the header's first number, its own size, says which it is.
///
/// Source: the Analyze 7.5 file format as the Mayo Clinic's `dbh.h` declares it.
public struct AnalyzeVolume: Sendable {
  /// What lies along an axis of the file.
  public enum Direction: Sendable, Equatable {
    /// Between left and right.
    case lateral
    /// From the back of the head to the front, or the other way round.
    case sagittal(towardsFront: Bool)
    /// Between bottom and top.
    case axial
  }

  /// Voxels along each axis of the file, first axis first.
  public let extents: [Int]
  /// What lies along each axis.
  public let directions: [Direction]
  private let voxels: [UInt8]
  private let isBigEndian: Bool
  private let voxelSize: Int

  /// The most voxels along an axis.
  public static let extentLimit = 1024
  private static let headerSize = 348

  /// A volume from the bytes of its two files.
  ///
  /// The axes are those of the header's field `orient`. Where that says transverse, which is also what stands there when
  /// nobody filled it in, a volume of 256 × 256 × 128 or 160 voxels counts as sagittal: so OASIS-1 stores its scans.
  /// - Parameter path: of the header, for messages.
  /// - Throws: `ImageError.volume` naming the field.
  public init(header: [UInt8], voxels: [UInt8], path: String) throws(ImageError) {
    func wrong(_ field: String, _ expected: String, _ found: some Any) -> ImageError {
      .volume(path: path, field: field, expected: expected, found: "\(found)")
    }
    guard header.count >= Self.headerSize else { throw wrong("size", "348 bytes", "\(header.count) bytes") }
    func bytes(_ offset: Int, _ count: Int, _ isBigEndian: Bool) -> UInt32 {
      let part = header[offset..<offset + count]
      return (isBigEndian ? Array(part) : part.reversed()).reduce(0) { $0 << 8 | UInt32($1) }
    }
    let isBigEndian = bytes(0, 4, true) == UInt32(Self.headerSize)
    guard isBigEndian || bytes(0, 4, false) == UInt32(Self.headerSize) else {
      throw wrong("sizeof_hdr", "348 in either byte order", bytes(0, 4, false))
    }
    guard header[344...346] != [0x6E, 0x69, 0x31], header[344...346] != [0x6E, 0x2B, 0x31] else {
      throw wrong("format", "Analyze 7.5", "NIfTI-1")
    }
    func short(_ offset: Int) -> Int { Int(Int16(truncatingIfNeeded: bytes(offset, 2, isBigEndian))) }
    let rank = short(40)
    guard rank == 3 || rank == 4 && short(48) == 1 else {
      throw wrong("dim", "one volume of three axes", "\(rank) axes\(rank == 4 ? ", \(short(48)) volumes" : "")")
    }
    let extents = [short(42), short(44), short(46)]
    guard extents.allSatisfy({ (1...Self.extentLimit).contains($0) }) else {
      throw wrong("dim", "1 to \(Self.extentLimit) voxels along each axis", extents)
    }
    // 2 and 4 are the format's numbers for unsigned bytes and signed 16-bit integers.
    let type = short(70)
    guard type == 2 || type == 4 else { throw wrong("datatype", "2 (8 bits) or 4 (16 bits)", type) }
    voxelSize = type == 2 ? 1 : 2
    guard short(72) == 8 * voxelSize else { throw wrong("bitpix", "\(8 * voxelSize) for datatype \(type)", short(72)) }
    let offset = Float(bitPattern: bytes(108, 4, isBigEndian))
    guard offset == 0 else { throw wrong("vox_offset", "0", offset) }
    let size = extents.reduce(voxelSize, *)
    guard voxels.count == size else {
      throw wrong("voxels", "\(size) bytes for \(extents) of \(8 * voxelSize) bits", "\(voxels.count)")
    }
    let isScanOfOASIS = extents[0] == 256 && extents[1] == 256 && [128, 160].contains(extents[2])
    switch header[252] {
    case 0 where isScanOfOASIS: directions = [.sagittal(towardsFront: true), .axial, .lateral]
    case 0: directions = [.lateral, .sagittal(towardsFront: true), .axial]
    case 1, 4: directions = [.lateral, .axial, .sagittal(towardsFront: true)]
    case 2, 5: directions = [.sagittal(towardsFront: true), .axial, .lateral]
    case 3: directions = [.lateral, .sagittal(towardsFront: false), .axial]
    case let other: throw wrong("orient", "0 to 5", other)
    }
    self.extents = extents
    self.voxels = voxels
    self.isBigEndian = isBigEndian
  }

  /// Number of axial slices.
  public var axialCount: Int { extents[axis(.axial)] }

  /// The axial slice `number`, counted from 0 in the order of the file, as a grey image: the back of the head on the left, the
  /// front on the right, left and right in the order of the file from the top. Its smallest value becomes 0, its largest
  /// 255, those between in proportion, rounded; a slice of one value is black.
  /// - Precondition: `number` is below `axialCount`.
  public func axialSlice(_ number: Int) -> PixelImage {
    precondition((0..<axialCount).contains(number), "slice \(number) of \(axialCount)")
    let strides = [1, extents[0], extents[0] * extents[1]]
    let lateral = axis(.lateral)
    let towardsFront = directions.contains(.sagittal(towardsFront: true))
    let sagittal = axis(.sagittal(towardsFront: towardsFront))
    let (height, width) = (extents[lateral], extents[sagittal])
    var values: [Int] = []
    values.reserveCapacity(height * width)
    for row in 0..<height {
      for column in 0..<width {
        let place = towardsFront ? column : width - 1 - column
        values.append(
          value(number * strides[axis(.axial)] + row * strides[lateral] + place * strides[sagittal]))
      }
    }
    let (low, high) = (values.min() ?? 0, values.max() ?? 0)
    let span = max(1, high - low)
    return PixelImage(
      height: height, width: width, channels: 1, pixels: values.map { UInt8((510 * ($0 - low) + span) / (2 * span)) })
  }

  private func axis(_ direction: Direction) -> Int {
    guard let axis = directions.firstIndex(of: direction) else { preconditionFailure("no axis \(direction)") }
    return axis
  }

  private func value(_ index: Int) -> Int {
    guard voxelSize == 2 else { return Int(voxels[index]) }
    let (first, second) = (UInt16(voxels[2 * index]), UInt16(voxels[2 * index + 1]))
    return Int(Int16(bitPattern: isBigEndian ? first << 8 | second : second << 8 | first))
  }
}
