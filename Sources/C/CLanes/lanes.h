// Operations on 16 lanes of single precision, one instruction each (two on 256-bit machines, four on 128-bit ones).
//
// Swift's own SIMD16 turns some of these into scalar code or calls, so the kernels reach them through this header. It
// is written with clang's vector extensions only: the same source serves x86-64 and arm64. Every operation here is
// defined by IEEE 754 lane by lane, so the bits of a result do not depend on the machine.

#ifndef QVIT_LANES_H
#define QVIT_LANES_H

#include <stdint.h>

typedef float lanes_float __attribute__((ext_vector_type(16)));
typedef int32_t lanes_int __attribute__((ext_vector_type(16)));
typedef uint8_t lanes_byte __attribute__((ext_vector_type(16)));

// Every function here is inlined, so how 16 lanes would be passed on machines with smaller registers does not matter.
#pragma clang diagnostic ignored "-Wpsabi"

#define LANES_FUNCTION static inline __attribute__((always_inline))

// Without 512-bit registers a vector that is returned changes the calling convention; nothing here is ever called, all
// of it is inlined.
#if defined(__clang__) && defined(__x86_64__)
#pragma clang diagnostic ignored "-Wpsabi"
#endif

/// a·b + c, rounded once.
LANES_FUNCTION lanes_float lanes_fma(lanes_float a, lanes_float b, lanes_float c) {
  return __builtin_elementwise_fma(a, b, c);
}

/// c − a·b, rounded once.
LANES_FUNCTION lanes_float lanes_fnma(lanes_float a, lanes_float b, lanes_float c) {
  return __builtin_elementwise_fma(-a, b, c);
}

/// a·b + c of half as many lanes, rounded once: they are one register where 16 lanes are two.
typedef float lanes_half __attribute__((ext_vector_type(8)));
LANES_FUNCTION lanes_half lanes_fma_half(lanes_half a, lanes_half b, lanes_half c) {
  return __builtin_elementwise_fma(a, b, c);
}

LANES_FUNCTION lanes_float lanes_max(lanes_float a, lanes_float b) { return __builtin_elementwise_max(a, b); }
LANES_FUNCTION lanes_float lanes_min(lanes_float a, lanes_float b) { return __builtin_elementwise_min(a, b); }
LANES_FUNCTION lanes_float lanes_abs(lanes_float a) { return __builtin_elementwise_abs(a); }
LANES_FUNCTION lanes_float lanes_sqrt(lanes_float a) { return __builtin_elementwise_sqrt(a); }

/// The magnitude of a with the sign of b.
LANES_FUNCTION lanes_float lanes_copysign(lanes_float a, lanes_float b) { return __builtin_elementwise_copysign(a, b); }

/// A float in every lane.
LANES_FUNCTION lanes_float lanes_splat(float a) { return (lanes_float)(a); }

/// 16 consecutive floats of any alignment.
LANES_FUNCTION lanes_float lanes_load(const float *from) {
  lanes_float a;
  __builtin_memcpy(&a, from, sizeof a);
  return a;
}

LANES_FUNCTION void lanes_store(float *to, lanes_float a) { __builtin_memcpy(to, &a, sizeof a); }

/// 16 consecutive bytes as floats 0 … 255.
LANES_FUNCTION lanes_float lanes_load_bytes(const uint8_t *from) {
  lanes_byte a;
  __builtin_memcpy(&a, from, sizeof a);
  return __builtin_convertvector(a, lanes_float);
}

/// 8 consecutive bytes as floats 0 … 255.
LANES_FUNCTION lanes_half lanes_load_bytes_half(const uint8_t *from) {
  typedef uint8_t byte8 __attribute__((ext_vector_type(8)));
  byte8 a;
  __builtin_memcpy(&a, from, sizeof a);
  return __builtin_convertvector(a, lanes_half);
}

/// Asks for the cache line at that address, which need not be anybody's; it is read soon.
LANES_FUNCTION void lanes_prefetch(const void *from) { __builtin_prefetch(from, 0, 3); }

/// The same, for a line that is read later: it goes no nearer than the second level.
LANES_FUNCTION void lanes_prefetch_far(const void *from) { __builtin_prefetch(from, 0, 2); }

/// Integers, each lane truncated towards zero; the lanes must be in the range of int32.
LANES_FUNCTION lanes_int lanes_to_int(lanes_float a) { return __builtin_convertvector(a, lanes_int); }
LANES_FUNCTION lanes_float lanes_from_int(lanes_int a) { return __builtin_convertvector(a, lanes_float); }

LANES_FUNCTION lanes_int lanes_bits(lanes_float a) { return __builtin_bit_cast(lanes_int, a); }
LANES_FUNCTION lanes_float lanes_from_bits(lanes_int a) { return __builtin_bit_cast(lanes_float, a); }

/// Where a < b the lane of x, elsewhere that of y.
LANES_FUNCTION lanes_float lanes_select_less(lanes_float a, lanes_float b, lanes_float x, lanes_float y) {
  lanes_int mask = a < b;
  return __builtin_bit_cast(lanes_float, (mask & __builtin_bit_cast(lanes_int, x)) |
                                             (~mask & __builtin_bit_cast(lanes_int, y)));
}

/// The sum of all lanes, always as ((0+8)+(4+12))+… by halving: 16 → 8 → 4 → 2 → 1.
LANES_FUNCTION float lanes_sum(lanes_float a) {
  typedef float half8 __attribute__((ext_vector_type(8)));
  typedef float half4 __attribute__((ext_vector_type(4)));
  half8 b = a.lo + a.hi;
  half4 c = b.lo + b.hi;
  return (c.x + c.z) + (c.y + c.w);
}

