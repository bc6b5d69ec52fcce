// What Swift cannot import from the HDF5 headers (macros over comma expressions, mutable globals, versioned aliases), as
// functions, and the few sequences of calls that would be clumsy from Swift. Only calls that HDF5 1.10, 1.12, 1.14 and
// 2.0 share.
#ifndef QVIT_HDF5_SHIM_H
#define QVIT_HDF5_SHIM_H

#include <hdf5.h>
#include <hdf5_hl.h>
#include <stdio.h>

// MARK: Housekeeping

/// Before the first call: no clean-up by the library at the end of the process. After a failed write (a full disk) it
/// would try to write the rest and crash. Every file is closed explicitly, so nothing is left to do then.
static inline void hdf5_prepare(void) { H5dont_atexit(); }

/// Gives up an identifier and keeps the errors of the calls before.
static inline void hdf5_release(hid_t identifier) {
  hid_t errors = H5Eget_current_stack();
  if (identifier >= 0) H5Idec_ref(identifier);
  H5Eset_current_stack(errors);
}

// MARK: Types in files: little-endian, of fixed size

static inline hid_t hdf5_type_uint8(void) { return H5T_STD_U8LE; }
static inline hid_t hdf5_type_int32(void) { return H5T_STD_I32LE; }
static inline hid_t hdf5_type_int64(void) { return H5T_STD_I64LE; }
static inline hid_t hdf5_type_float32(void) { return H5T_IEEE_F32LE; }
static inline hid_t hdf5_type_float64(void) { return H5T_IEEE_F64LE; }

/// A UTF-8 string of `size` bytes, padded with zero bytes; the caller closes it.
static inline hid_t hdf5_create_string_type(size_t size) {
  hid_t type = H5Tcopy(H5T_C_S1);
  if (type < 0 || H5Tset_size(type, size) < 0 || H5Tset_cset(type, H5T_CSET_UTF8) < 0 ||
      H5Tset_strpad(type, H5T_STR_NULLPAD) < 0)
    return -1;
  return type;
}

/// 1 for int64, 2 for float64, 3 for a string of fixed length, 0 for any other type.
static inline int hdf5_kind(hid_t type) {
  htri_t is = H5Tequal(type, H5T_STD_I64LE);
  if (is) return is;
  is = H5Tequal(type, H5T_IEEE_F64LE);
  if (is) return is < 0 ? is : 2;
  if (H5Tget_class(type) != H5T_STRING) return 0;
  is = H5Tis_variable_str(type);
  return is < 0 ? is : is ? 0 : 3;
}

// MARK: Property lists

/// Links and attributes keep the order of their creation; objects keep no times.
static inline int hdf5_keep_order(hid_t creation, int links) {
  const unsigned order = H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED;
  if (H5Pset_obj_track_times(creation, 0) < 0 || H5Pset_attr_creation_order(creation, order) < 0) return -1;
  return links ? H5Pset_link_creation_order(creation, order) : 0;
}

/// Version 1.10 of the file format, and no file locks: the writer locks the file it is about to publish itself, and
/// HDF5's lock would conflict with that one.
static inline int hdf5_configure_access(hid_t access) {
  if (H5Pset_libver_bounds(access, H5F_LIBVER_V110, H5F_LIBVER_V110) < 0) return -1;
  if (H5Pset_fclose_degree(access, H5F_CLOSE_STRONG) < 0) return -1;
#if H5_VERSION_GE(1, 10, 7)
  if (H5Pset_file_locking(access, 0, 1) < 0) return -1;
#endif
  return 0;
}

// MARK: Files, groups, datasets; each returns a new identifier, negative on failure

static inline hid_t hdf5_create_file(const char *path) {
  hid_t file = -1, access = H5Pcreate(H5P_FILE_ACCESS), creation = H5Pcreate(H5P_FILE_CREATE);
  if (hdf5_configure_access(access) >= 0 && hdf5_keep_order(creation, 1) >= 0)
    file = H5Fcreate(path, H5F_ACC_TRUNC, creation, access);
  hdf5_release(creation);
  hdf5_release(access);
  return file;
}

static inline hid_t hdf5_open_file(const char *path) {
  hid_t file = -1, access = H5Pcreate(H5P_FILE_ACCESS);
  if (hdf5_configure_access(access) >= 0) file = H5Fopen(path, H5F_ACC_RDONLY, access);
  hdf5_release(access);
  return file;
}

static inline hid_t hdf5_create_group(hid_t parent, const char *name) {
  hid_t group = -1, creation = H5Pcreate(H5P_GROUP_CREATE);
  if (hdf5_keep_order(creation, 1) >= 0) group = H5Gcreate2(parent, name, H5P_DEFAULT, creation, H5P_DEFAULT);
  hdf5_release(creation);
  return group;
}

