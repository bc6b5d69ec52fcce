// libpng reports errors with longjmp, which must not cross Swift's frames: each function here does its whole work and
// returns 0, or another number with a message.
#ifndef QVIT_PNG_SHIM_H
#define QVIT_PNG_SHIM_H

#include <png.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/// What the header of an image says, and what went wrong.
struct qvit_png {
  uint32_t height, width;
  /// 1 grey, 2 grey and alpha, 3 red green blue, 4 with alpha: as the image will be decoded, palettes resolved.
  int channels;
  char message[200];
};

struct qvit_png_source {
  const uint8_t *bytes;
  size_t count, position;
  struct qvit_png *image;
};

static inline void qvit_png_fail(png_structp png, png_const_charp message) {
  struct qvit_png_source *source = (struct qvit_png_source *)png_get_error_ptr(png);
  snprintf(source->image->message, sizeof source->image->message, "%s", message);
  longjmp(png_jmpbuf(png), 1);
}

/// libpng warns of image data left over, which shows damage, and of chunks that nothing here depends on (colour profiles,
/// texts), which many programs write wrongly.
static inline void qvit_png_warn(png_structp png, png_const_charp message) {
  if (strstr(message, "IDAT")) qvit_png_fail(png, message);
}

static inline void qvit_png_read(png_structp png, png_bytep target, size_t count) {
  struct qvit_png_source *source = (struct qvit_png_source *)png_get_io_ptr(png);
  if (count > source->count - source->position) png_error(png, "the file ends early");
  memcpy(target, source->bytes + source->position, count);
  source->position += count;
}

/// Reads the header of `bytes`, and with `pixels` the image: 8 bits per channel, rows without gaps. 16 bits are scaled to 8
/// with rounding, palettes and transparent colours resolved; gamma and colour profiles are not applied. Everything up to
/// the end of the image is read and checked (CRC of every chunk).
static inline int qvit_png_decode(const uint8_t *bytes, size_t count, uint32_t side_limit, uint8_t *pixels,
                                  struct qvit_png *image) {
  struct qvit_png_source source = {bytes, count, 0, image};
  image->message[0] = 0;
  png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &source, qvit_png_fail, qvit_png_warn);
  png_infop info = png ? png_create_info_struct(png) : NULL;
  if (!info) {
    png_destroy_read_struct(&png, NULL, NULL);
    snprintf(image->message, sizeof image->message, "no memory");
    return 1;
  }
  if (setjmp(png_jmpbuf(png))) {
    png_destroy_read_struct(&png, &info, NULL);
    return 1;
  }
  png_set_read_fn(png, &source, qvit_png_read);
  png_set_user_limits(png, side_limit, side_limit);
  png_set_chunk_malloc_max(png, 8 << 20);
  png_set_crc_action(png, PNG_CRC_ERROR_QUIT, PNG_CRC_ERROR_QUIT);
  png_read_info(png, info);
  image->height = png_get_image_height(png, info);
  image->width = png_get_image_width(png, info);
  image->channels = ((png_get_color_type(png, info) & PNG_COLOR_MASK_COLOR) ? 3 : 1) +
                    ((png_get_color_type(png, info) & PNG_COLOR_MASK_ALPHA) || png_get_valid(png, info, PNG_INFO_tRNS));
  if (pixels) {
    png_set_scale_16(png);
    png_set_expand(png);
    int passes = png_set_interlace_handling(png);
    // Takes memory for a row, so not before the size was checked.
    png_read_update_info(png, info);
    size_t stride = (size_t)image->width * (size_t)image->channels;
    if (png_get_rowbytes(png, info) != stride) png_error(png, "rows are not of 8 bits per channel");
    for (int pass = 0; pass < passes; pass++)
      for (uint32_t row = 0; row < image->height; row++) png_read_row(png, pixels + row * stride, NULL);
    png_read_end(png, NULL);
  }
  png_destroy_read_struct(&png, &info, NULL);
  return 0;
}

/// The largest size of an encoded image.
static inline size_t qvit_png_size_limit(uint32_t height, uint32_t width, int channels) {
  png_image image = {0};
  image.version = PNG_IMAGE_VERSION;
  image.height = height;
  image.width = width;
  image.format = channels == 1 ? PNG_FORMAT_GRAY : PNG_FORMAT_RGB;
  return PNG_IMAGE_PNG_SIZE_MAX(image);
}

/// Encodes an image of 1 or 3 channels into `target`, which has room for `*count` bytes; `*count` becomes the size.
static inline int qvit_png_encode(const uint8_t *pixels, struct qvit_png *source, uint8_t *target, size_t *count) {
  png_image image = {0};
  image.version = PNG_IMAGE_VERSION;
  image.height = source->height;
  image.width = source->width;
  image.format = source->channels == 1 ? PNG_FORMAT_GRAY : PNG_FORMAT_RGB;
  if (png_image_write_to_memory(&image, target, count, 0, pixels, 0, NULL)) return 0;
  snprintf(source->message, sizeof source->message, "%s", image.message);
  return 1;
}

#endif
