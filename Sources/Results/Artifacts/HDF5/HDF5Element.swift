import CHDF5

/// A type of number that datasets hold. In files all are little-endian, as they are in memory on every machine this
/// package is built for; their bytes pass through unchanged.
protocol HDF5Element: BitwiseCopyable, Sendable, Equatable {
  /// The type's name in messages and digests: `float32`.
  static var hdf5Name: String { get }
  /// The library's identifier of the type; valid within `HDF5Library.call`.
  static var hdf5Type: hid_t { get }
  /// The zero value.
  static var zero: Self { get }
}

extension UInt8: HDF5Element {
  /// `uint8`.
  static var hdf5Name: String { "uint8" }
  /// H5T_STD_U8LE.
  static var hdf5Type: hid_t { hdf5_type_uint8() }
}

extension Int32: HDF5Element {
  /// `int32`.
  static var hdf5Name: String { "int32" }
  /// H5T_STD_I32LE.
  static var hdf5Type: hid_t { hdf5_type_int32() }
}

extension Int64: HDF5Element {
  /// `int64`.
  static var hdf5Name: String { "int64" }
  /// H5T_STD_I64LE.
  static var hdf5Type: hid_t { hdf5_type_int64() }
}

extension Float: HDF5Element {
  /// `float32`.
  static var hdf5Name: String { "float32" }
  /// H5T_IEEE_F32LE.
  static var hdf5Type: hid_t { hdf5_type_float32() }
}

extension Double: HDF5Element {
  /// `float64`.
  static var hdf5Name: String { "float64" }
  /// H5T_IEEE_F64LE.
  static var hdf5Type: hid_t { hdf5_type_float64() }
}
