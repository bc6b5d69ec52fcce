/// A program other than ours that trained a model, and the file it left.
public struct OtherProgram: Sendable, Equatable {
  /// What it is and where it ran, for people: "timm 1.0.31, PyTorch 2.15.0 on cpu (x86_64), float32".
  public var name: String
  /// The file of the weights.
  public var fileName: String
  /// Its digest.
  public var sha256: String

  /// A program and its file.
  public init(name: String, fileName: String, sha256: String) {
    self.name = name
    self.fileName = fileName
    self.sha256 = sha256
  }
}
