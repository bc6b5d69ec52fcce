import Files
import Datasets

/// The scans of OASIS-1 as it is distributed: `disc1/OAS1_0001_MR1/RAW/OAS1_0001_MR1_mpr-1_anon.hdr` and `.img`, and so on.
/// The folders `discN` and `RAW` may be missing; everything else in the folders of the visits is left alone.
struct VolumeFolder {
  /// One scan.
  struct Volume {
    /// Path of the header below the folder.
    let header: String
    /// Whose scan it is; the slice is 0.
    let scan: OASISSlice
    /// The visit, as the clinical table calls it.
    var visit: String { "\(scan.participant)_MR\(scan.session)" }
  }

  /// All scans, sorted by name.
  private(set) var volumes: [Volume] = []

  /// - Throws: `FileError`; `DatasetError.mismatch` if there is no scan, a scan is there twice, or one of its files is
  ///   missing.
  init(directory: String) throws {
    var seen: [String: String] = [:]
    for folder in try Self.visits(in: directory) {
      let below = try DirectoryListing(path: "\(directory)/\(folder)")
      let place = below.directories.contains("RAW") ? "\(folder)/RAW" : folder
      let files = place == folder ? below.files : try DirectoryListing(path: "\(directory)/\(place)").files
      for file in files {
        guard let scan = OASISSlice(headerName: file) else { continue }
        let path = "\(place)/\(file)"
        guard files.contains("\(file.dropLast(4)).img") else {
          throw DatasetError.mismatch(
            path: "\(directory)/\(path)", member: nil, field: "voxels", expected: "\(file.dropLast(4)).img beside it",
            found: "none")
        }
        if let other = seen.updateValue(path, forKey: scan.volume) {
          throw DatasetError.mismatch(
            path: directory, member: nil, field: "scans", expected: "\(scan.volume) once", found: "\(other) and \(path)"
          )
        }
        volumes.append(Volume(header: path, scan: scan))
      }
    }
    guard !volumes.isEmpty else {
      throw DatasetError.mismatch(
        path: directory, member: nil, field: "scans",
        expected: "files like disc1/OAS1_0001_MR1/RAW/OAS1_0001_MR1_mpr-1_anon.hdr", found: "none")
    }
    volumes.sort { $0.scan.volume < $1.scan.volume }
  }

  /// The folders of the visits, directly below or below `discN`.
  private static func visits(in directory: String) throws -> [String] {
    func isVisit(_ name: String) -> Bool { name.wholeMatch(of: /OAS1_\d{4}_MR\d/) != nil }
    let names = try DirectoryListing(path: directory).directories
    let discs = names.filter { $0.wholeMatch(of: /disc\d{1,2}/) != nil }
    return try names.filter(isVisit)
      + discs.flatMap { disc in
        try DirectoryListing(path: "\(directory)/\(disc)").directories.filter(isVisit).map { "\(disc)/\($0)" }
      }
  }
}
