import Files
import Glibc
import Images

/// A temporary directory with images of our own making.
final class ImageFolder {
  let path: String

  init() throws {
    var template = Array("/tmp/qvit-folder-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw FileError(.create, path: "/tmp", errorNumber: errno) }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit { remove(path) }

  /// Adds a colour image that differs for every `value`; directories are made as needed.
  func add(_ file: String, value: Int, height: Int = 9, width: Int = 12) throws {
    let pixels = (0..<height * width * 3).map { UInt8(truncatingIfNeeded: $0 / 3 &* 5 &+ $0 % 3 &* 40 &+ value &* 17) }
    let image = PixelImage(height: height, width: width, channels: 3, pixels: pixels)
    try add(file, image.png(path: file))
  }

  /// Adds a file.
  func add(_ file: String, _ bytes: [UInt8]) throws {
    let whole = "\(path)/\(file)"
    makeDirectory(directoryName(of: whole))
    let pending = try PendingFile(path: whole)
    try bytes.withUnsafeBytes { try pending.write($0) }
    try pending.publish()
  }

  func makeDirectory(_ path: String) {
    guard access(path, F_OK) != 0 else { return }
    makeDirectory(directoryName(of: path))
    mkdir(path, 0o777)
  }

  private func remove(_ path: String) {
    var status = stat()
    guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
      unlink(path)
      return
    }
    if let directory = opendir(path) {
      while let entry = readdir(directory) {
        let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        if name != "." && name != ".." { remove("\(path)/\(name)") }
      }
      closedir(directory)
    }
    rmdir(path)
  }
}
