import Datasets
import Files

/// The images of one class: the files of one folder.
struct ClassFolder {
  /// Path of the folder.
  let path: String
  /// Names of the images, sorted.
  let files: [String]
  /// What lies beside them and is no image, by its name, sorted.
  let others: [LeftOutImage]

  /// Lists a folder, in which PNG and JPEG files are expected and nothing else.
  /// - Throws: `FileError`; `DatasetError.mismatch`.
  init(path: String) throws {
    let listing = try DirectoryListing(path: path)
    func mismatch(_ path: String, _ found: String) -> DatasetError {
      .mismatch(
        path: path, member: nil, field: "class folder", expected: "images (.png, .jpg, .jpeg)", found: found)
    }
    if let name = listing.directories.first { throw mismatch("\(path)/\(name)", "a directory") }
    guard !listing.files.isEmpty else { throw mismatch(path, "none") }
    self.path = path
    files = listing.files.filter(isImageName)
    others = listing.files.filter { !isImageName($0) }.map { name in
      let place = "\(path)/\(name)"
      return LeftOutImage(file: name, path: place, failure: mismatch(place, "another kind of file"))
    }
  }

  /// What is no image, by its name below the folder in which this one is called `name`.
  func others(below name: String) -> [LeftOutImage] {
    others.map { LeftOutImage(file: "\(name)/\($0.file)", reason: $0.reason) }
  }
}

/// Whether a file of this name is taken for an image: PNG or JPEG, by its extension.
public func isImageName(_ name: String) -> Bool {
  let lower = name.lowercased()
  return [".png", ".jpg", ".jpeg"].contains { lower.hasSuffix($0) }
}
