import Glibc

/// The bytes that a user may still write where `path` is or will be; nil where the system does not say.
public func freeDiskSpace(at path: String) -> Int? {
  var place = path
  var status = stat()
  while stat(place, &status) != 0 {
    let above = directoryName(of: place)
    guard above != place else { return nil }
    place = above
  }
  var room = statvfs()
  guard statvfs(place, &room) == 0 else { return nil }
  return Int(clamping: UInt64(room.f_bavail).multipliedReportingOverflow(by: UInt64(room.f_frsize)).partialValue)
}

/// The bytes that programs can still get without swapping; nil where the system does not say.
public func availableMemory() -> Int? {
  // A file without a size: what the kernel says when it is read.
  let descriptor = open("/proc/meminfo", O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { return nil }
  defer { close(descriptor) }
  var bytes = [UInt8](repeating: 0, count: 4096)
  let count = read(descriptor, &bytes, bytes.count)
  guard count > 0 else { return nil }
  let line = String(decoding: bytes[..<count], as: UTF8.self).split(separator: "\n").first {
    $0.hasPrefix("MemAvailable:")
  }
  return line.flatMap { Int($0.filter(\.isNumber)) }.map { $0 << 10 }
}