/// Chunks carry a Fletcher-32 checksum, and are deflated if `level` > 0, shuffled first where elements are numbers of
/// several bytes. Without chunks (`chunk` is null) the elements lie in one piece of the file, as they are.
static inline hid_t hdf5_create_dataset(hid_t parent, const char *name, hid_t type, int rank, const hsize_t *shape,
                                        const hsize_t *chunk, unsigned level) {
  hid_t dataset = -1, space = H5Screate_simple(rank, shape, NULL), creation = H5Pcreate(H5P_DATASET_CREATE);
  int shuffled = level > 0 && H5Tget_class(type) != H5T_STRING && H5Tget_size(type) > 1;
  if (hdf5_keep_order(creation, 0) >= 0 && (!chunk || (H5Pset_chunk(creation, rank, chunk) >= 0 &&
                                                       (!shuffled || H5Pset_shuffle(creation) >= 0) &&
                                                       (level == 0 || H5Pset_deflate(creation, level) >= 0) &&
                                                       H5Pset_fletcher32(creation) >= 0)))
    dataset = H5Dcreate2(parent, name, type, space, H5P_DEFAULT, creation, H5P_DEFAULT);
  hdf5_release(creation);
  hdf5_release(space);
  return dataset;
}

/// Moves `count` elements per axis from `start` on between a dataset and contiguous memory of the same type.
static inline herr_t hdf5_transfer(hid_t dataset, hid_t type, int rank, const hsize_t *start, const hsize_t *count,
                                   void *into, const void *from) {
  herr_t result = -1;
  hid_t file = H5Dget_space(dataset), memory = H5Screate_simple(rank, count, NULL);
  if (H5Sselect_hyperslab(file, H5S_SELECT_SET, start, NULL, count, NULL) >= 0)
    result = into ? H5Dread(dataset, type, memory, file, H5P_DEFAULT, into)
                  : H5Dwrite(dataset, type, memory, file, H5P_DEFAULT, from);
  hdf5_release(memory);
  hdf5_release(file);
  return result;
}

/// Where in the file the elements lie in one piece; 0 if they do not, or if there is none. (0 is the file's superblock.)
static inline int64_t hdf5_offset(hid_t dataset) {
  haddr_t offset = H5Dget_offset(dataset);
  return offset == HADDR_UNDEF || offset > INT64_MAX ? 0 : (int64_t)offset;
}

/// Writes the shape into `shape` (room for `H5S_MAX_RANK` axes) and returns the rank.
static inline int hdf5_shape(hid_t dataset, hsize_t *shape) {
  hid_t space = H5Dget_space(dataset);
  int rank = H5Sget_simple_extent_dims(space, shape, NULL);
  hdf5_release(space);
  return rank;
}

// MARK: Links

/// Whether a group holds an object of this name itself. Links to other names and other files count as nothing: an artifact
/// has none, and they could lead anywhere.
static inline htri_t hdf5_holds(hid_t group, const char *name) {
  htri_t exists = H5Lexists(group, name, H5P_DEFAULT);
  if (exists <= 0) return exists;
  H5L_info_t information;
  if (H5Lget_info(group, name, &information, H5P_DEFAULT) < 0) return -1;
  return information.type == H5L_TYPE_HARD;
}

// MARK: Attributes

/// A scalar attribute.
static inline herr_t hdf5_write_attribute(hid_t object, const char *name, hid_t type, const void *value) {
  herr_t result = -1;
  hid_t space = H5Screate(H5S_SCALAR), attribute = H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
  if (attribute >= 0) {
    result = H5Awrite(attribute, type, value);
    hdf5_release(attribute);
  }
  hdf5_release(space);
  return result;
}

/// The number of elements of an attribute; 1 for a scalar.
static inline hssize_t hdf5_attribute_elements(hid_t attribute) {
  hid_t space = H5Aget_space(attribute);
  hssize_t elements = H5Sget_simple_extent_npoints(space);
  hdf5_release(space);
  return elements;
}

static inline int hdf5_attribute_count(hid_t object) { return H5Aget_num_attrs(object); }

// MARK: Errors

/// Room for a message, which may hold a path.
#define HDF5_MESSAGE_SIZE 8192

static inline herr_t hdf5_keep_innermost(unsigned n, const H5E_error2_t *error, void *message) {
  if (n == 0) snprintf((char *)message, HDF5_MESSAGE_SIZE, "%s", error->desc ? error->desc : "");
  return 0;
}

/// The most specific message of the last failed call of this thread, at most HDF5_MESSAGE_SIZE − 1 bytes.
static inline void hdf5_innermost_message(char *message) {
  message[0] = 0;
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, hdf5_keep_innermost, message);
}

/// Keeps HDF5 from printing its errors; the setting belongs to the thread.
static inline void hdf5_silence(void) { H5Eset_auto2(H5E_DEFAULT, NULL, NULL); }

#endif
