import JSON

/// The table of tensors in a header, checked.
struct HeaderTable {
  /// The tensors in the order of their data.
  var entries: [SafeTensorsFile.Entry] = []
  /// The strings of `__metadata__`.
  var metadata: [String: String] = [:]
  private let path: String

  /// - Parameter data: where the data lie in the file.
  init(_ header: [UInt8], path: String, data: Range<Int>) throws {
    self.path = path
    guard case .object(let members) = try JSONValue(parsing: header, path: path) else {
      throw SafeTensorsError(path: path, field: "header", message: "expected a JSON object")
    }
    for (name, value) in members {
      if name == "__metadata__" {
        metadata = try Self.strings(value, path: path)
      } else {
        entries.append(try Self.entry(name, value, path: path, data: data))
      }
    }
    entries.sort {
      ($0.bytes.lowerBound, $0.bytes.upperBound, $0.name) < ($1.bytes.lowerBound, $1.bytes.upperBound, $1.name)
    }
    var end = data.lowerBound
    for entry in entries {
      guard entry.bytes.lowerBound == end else {
        throw Self.error(
          path, entry.name,
          "data_offsets begin at \(entry.bytes.lowerBound - data.lowerBound), expected "
            + "\(end - data.lowerBound): tensors must follow each other without gap or overlap")
      }
      end = entry.bytes.upperBound
    }
    guard end == data.upperBound else {
      throw SafeTensorsError(
        path: path, field: "header", message: "describes \(end - data.lowerBound) bytes of data, found \(data.count)")
    }
  }

  private static func entry(
    _ name: String, _ value: JSONValue, path: String, data: Range<Int>
  ) throws -> SafeTensorsFile.Entry {
    guard case .object(let members) = value, Set(members.keys) == ["dtype", "shape", "data_offsets"] else {
      throw error(path, name, "expected exactly dtype, shape and data_offsets")
    }
    guard case .string(let dtype)? = members["dtype"], let element = TensorElement(rawValue: dtype) else {
      let accepted = TensorElement.allCases.map(\.rawValue).joined(separator: ", ")
      throw error(path, name, "expected a dtype of \(accepted), found \(members["dtype"]?.summary ?? "none")")
    }
    guard let shape = integers(members["shape"]), shape.count <= 8 else {
      throw error(path, name, "expected a shape of at most 8 sizes, integers from 0")
    }
    guard let offsets = integers(members["data_offsets"]), offsets.count == 2, offsets[0] <= offsets[1],
      offsets[1] <= data.count
    else { throw error(path, name, "expected data_offsets [begin, end] within the \(data.count) bytes of data") }
    var size = element.size
    for extent in shape {
      let (product, overflow) = size.multipliedReportingOverflow(by: extent)
      guard !overflow else { throw error(path, name, "shape \(shape) is too large") }
      size = product
    }
    guard offsets[1] - offsets[0] == size else {
      throw error(path, name, "data_offsets span \(offsets[1] - offsets[0]) bytes, shape \(shape) takes \(size)")
    }
    return SafeTensorsFile.Entry(
      name: name, element: element, shape: shape,
      bytes: data.lowerBound + offsets[0]..<data.lowerBound + offsets[1])
  }

  /// Integers from 0 to 2⁵³.
  private static func integers(_ value: JSONValue?) -> [Int]? {
    guard case .array(let elements)? = value else { return nil }
    let integers = elements.compactMap { element -> Int? in
      guard case .number(let number) = element, number >= 0, number <= 0x1p53 else { return nil }
      return Int(exactly: number)
    }
    return integers.count == elements.count ? integers : nil
  }

  private static func strings(_ value: JSONValue, path: String) throws -> [String: String] {
    guard case .object(let members) = value else {
      throw SafeTensorsError(path: path, field: "__metadata__", message: "expected an object of strings")
    }
    return try members.mapValues { member in
      guard case .string(let text) = member else {
        throw SafeTensorsError(
          path: path, field: "__metadata__", message: "expected an object of strings, found \(member.summary)")
      }
      return text
    }
  }

  private static func error(_ path: String, _ name: String, _ message: String) -> SafeTensorsError {
    let shown = name.count > 80 ? String(name.prefix(80)) + "…" : name
    return SafeTensorsError(path: path, field: "tensor '\(shown)'", message: message)
  }
}
