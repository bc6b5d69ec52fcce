// bfloat16: the upper half of a single-precision number, 8 bits of precision. Two of them in 32 bits are a pair, the even one in
// the lower half, which is what a lane of x86's VDPBF16PS takes. Pairs travel as the bits of floats, which nothing computes with.
//
// But for that instruction everything is written with clang's vector extensions, so that any machine has the same bits.

#ifndef QVIT_BFLOAT16_H
#define QVIT_BFLOAT16_H

#include "lanes.h"

/// a rounded to bfloat16, to nearest, ties to even, as VCVTNEPS2BF16 does: denormal numbers become a zero of their sign, what is
/// too large infinity, a NaN stays one and quiet.
LANES_FUNCTION lanes_float lanes_round_bfloat16(lanes_float a) {
  lanes_int bits = lanes_bits(a);
  lanes_int magnitude = bits & 0x7FFFFFFF;
  lanes_int rounded = bits + (((bits >> 16) & 1) + 0x7FFF);
  lanes_int is_nan = magnitude > 0x7F800000;
  rounded = (is_nan & (bits | 0x400000)) | (~is_nan & rounded);
  lanes_int is_denormal = magnitude < 0x800000;
  return lanes_from_bits(rounded & -0x10000 & (~is_denormal | INT32_MIN));
}

/// The pairs of rounded numbers.
LANES_FUNCTION lanes_float lanes_pairs(lanes_float even, lanes_float odd) {
  return lanes_from_bits(lanes_bits(odd) | ((lanes_bits(even) >> 16) & 0xFFFF));
}

/// The numbers with an even index of 32.
LANES_FUNCTION lanes_float lanes_even_indices(lanes_float low, lanes_float high) {
  return LANES_PAIR(low, high, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
}

/// Those with an odd index.
LANES_FUNCTION lanes_float lanes_odd_indices(lanes_float low, lanes_float high) {
  return LANES_PAIR(low, high, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
}

/// Every lane with its neighbour exchanged: 1, 0, 3, 2, …
LANES_FUNCTION lanes_float lanes_swap_neighbours(lanes_float a) {
  return __builtin_shufflevector(a, a, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14);
}

/// One pair in every lane.
LANES_FUNCTION lanes_float lanes_splat_pair(const float *from) {
  int32_t pair;
  __builtin_memcpy(&pair, from, sizeof pair);
  return lanes_from_bits((lanes_int)(pair));
}

/// sum + a.odd · b.odd, then that + a.even · b.even, each rounded once: VDPBF16PS, where denormal numbers are flushed to zero
/// (lanes_flush_denormals).
LANES_FUNCTION lanes_float lanes_add_pair_products(lanes_float sum, lanes_float a, lanes_float b) {
  lanes_int x = lanes_bits(a), y = lanes_bits(b);
  sum = lanes_fma(lanes_from_bits(x & -0x10000), lanes_from_bits(y & -0x10000), sum);
  return lanes_fma(lanes_from_bits(x << 16), lanes_from_bits(y << 16), sum);
}

/// Whether the machine this is compiled for has VDPBF16PS.
LANES_FUNCTION _Bool lanes_have_pair_instruction(void) {
#ifdef __AVX512BF16__
  return 1;
#else
  return 0;
#endif
}

/// VDPBF16PS itself where there is one.
LANES_FUNCTION lanes_float lanes_pair_instruction(lanes_float sum, lanes_float a, lanes_float b) {
#ifdef __AVX512BF16__
  typedef __bf16 halves __attribute__((__vector_size__(64)));
  typedef float singles __attribute__((__vector_size__(64)));
  singles result = __builtin_ia32_dpbf16ps_512(
      __builtin_bit_cast(singles, sum), __builtin_bit_cast(halves, a), __builtin_bit_cast(halves, b));
  return __builtin_bit_cast(lanes_float, result);
#else
  return lanes_add_pair_products(sum, a, b);
#endif
}

/// From here on this thread takes denormal numbers for zeros and makes zeros of those that come out.
/// - Returns: what lanes_restore_control needs to end that.
LANES_FUNCTION uint64_t lanes_flush_denormals(void) {
#if defined(__x86_64__)
  uint32_t control = __builtin_ia32_stmxcsr();
  __builtin_ia32_ldmxcsr(control | 0x8040);  // flush to zero, denormals are zeros
  return control;
#elif defined(__aarch64__)
  uint64_t control;
  __asm__ volatile("mrs %0, fpcr" : "=r"(control)::"memory");
  __asm__ volatile("msr fpcr, %0" ::"r"(control | (UINT64_C(1) << 24)) : "memory");
  return control;
#else
#error "no way is known to flush denormal numbers on this processor"
#endif
}

LANES_FUNCTION void lanes_restore_control(uint64_t control) {
#if defined(__x86_64__)
  __builtin_ia32_ldmxcsr((uint32_t)control);
#elif defined(__aarch64__)
  __asm__ volatile("msr fpcr, %0" ::"r"(control) : "memory");
#endif
}

#endif
