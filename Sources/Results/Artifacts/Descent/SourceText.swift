import Datasets

extension ImageDescent {
  /// What the images are, in words: "the published breastmnist.npz", "the folder scans", "generated images".
  public var sourceText: String {
    switch source {
    case .file(let name, _, let sha256):
      origin == .official ? "the published \(name)" : "the unofficial \(name) (SHA-256 \(sha256.prefix(12))…)"
    case .folder(let name, let sha256): "the folder \(name) (manifest \(sha256.prefix(12))…)"
    case .generator(let name, let version): "images of generator \(name), version \(version)"
    }
  }
}
