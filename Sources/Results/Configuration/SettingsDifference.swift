public import JSON

/// A key whose value is not the same in two settings.
public struct SettingsDifference: Sendable, Equatable {
  /// The key: `training.epochs`.
  public var key: String
  /// Its value in these settings as canonical JSON; `null` where there is none.
  public var here: String
  /// Its value in the others.
  public var there: String
}

extension JSONValue {
  /// The keys in which two settings differ, sorted.
  public func differences(from other: JSONValue) -> [SettingsDifference] { differences(from: other, below: "") }

  private func differences(from other: JSONValue, below prefix: String) -> [SettingsDifference] {
    guard case .object(let mine) = self, case .object(let theirs) = other else {
      return self == other
        ? [] : [SettingsDifference(key: prefix, here: canonicalText, there: other.canonicalText)]
    }
    return Set(mine.keys).union(theirs.keys).sorted().flatMap { name in
      let key = prefix.isEmpty ? name : "\(prefix).\(name)"
      return (mine[name] ?? .null).differences(from: theirs[name] ?? .null, below: key)
    }
  }
}
