/// A class as pictures and tables call it: its number and its name; the number alone where that is its name.
public func classLabel(_ index: Int, _ name: String) -> String { name == "\(index)" ? name : "\(index) \(name)" }
