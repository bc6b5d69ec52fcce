// Philox 4×32 with ten rounds for many counters at a time: integers only, so any machine has the same words.

#ifndef QVIT_PHILOX_H
#define QVIT_PHILOX_H

#include "lanes.h"

/// Blocks that lanes_philox computes, and words of them.
enum { lanes_philox_blocks = 16, lanes_philox_words = 64 };

/// The words of 16 consecutive blocks, in order: the counters are the block's number in two words, then two zeros.
LANES_FUNCTION void lanes_philox(uint64_t block, uint32_t key0, uint32_t key1, uint32_t *to) {
  typedef uint64_t wide __attribute__((ext_vector_type(16)));
  const wide indices = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  const wide low = (wide)(UINT64_C(0xFFFFFFFF));
  // Every word has 64 bits to itself, of which the lower half counts, so that a product of two needs no shuffling: its halves are
  // the upper word, shifted down, and the lower one, where it is.
  wide counter = block + indices;
  wide c0 = counter, c1 = counter >> 32, c2 = (wide)(UINT64_C(0)), c3 = c2;
  for (int round = 0; round < 10; round++) {
    wide a = (c0 & low) * 0xD2511F53, b = (c2 & low) * 0xCD9E8D57;
    c0 = (b >> 32) ^ c1 ^ (wide)((uint64_t)key0);
    c1 = b;
    c2 = (a >> 32) ^ c3 ^ (wide)((uint64_t)key1);
    c3 = a;
    key0 += 0x9E3779B9;
    key1 += 0xBB67AE85;
  }
  wide first = (c0 & low) | (c1 << 32), second = (c2 & low) | (c3 << 32);
  wide below = LANES_PAIR(first, second, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
  wide above = LANES_PAIR(first, second, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
  // The lower half of 64 bits is the earlier word where the lower byte is the earlier one, as everywhere this is built for.
  __builtin_memcpy(to, &below, sizeof below);
  __builtin_memcpy(to + 32, &above, sizeof above);
}

#endif
