import Datasets
import Files

/// The images of one class: the files of one folder.
struct ClassFolder {
  /// Path of the folder.
  let path: String
  /// Names of the images, sorted.
  let files: [String]

  /// Lists a folder; it must hold PNG and JPEG files and nothing else.
  /// - Throws: `FileError`; `DatasetError.mismatch`.
  init(path: String) throws {
    let listing = try DirectoryListing(path: path)
    func mismatch(_ name: String?, _ found: String) -> DatasetError {
      .mismatch(
        path: name.map { "\(path)/\($0)" } ?? path, member: nil, field: "class folder",
        expected: "images (.png, .jpg, .jpeg)", found: found)
    }
    if let name = listing.directories.first { throw mismatch(name, "a directory") }
    if let name = listing.files.first(where: { !isImageName($0) }) { throw mismatch(name, "another kind of file") }
    guard !listing.files.isEmpty else { throw mismatch(nil, "none") }
    self.path = path
    files = listing.files
  }
}

/// Whether a file of this name is taken for an image: PNG or JPEG, by its extension.
public func isImageName(_ name: String) -> Bool {
  let lower = name.lowercased()
  return [".png", ".jpg", ".jpeg"].contains { lower.hasSuffix($0) }
}
