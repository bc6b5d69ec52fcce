// The compression function of SHA-256 (FIPS 180-4, 6.2.2) by the instructions that processors have for it: Intel's SHA
// extensions, or arm64's. Which of them there are is decided when the program is compiled; Swift has a version for
// machines without.

#ifndef QVIT_SHA256_H
#define QVIT_SHA256_H

#include <stdint.h>

#define SHA256_FUNCTION static inline __attribute__((always_inline))

#if defined(__x86_64__) && defined(__SHA__) && defined(__SSE4_1__)
#define SHA256_HAS_INSTRUCTIONS 1
typedef int32_t sha256_words __attribute__((vector_size(16)));
#elif defined(__aarch64__) && (defined(__ARM_FEATURE_SHA2) || defined(__ARM_FEATURE_CRYPTO))
#define SHA256_HAS_INSTRUCTIONS 1
#include <arm_neon.h>
typedef uint32x4_t sha256_words;
#else
#define SHA256_HAS_INSTRUCTIONS 0
#endif

/// Whether `sha256_absorb` does anything on this machine.
SHA256_FUNCTION _Bool sha256_has_instructions(void) { return SHA256_HAS_INSTRUCTIONS; }

#if SHA256_HAS_INSTRUCTIONS

/// Four words of a message, which is big-endian.
SHA256_FUNCTION sha256_words sha256_load_message(const uint8_t *from) {
  typedef uint8_t bytes __attribute__((vector_size(16)));
  bytes b;
  __builtin_memcpy(&b, from, sizeof b);
  b = __builtin_shufflevector(b, b, 3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12);
  return (sha256_words)b;
}

SHA256_FUNCTION sha256_words sha256_load(const uint32_t *from) {
  sha256_words w;
  __builtin_memcpy(&w, from, sizeof w);
  return w;
}

/// Words 16 … 19 of the message schedule from words 0 … 15.
SHA256_FUNCTION sha256_words sha256_next_words(sha256_words w0, sha256_words w1, sha256_words w2, sha256_words w3) {
#if defined(__x86_64__)
  sha256_words w9 = __builtin_shufflevector(w2, w3, 1, 2, 3, 4);
  return __builtin_ia32_sha256msg2(__builtin_ia32_sha256msg1(w0, w1) + w9, w3);
#else
  return vsha256su1q_u32(vsha256su0q_u32(w0, w1), w2, w3);
#endif
}

/// Digests `count` consecutive blocks of 64 bytes; `state` is a … h, `k` the 64 constants.
SHA256_FUNCTION void sha256_absorb(uint32_t *state, const uint8_t *block, long count, const uint32_t *k) {
  sha256_words s0 = sha256_load(state), s1 = sha256_load(state + 4);
#if defined(__x86_64__)
  // The instructions want {f, e, b, a} and {h, g, d, c}.
  sha256_words abcd = s0;
  s0 = __builtin_shufflevector(s1, abcd, 1, 0, 5, 4);
  s1 = __builtin_shufflevector(s1, abcd, 3, 2, 7, 6);
#endif
  for (; count > 0; count--, block += 64) {
    const sha256_words before0 = s0, before1 = s1;
    sha256_words w[4];
    for (int i = 0; i < 4; i++) w[i] = sha256_load_message(block + 16 * i);
#pragma clang loop unroll(full)
    for (int t = 0; t < 16; t++) {
      const sha256_words wk = w[t % 4] + sha256_load(k + 4 * t);
#if defined(__x86_64__)
      s1 = __builtin_ia32_sha256rnds2(s1, s0, wk);
      s0 = __builtin_ia32_sha256rnds2(s0, s1, __builtin_shufflevector(wk, wk, 2, 3, 0, 1));
#else
      const sha256_words abcd = s0;
      s0 = vsha256hq_u32(s0, s1, wk);
      s1 = vsha256h2q_u32(s1, abcd, wk);
#endif
      if (t < 12) w[t % 4] = sha256_next_words(w[t % 4], w[(t + 1) % 4], w[(t + 2) % 4], w[(t + 3) % 4]);
    }
    s0 += before0;
    s1 += before1;
  }
#if defined(__x86_64__)
  const sha256_words feba = s0;
  s0 = __builtin_shufflevector(feba, s1, 3, 2, 7, 6);
  s1 = __builtin_shufflevector(feba, s1, 1, 0, 5, 4);
#endif
  __builtin_memcpy(state, &s0, sizeof s0);
  __builtin_memcpy(state + 4, &s1, sizeof s1);
}

#else

SHA256_FUNCTION void sha256_absorb(uint32_t *state, const uint8_t *block, long count, const uint32_t *k) {
  (void)state, (void)block, (void)count, (void)k;
}

#endif

#endif
