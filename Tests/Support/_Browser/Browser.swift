import Glibc
public import JSON
import _TestSupport

/// A Chromium without a window, spoken to by its own protocol (Chrome DevTools) over two pipes.
public final class Browser {
  private let number: pid_t
  private let output: Int32
  private let input: Int32
  private let profile: TemporaryDirectory
  private var received: [UInt8] = []
  private var lastCall = 0
  private var session: String?
  /// What the browser told without being asked, since the page was opened.
  private var events: [JSONValue] = []

  /// Where Chromium is; nil where there is none.
  public static let path: String? = {
    let named = getenv("QVIT_CHROMIUM").map { String(cString: $0) }
    return ([named, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"] as [String?])
      .compactMap(\.self).first { access($0, X_OK) == 0 }
  }()

  /// What a skipped test says.
  public static let absence = "no Chromium here (Debian's package chromium, or QVIT_CHROMIUM)"

  /// Starts a browser with an empty profile.
  public init() throws {
    guard let path = Self.path else { throw BrowserProblem(description: Self.absence) }
    profile = try TemporaryDirectory()
    var (toBrowser, fromBrowser): ([Int32], [Int32]) = ([-1, -1], [-1, -1])
    guard pipe(&toBrowser) == 0, pipe(&fromBrowser) == 0 else { throw BrowserProblem(description: "no pipe") }
    for descriptor in [toBrowser[1], fromBrowser[0]] { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for descriptor in 0...2 as ClosedRange<Int32> {
      posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0)
    }
    // Above all others first: what is closed below may be one of the two.
    let (readEnd, writeEnd) = (fcntl(toBrowser[0], F_DUPFD, 100), fcntl(fromBrowser[1], F_DUPFD, 100))
    posix_spawn_file_actions_adddup2(&actions, readEnd, 3)
    posix_spawn_file_actions_adddup2(&actions, writeEnd, 4)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    posix_spawnattr_setpgroup(&attributes, 0)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
    let arguments = [
      path, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--disable-dev-shm-usage",
      "--user-data-dir=\(profile.path)", "--remote-debugging-pipe", "about:blank",
    ]
    let copies = arguments.map { strdup($0) } + [nil]
    defer { for copy in copies { free(copy) } }
    var number: pid_t = 0
    let failure = posix_spawn(&number, path, &actions, &attributes, copies, environ)
    for descriptor in [toBrowser[0], fromBrowser[1], readEnd, writeEnd] { close(descriptor) }
    guard failure == 0 else { throw BrowserProblem(description: "\(path): \(String(cString: strerror(failure)))") }
    self.number = number
    input = toBrowser[1]
    output = fromBrowser[0]
  }

  deinit {
    kill(-number, SIGKILL)
    waitpid(number, nil, 0)
    close(input)
    close(output)
  }

  /// Opens a file in a fresh tab and waits until it is loaded.
  public func open(_ path: String, runsScripts: Bool = true) throws {
    session = nil
    let target = try call("Target.createTarget", ["url": .string("about:blank")])
    guard case .string(let id)? = target["targetId"] else { throw BrowserProblem(description: "no tab: \(target)") }
    let attached = try call("Target.attachToTarget", ["targetId": .string(id), "flatten": .bool(true)])
    guard case .string(let session)? = attached["sessionId"] else { throw BrowserProblem(description: "\(attached)") }
    self.session = session
    events = []
    for domain in ["Page", "Runtime", "Log", "Network"] { _ = try call("\(domain).enable") }
    if !runsScripts { _ = try call("Emulation.setScriptExecutionDisabled", ["value": .bool(true)]) }
    _ = try call("Page.navigate", ["url": .string("file://\(path)")])
    while !events.contains(where: { $0["method"] == .string("Page.loadEventFired") }) { events.append(try message()) }
  }

  /// Sets the window's width and whether the reader prefers dark pages; `media` is "screen" or "print".
  public func show(width: Int, dark: Bool = false, media: String = "screen") throws {
    _ = try call(
      "Emulation.setDeviceMetricsOverride",
      [
        "width": .number(Double(width)), "height": .number(900), "deviceScaleFactor": .number(1),
        "mobile": .bool(false),
      ])
    _ = try call(
      "Emulation.setEmulatedMedia",
      [
        "media": .string(media),
        "features": .array([
          .object(["name": .string("prefers-color-scheme"), "value": .string(dark ? "dark" : "light")])
        ]),
      ])
  }

  /// The value of a JavaScript expression in the page.
  public func evaluate(_ expression: String) throws -> JSONValue {
    let result = try call(
      "Runtime.evaluate",
      ["expression": .string(expression), "returnByValue": .bool(true), "awaitPromise": .bool(true)])
    if let exception = result["exceptionDetails"] {
      throw BrowserProblem(description: "\(expression.prefix(200)): \(exception)")
    }
    return result["result"]?["value"] ?? .null
  }

  /// What went wrong in the page: exceptions, and whatever was written to the console or the log.
  public func complaints() throws -> [String] {
    _ = try evaluate("1")
    let methods = ["Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded"]
    return events.filter { event in methods.contains { event["method"] == .string($0) } }.map(\.canonicalText)
  }

  /// The addresses that the page asked for, but for data that the address itself holds.
  public func requests() throws -> [String] {
    _ = try evaluate("1")
    return events.compactMap { event in
      guard event["method"] == .string("Network.requestWillBeSent"),
        case .string(let address)? = event["params"]?["request"]?["url"], !address.hasPrefix("data:")
      else { return nil }
      return address
    }
  }

  /// The whole page as a PNG file, at most so many pixels high.
  public func screenshot(atMost height: Int = 6000) throws -> [UInt8] {
    guard
      case .string(let size) = try evaluate(
        "document.scrollingElement.clientWidth + ' ' + document.scrollingElement.scrollHeight")
    else { throw BrowserProblem(description: "no size") }
    let extent = size.split(separator: " ").compactMap { Double($0) }
    let shot = try call(
      "Page.captureScreenshot",
      [
        "format": .string("png"), "captureBeyondViewport": .bool(true),
        "clip": .object([
          "x": .number(0), "y": .number(0), "width": .number(extent[0]),
          "height": .number(min(extent[1], Double(height))), "scale": .number(1),
        ]),
      ])
    return try Self.bytes(shot["data"])
  }

  /// The page as a PDF file.
  public func pdf() throws -> [UInt8] {
    try Self.bytes(call("Page.printToPDF", ["preferCSSPageSize": .bool(true)])["data"])
  }

  // MARK: The protocol: JSON texts, each ended by a zero byte

  private func call(_ method: String, _ parameters: [String: JSONValue] = [:]) throws -> JSONValue {
    lastCall += 1
    var request: [String: JSONValue] = [
      "id": .number(Double(lastCall)), "method": .string(method), "params": .object(parameters),
    ]
    if let session { request["sessionId"] = .string(session) }
    let bytes = Array(JSONValue.object(request).canonicalText.utf8) + [0]
    var done = 0
    while done < bytes.count {
      let count = bytes.withUnsafeBytes { write(input, $0.baseAddress.map { $0 + done }, bytes.count - done) }
      guard count > 0 else { throw BrowserProblem(description: "\(method): the browser is gone") }
      done += count
    }
    while true {
      let answer = try message()
      guard answer["id"] == .number(Double(lastCall)) else {
        events.append(answer)
        continue
      }
      guard let result = answer["result"] else {
        throw BrowserProblem(description: "\(method): \(answer.canonicalText)")
      }
      return result
    }
  }

  private func message() throws -> JSONValue {
    while true {
      if let end = received.firstIndex(of: 0) {
        let bytes = Array(received[..<end])
        received.removeFirst(end + 1)
        return try JSONValue(parsing: bytes, path: "Chromium")
      }
      var state = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
      guard poll(&state, 1, 120_000) == 1 else { throw BrowserProblem(description: "the browser says nothing") }
      var buffer = [UInt8](repeating: 0, count: 1 << 16)
      let count = read(output, &buffer, buffer.count)
      guard count > 0 else { throw BrowserProblem(description: "the browser is gone") }
      received += buffer[..<count]
    }
  }

  /// The bytes of a base64 text.
  private static func bytes(_ value: JSONValue?) throws -> [UInt8] {
    guard case .string(let text)? = value else { throw BrowserProblem(description: "no file") }
    var bytes: [UInt8] = []
    var (bits, count) = (UInt32(0), 0)
    for letter in text.utf8 where letter != UInt8(ascii: "=") {
      let six: UInt8 =
        switch letter {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): letter - 65
        case UInt8(ascii: "a")...UInt8(ascii: "z"): letter - 71
        case UInt8(ascii: "0")...UInt8(ascii: "9"): letter + 4
        case UInt8(ascii: "+"): 62
        default: 63
        }
      (bits, count) = (bits << 6 | UInt32(six), count + 6)
      if count >= 8 {
        count -= 8
        bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
      }
    }
    return bytes
  }
}

/// A browser that could not be started or did not do what it was asked for.
public struct BrowserProblem: Error, CustomStringConvertible {
  /// One line.
  public let description: String

  /// A problem in a line.
  public init(description: String) { self.description = description }
}

extension JSONValue {
  /// A member of an object.
  public subscript(name: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    return members[name]
  }
}