#define LANES_PAIR(a, b, ...) \
  (__builtin_shufflevector(a, b, __VA_ARGS__))

/// The sums of 16 vectors, lane i holding that of the i-th; each is the very tree of lanes_sum.
LANES_FUNCTION lanes_float lanes_sum16(const float *from) {
  lanes_float v[16], h[8], q[4], p[2];
  for (int i = 0; i < 16; i++) v[i] = lanes_load(from + 16 * i);
  for (int i = 0; i < 8; i++)  // halves of 8: [a | b]
    h[i] = LANES_PAIR(v[2 * i], v[2 * i + 1], 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23) +
           LANES_PAIR(v[2 * i], v[2 * i + 1], 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31);
  for (int i = 0; i < 4; i++)  // quarters of 4: [a | b | c | d]
    q[i] = LANES_PAIR(h[2 * i], h[2 * i + 1], 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27) +
           LANES_PAIR(h[2 * i], h[2 * i + 1], 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31);
  for (int i = 0; i < 2; i++)  // pairs
    p[i] = LANES_PAIR(q[2 * i], q[2 * i + 1], 0, 1, 4, 5, 8, 9, 12, 13, 16, 17, 20, 21, 24, 25, 28, 29) +
           LANES_PAIR(q[2 * i], q[2 * i + 1], 2, 3, 6, 7, 10, 11, 14, 15, 18, 19, 22, 23, 26, 27, 30, 31);
  return LANES_PAIR(p[0], p[1], 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30) +
         LANES_PAIR(p[0], p[1], 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
}

/// Tells the core that this is a waiting loop.
LANES_FUNCTION void lanes_pause(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

/// Whether 16 lanes are one register of this machine, of which there are 32; elsewhere they take two or four.
LANES_FUNCTION _Bool lanes_fill_one_register(void) {
#ifdef __AVX512F__
  return 1;
#else
  return 0;
#endif
}

/// The largest lane.
LANES_FUNCTION float lanes_largest(lanes_float a) {
  typedef float half8 __attribute__((ext_vector_type(8)));
  typedef float half4 __attribute__((ext_vector_type(4)));
  half8 b = __builtin_elementwise_max(a.lo, a.hi);
  half4 c = __builtin_elementwise_max(b.lo, b.hi);
  return __builtin_elementwise_max(__builtin_elementwise_max(c.x, c.z), __builtin_elementwise_max(c.y, c.w));
}

#ifndef __AVX512F__
/// Transposes 8 rows of 8 floats: pairs of rows are interleaved, then pairs of pairs, then halves exchanged. Eight registers
/// of 256 bits hold it all.
LANES_FUNCTION void lanes_transpose8(const float *from, long from_stride, float *to, long to_stride) {
  typedef float row8 __attribute__((ext_vector_type(8)));
  row8 r[8], s[8];
  for (int i = 0; i < 8; i++) __builtin_memcpy(&r[i], from + i * from_stride, sizeof r[i]);
  for (int i = 0; i < 4; i++) {
    s[2 * i] = __builtin_shufflevector(r[2 * i], r[2 * i + 1], 0, 8, 1, 9, 4, 12, 5, 13);
    s[2 * i + 1] = __builtin_shufflevector(r[2 * i], r[2 * i + 1], 2, 10, 3, 11, 6, 14, 7, 15);
  }
  for (int i = 0; i < 2; i++)
    for (int k = 0; k < 2; k++) {
      r[4 * i + 2 * k] = __builtin_shufflevector(s[4 * i + k], s[4 * i + 2 + k], 0, 1, 8, 9, 4, 5, 12, 13);
      r[4 * i + 2 * k + 1] = __builtin_shufflevector(s[4 * i + k], s[4 * i + 2 + k], 2, 3, 10, 11, 6, 7, 14, 15);
    }
  for (int k = 0; k < 4; k++) {
    row8 low = __builtin_shufflevector(r[k], r[4 + k], 0, 1, 2, 3, 8, 9, 10, 11);
    row8 high = __builtin_shufflevector(r[k], r[4 + k], 4, 5, 6, 7, 12, 13, 14, 15);
    __builtin_memcpy(to + k * to_stride, &low, sizeof low);
    __builtin_memcpy(to + (k + 4) * to_stride, &high, sizeof high);
  }
}
#endif

/// Transposes 16 rows of 16 floats, `from_stride` floats apart, to rows `to_stride` floats apart; the two don't overlap.
///
/// Where 16 lanes are a register, four rounds of interleaving row i with row i + 8, each round doubling the distance in a row
/// between neighbours in a column; elsewhere, where 16 such rows would not fit into the registers, quarter by quarter.
LANES_FUNCTION void lanes_transpose(const float *from, long from_stride, float *to, long to_stride) {
#ifdef __AVX512F__
  lanes_float rows[16], next[16];
  for (int i = 0; i < 16; i++) rows[i] = lanes_load(from + i * from_stride);
  for (int round = 0; round < 4; round++) {
    for (int i = 0; i < 8; i++) {
      next[2 * i] = __builtin_shufflevector(rows[i], rows[i + 8], 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
      next[2 * i + 1] =
          __builtin_shufflevector(rows[i], rows[i + 8], 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
    }
    for (int i = 0; i < 16; i++) rows[i] = next[i];
  }
  for (int i = 0; i < 16; i++) lanes_store(to + i * to_stride, rows[i]);
#else
  for (int i = 0; i < 16; i += 8)
    for (int k = 0; k < 16; k += 8) lanes_transpose8(from + i * from_stride + k, from_stride, to + k * to_stride + i, to_stride);
#endif
}

#endif
