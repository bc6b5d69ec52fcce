/// Names in artifacts of kind "student".
enum StudentSchema {
  static let parameters = "parameters"
  static let parameterCount = "parameter_count"

  /// The scale of a parameter's axis: parameters of equal extent share it.
  static func axis(_ axis: Int, extent: Int) -> String { "axis\(axis)_\(extent)" }
}
