import Glibc

/// Whether two paths lead to one file: through links too, and where the file is not there yet by the directory it would be in.
public func isSameFile(_ first: String, _ second: String) -> Bool {
  if first == second { return true }
  let (a, b) = (identity(first), identity(second))
  if let a, let b { return a == b }
  guard a == nil, b == nil, fileName(of: first) == fileName(of: second) else { return false }
  guard let here = identity(directoryName(of: first)), let there = identity(directoryName(of: second)) else {
    return false
  }
  return here == there
}

/// Device and number of what a path leads to; nil if there is nothing.
private func identity(_ path: String) -> [UInt]? {
  var status = stat()
  return stat(path, &status) == 0 ? [UInt(status.st_dev), UInt(status.st_ino)] : nil
}
