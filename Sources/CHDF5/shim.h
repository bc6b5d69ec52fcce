// What Swift cannot import from the HDF5 headers (macros over comma expressions, mutable globals), as functions.
#ifndef QVIT_HDF5_SHIM_H
#define QVIT_HDF5_SHIM_H

#include <hdf5.h>
#include <hdf5_hl.h>

static inline hid_t shim_type_uint8(void) { return H5T_STD_U8LE; }

#endif
