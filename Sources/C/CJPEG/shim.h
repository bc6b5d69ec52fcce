// libjpeg reports errors through callbacks that must not return, so that longjmp is the way out; it must not cross Swift's
// frames. The function here does its whole work and returns 0, or another number with a message.
#ifndef QVIT_JPEG_SHIM_H
#define QVIT_JPEG_SHIM_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <jpeglib.h>
#include <setjmp.h>

/// What the header of an image says, and what went wrong.
struct qvit_jpeg {
  uint32_t height, width;
  /// Components as stored: 1 grey, 3 colour, 4 CMYK or YCCK.
  int components;
  char message[JMSG_LENGTH_MAX];
};

struct qvit_jpeg_errors {
  struct jpeg_error_mgr manager;
  jmp_buf escape;
  struct qvit_jpeg *image;
};

static inline void qvit_jpeg_fail(j_common_ptr state) {
  struct qvit_jpeg_errors *errors = (struct qvit_jpeg_errors *)state->err;
  state->err->format_message(state, errors->image->message);
  longjmp(errors->escape, 1);
}

/// A warning (level −1) means damaged data; the rest are traces.
static inline void qvit_jpeg_note(j_common_ptr state, int level) {
  if (level < 0) qvit_jpeg_fail(state);
}

/// A small progressive file can ask for hours of scans.
static inline void qvit_jpeg_limit_scans(j_common_ptr state) {
  j_decompress_ptr decoder = (j_decompress_ptr)state;
  if (decoder->input_scan_number <= 100) return;
  struct qvit_jpeg_errors *errors = (struct qvit_jpeg_errors *)state->err;
  snprintf(errors->image->message, sizeof errors->image->message, "more than 100 scans");
  longjmp(errors->escape, 1);
}

/// Reads the header of `bytes`, and with `pixels` the image, rows without gaps: grey or red green blue as stored, the
/// accurate integer DCT, smooth chroma. What libjpeg warns of and continues (data that ends early) counts as damage.
static inline int qvit_jpeg_decode(const uint8_t *bytes, size_t count, uint8_t *pixels, struct qvit_jpeg *image) {
  struct jpeg_decompress_struct decoder;
  struct jpeg_progress_mgr progress = {0};
  struct qvit_jpeg_errors errors;
  image->message[0] = 0;
  errors.image = image;
  decoder.err = jpeg_std_error(&errors.manager);
  errors.manager.error_exit = qvit_jpeg_fail;
  errors.manager.emit_message = qvit_jpeg_note;
  if (setjmp(errors.escape)) {
    jpeg_destroy_decompress(&decoder);
    return 1;
  }
  jpeg_create_decompress(&decoder);
  progress.progress_monitor = qvit_jpeg_limit_scans;
  decoder.progress = &progress;
  jpeg_mem_src(&decoder, bytes, count);
  jpeg_read_header(&decoder, TRUE);
  image->height = decoder.image_height;
  image->width = decoder.image_width;
  image->components = decoder.num_components;
  if (pixels && image->components != 4) {
    decoder.out_color_space = image->components == 1 ? JCS_GRAYSCALE : JCS_RGB;
    decoder.dct_method = JDCT_ISLOW;
    jpeg_start_decompress(&decoder);
    size_t stride = (size_t)decoder.output_width * (size_t)decoder.output_components;
    while (decoder.output_scanline < decoder.output_height) {
      JSAMPROW row = pixels + decoder.output_scanline * stride;
      jpeg_read_scanlines(&decoder, &row, 1);
    }
    jpeg_finish_decompress(&decoder);
  }
  jpeg_destroy_decompress(&decoder);
  return 0;
}

#endif
