import Glibc
import Threads

/// An HTTP server on this machine that serves one content at every path, answers one request per connection, and can
/// misbehave.
final class FileServer: Sendable {
  /// What it does with a request.
  enum Behaviour: Sendable {
    /// Sends what is asked for.
    case whole
    /// Says how much will come, and closes the connection after so many bytes of it.
    case cut(after: Int)
    /// Ignores the range that is asked for.
    case withoutRanges
    /// Answers with this status and no content.
    case status(Int)
  }

  /// Where it can be reached: `http://127.0.0.1:PORT`.
  let address: String
  private let listener: Int32
  private let content: [UInt8]
  private let behaviour: Behaviour
  private let ranges = Guarded<[String]>([])

  /// Starts to serve `content` on a free port.
  init(_ content: [UInt8], _ behaviour: Behaviour = .whole) throws {
    self.content = content
    self.behaviour = behaviour
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    self.listener = listener
    var place = sockaddr_in()
    place.sin_family = sa_family_t(AF_INET)
    place.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let status = withUnsafeMutablePointer(to: &place) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { place in
        bind(listener, place, size) | listen(listener, 8) | getsockname(listener, place, &size)
      }
    }
    guard status == 0 else { throw Trouble(description: "no server: \(String(cString: strerror(errno)))") }
    address = "http://127.0.0.1:\(UInt16(bigEndian: place.sin_port))"
    guard let thread = startThread({ self.serve() }) else { throw Trouble(description: "no server: no thread") }
    pthread_detach(thread)
  }

  /// Serves no more.
  func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

  /// The ranges that were asked for, in order; empty where all was.
  var requestedRanges: [String] { ranges.withLock { $0 } }

  private func serve() {
    while true {
      let connection = accept(listener, nil, nil)
      guard connection >= 0 else { break }
      answer(connection)
      close(connection)
    }
    close(listener)
  }

  private func answer(_ connection: Int32) {
    var request: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while !String(decoding: request, as: UTF8.self).contains("\r\n\r\n") {
      let count = read(connection, &buffer, buffer.count)
      guard count > 0 else { return }
      request += buffer[..<count]
    }
    let text = String(decoding: request, as: UTF8.self)
    let range = text.firstMatch(of: /[Rr]ange: bytes=(\d+)-/).map { String($0.1) } ?? ""
    ranges.withLock { $0.append(range) }
    if case .status(let status) = behaviour {
      send(connection, Array("HTTP/1.1 \(status) No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".utf8))
      return
    }
    var first = Int(range) ?? 0
    if case .withoutRanges = behaviour { first = 0 }
    guard first < content.count else {
      send(
        connection,
        Array("HTTP/1.1 416 Range Not Satisfiable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".utf8))
      return
    }
    let isPart = first > 0
    send(
      connection,
      Array(
        ("HTTP/1.1 \(isPart ? "206 Partial Content" : "200 OK")\r\nContent-Length: \(content.count - first)\r\n"
          + (isPart ? "Content-Range: bytes \(first)-\(content.count - 1)/\(content.count)\r\n" : "")
          + "Connection: close\r\n\r\n").utf8))
    if case .cut(let count) = behaviour {
      send(connection, Array(content[first..<min(first + count, content.count)]))
    } else {
      send(connection, Array(content[first...]))
    }
  }

  private func send(_ connection: Int32, _ bytes: [UInt8]) {
    var done = 0
    while done < bytes.count {
      let count = bytes[done...].withUnsafeBytes {
        Glibc.send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return }
      done += count
    }
  }
}

struct Trouble: Error, CustomStringConvertible { var description: String }
