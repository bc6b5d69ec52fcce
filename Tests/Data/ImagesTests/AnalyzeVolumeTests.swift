import Failures
import Testing
import _TestSupport

@testable import Images

@Suite("Analyze 7.5 volumes") struct AnalyzeVolumeTests {
  /// A volume whose voxel at `back` steps from the back of the head, `height` in the file's order from bottom or top, and
  /// `side` is 100 back + 10 side + height − 50, stored in the order that `orient` stands for.
  private func files(orient: UInt8, isBigEndian: Bool = true, type: Int = 4) -> (files: AnalyzeFiles, voxels: [UInt8]) {
    let (length, height, breadth) = (5, 4, 3)
    func value(_ back: Int, _ height: Int, _ side: Int) -> Int {
      type == 2 ? 40 * back + 10 * side + height : 100 * back + 10 * side + height - 50
    }
    var files = AnalyzeFiles(extents: [])
    (files.orient, files.isBigEndian, files.type) = (orient, isBigEndian, type)
    switch orient {
    case 0:
      files.extents = [breadth, length, height]
      return (files, files.voxels { value($1, $2, $0) })
    case 3:
      files.extents = [breadth, length, height]
      return (files, files.voxels { value(length - 1 - $1, $2, $0) })
    case 1, 4:
      files.extents = [breadth, height, length]
      return (files, files.voxels { value($2, $1, $0) })
    default:
      files.extents = [length, height, breadth]
      return (files, files.voxels { value($0, $1, $2) })
    }
  }

  @Test("axial slices of every orientation and both byte orders", arguments: [0, 1, 2, 3, 4, 5], [true, false])
  func slices(orient: UInt8, isBigEndian: Bool) throws {
    for type in [2, 4] {
      let (files, voxels) = files(orient: orient, isBigEndian: isBigEndian, type: type)
      let volume = try AnalyzeVolume(header: files.header, voxels: voxels, path: "x.hdr")
      #expect(volume.axialCount == 4)
      for number in 0..<4 {
        let slice = volume.axialSlice(number)
        #expect((slice.height, slice.width, slice.channels) == (3, 5, 1))
        // From 0 at the back on the first side to 255 at the front on the last: 20 of 420 (or 180) more each row.
        let step = type == 2 ? 40 : 100
        let expected = (0..<15).map { index in
          let value = step * (index % 5) + 10 * (index / 5)
          return UInt8((Double(value) * 255 / Double(4 * step + 20)).rounded())
        }
        #expect(slice.pixels == expected, "slice \(number) of type \(type)")
      }
    }
  }

  @Test("a slice takes the voxels of its own height")
  func heights() throws {
    let files = AnalyzeFiles(extents: [2, 3, 2])
    let voxels = files.voxels { first, second, _ in second == 1 ? 7 - first : first * 1000 - 500 }
    let volume = try AnalyzeVolume(header: files.header, voxels: voxels, path: "x.hdr")
    #expect(volume.axialSlice(0).pixels == [0, 255, 0, 255])
    #expect(volume.axialSlice(1).pixels == [255, 0, 255, 0])
  }

  @Test("one value everywhere is black")
  func constant() throws {
    let files = AnalyzeFiles(extents: [2, 2, 2])
    let volume = try AnalyzeVolume(header: files.header, voxels: files.voxels { _, _, _ in 31 }, path: "x.hdr")
    #expect(volume.axialSlice(0).pixels == [0, 0, 0, 0])
  }

  @Test("the extremes of 16 bits do not overflow")
  func extremes() throws {
    let files = AnalyzeFiles(extents: [3, 1, 1])
    let voxels = files.voxels { first, _, _ in [-32768, 0, 32767][first] }
    #expect(try AnalyzeVolume(header: files.header, voxels: voxels, path: "x").axialSlice(0).pixels == [0, 128, 255])
  }

  @Test("a scan of OASIS-1 without an orientation counts as sagittal, any other volume as transverse")
  func unstated() throws {
    for (extents, count) in [
      ([256, 256, 128], 256), ([256, 256, 160], 256), ([256, 256, 100], 100), ([4, 5, 6], 6),
    ] {
      var files = AnalyzeFiles(extents: extents)
      (files.orient, files.type) = (0, 2)
      let voxels = [UInt8](repeating: 0, count: extents.reduce(1, *))
      #expect(try AnalyzeVolume(header: files.header, voxels: voxels, path: "x").axialCount == count)
    }
  }

  @Test(
    "what is wrong is one line that names the field",
    arguments: [
      ("size", "x.hdr: size: expected 348 bytes, found 100 bytes"),
      ("sizeof_hdr", "x.hdr: sizeof_hdr: expected 348 in either byte order, found 1543503872"),
      ("nifti", "x.hdr: format: expected Analyze 7.5, found NIfTI-1"),
      ("rank", "x.hdr: dim: expected one volume of three axes, found 2 axes"),
      ("volumes", "x.hdr: dim: expected one volume of three axes, found 4 axes, 9 volumes"),
      ("zero", "x.hdr: dim: expected 1 to 1024 voxels along each axis, found [0, 4, 3]"),
      ("negative", "x.hdr: dim: expected 1 to 1024 voxels along each axis, found [-1, 4, 3]"),
      ("huge", "x.hdr: dim: expected 1 to 1024 voxels along each axis, found [32767, 4, 3]"),
      ("float", "x.hdr: datatype: expected 2 (8 bits) or 4 (16 bits), found 16"),
      ("bits", "x.hdr: bitpix: expected 16 for datatype 4, found 12"),
      ("offset", "x.hdr: vox_offset: expected 0, found 352.0"),
      ("orient", "x.hdr: orient: expected 0 to 5, found 9"),
      ("short", "x.hdr: voxels: expected 120 bytes for [5, 4, 3] of 16 bits, found 119"),
      ("long", "x.hdr: voxels: expected 120 bytes for [5, 4, 3] of 16 bits, found 122"),
    ])
  func wrong(what: String, message: String) {
    let (files, voxels) = files(orient: 2)
    var (header, content) = (files.header, voxels)
    switch what {
    case "size": header.removeLast(248)
    case "sizeof_hdr": header[2] = 0
    case "nifti": header.replaceSubrange(344..<348, with: [0x6E, 0x69, 0x31, 0])
    case "rank": header[41] = 2
    case "volumes": header[49] = 9
    case "zero": header[43] = 0
    case "negative": header.replaceSubrange(42..<44, with: [0xFF, 0xFF])
    case "huge": header.replaceSubrange(42..<44, with: [0x7F, 0xFF])
    case "float": header[71] = 16
    case "bits": header[73] = 12
    case "offset": header.replaceSubrange(108..<112, with: [0x43, 0xB0, 0, 0])
    case "orient": header[252] = 9
    case "short": content.removeLast()
    default: content += [0, 0]
    }
    let error = #expect(throws: ImageError.self) { try AnalyzeVolume(header: header, voxels: content, path: "x.hdr") }
    #expect(error?.description == message)
    #expect(error?.kind == .badData)
  }

  @Test("no header of random bytes crashes")
  func random() {
    var state: UInt64 = 1
    for _ in 0..<2000 {
      var (header, voxels) = (files(orient: 2).files.header, files(orient: 2).voxels)
      for _ in 0..<4 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        header[Int(state >> 33) % header.count] = UInt8(truncatingIfNeeded: state >> 20)
        if state >> 63 == 1 { voxels.removeLast(min(voxels.count, Int(state >> 40) % 60)) }
      }
      _ = try? AnalyzeVolume(header: header, voxels: voxels, path: "x").axialSlice(0)
    }
  }
}
