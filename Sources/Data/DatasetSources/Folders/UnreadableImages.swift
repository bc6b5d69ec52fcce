public import Datasets
public import Failures
import Files

/// Pictures of a folder that cannot be read, all of them at once, so that they can be mended at once.
public struct UnreadableImages: Failure, Equatable {
  /// The folder.
  public var directory: String
  /// The pictures and what is wrong with each.
  public var images: [LeftOutImage]
  /// How many pictures there are, with those that can be read.
  public var count: Int

  /// All that is wrong with a folder.
  public init(directory: String, images: [LeftOutImage], count: Int) {
    self.directory = directory
    self.images = images
    self.count = count
  }

  /// A line for each, with its path.
  public var lines: [String] { images.map { "\(directory)/\($0.file): \($0.reason)" } }

  /// Bad data.
  public var kind: FailureKind { .badData }

  /// One line. Of several `images` says the rest.
  public var description: String {
    if images.count == 1 { return "\(lines[0]); --skip-unreadable leaves it out" }
    return "\(directory): \(images.count) of \(count) images cannot be read; --skip-unreadable leaves them out"
  }
}

extension LeftOutImage {
  /// - Parameter path: of the file, with which the failure's text begins; where a folder lies is no part of the reason.
  public init(file: String, path: String, failure: any Failure) {
    let text = failure.description
    self.init(file: file, reason: text.hasPrefix("\(path): ") ? String(text.dropFirst(path.count + 2)) : text)
  }
}
