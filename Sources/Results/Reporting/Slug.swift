/// A name as part of file names, of addresses and of formulas: small letters and digits, one hyphen for everything between them:
/// "resnet-18-28" for "ResNet-18 (28)".
public func slug(_ text: String) -> String {
  text.lowercased().split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }.joined(separator: "-")
}
