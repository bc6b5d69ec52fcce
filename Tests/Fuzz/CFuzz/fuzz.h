// What the fuzz program needs of the system and Swift cannot import: a look at the stack of a process
// that crashes, limits.
#ifndef QVIT_FUZZ_H
#define QVIT_FUZZ_H

// For nftw.
#ifndef _XOPEN_SOURCE
#define _XOPEN_SOURCE 700
#endif

#include <execinfo.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

static inline int fuzz_remove_entry(const char *path, const struct stat *status, int kind, struct FTW *place) {
  (void)status, (void)kind, (void)place;
  return remove(path);
}

/// Removes a directory with all that is in it, whatever its name.
static inline void fuzz_remove_tree(const char *path) { nftw(path, fuzz_remove_entry, 16, FTW_DEPTH | FTW_PHYS); }

/// Bounds the address space; the program ends where it asks for more.
static inline int fuzz_limit_memory(uint64_t bytes) {
  struct rlimit limit = {bytes, bytes}, none = {0, 0};
  setrlimit(RLIMIT_CORE, &none);
  return bytes ? setrlimit(RLIMIT_AS, &limit) : 0;
}

/// The largest resident size so far, in kibibytes.
static inline long fuzz_peak(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

/// What a worker and its supervisor share.
struct fuzz_board {
  /// The case under way.
  int64_t number;
  /// Cases by outcome: accepted, refused, harmless.
  int64_t counts[3];
  /// Findings that the worker could report itself.
  int64_t findings;
  /// Largest resident size in kibibytes.
  int64_t peak;
  /// 1 if the HDF5 library is on the stack of the crash.
  int64_t in_library;
};

static inline struct fuzz_board *fuzz_map_board(const char *path) {
  int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0 || ftruncate(file, sizeof(struct fuzz_board)) != 0) return NULL;
  void *memory = mmap(NULL, sizeof(struct fuzz_board), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  close(file);
  return memory == MAP_FAILED ? NULL : (struct fuzz_board *)memory;
}

static inline struct fuzz_board **fuzz_the_board(void) {
  static struct fuzz_board *board;
  return &board;
}

/// Prints the stack, notes whether it leads through the HDF5 library, and ends the process by the same signal.
static inline void fuzz_note_crash(int number) {
  void *frames[64];
  int count = backtrace(frames, 64);
  backtrace_symbols_fd(frames, count < 24 ? count : 24, STDERR_FILENO);
  // The names of the stack's libraries go through a pipe: there is no memory to be had safely here.
  int ends[2];
  if (pipe(ends) == 0) {
    fcntl(ends[1], F_SETFL, O_NONBLOCK);
    backtrace_symbols_fd(frames, count, ends[1]);
    close(ends[1]);
    char text[16384];
    ssize_t length = read(ends[0], text, sizeof text - 1);
    text[length < 0 ? 0 : length] = 0;
    if (*fuzz_the_board() && strstr(text, "libhdf5")) (*fuzz_the_board())->in_library = 1;
  }
  signal(number, SIG_DFL);
  raise(number);
}

static inline void fuzz_watch_crashes(struct fuzz_board *board) {
  void *frames[1];
  backtrace(frames, 1);  // Loads what a handler may not load.
  *fuzz_the_board() = board;
  static char stack[1 << 17];
  stack_t other = {.ss_sp = stack, .ss_size = sizeof stack};
  sigaltstack(&other, NULL);
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = fuzz_note_crash;
  action.sa_flags = SA_ONSTACK | SA_NODEFER;
  int signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT};
  for (unsigned i = 0; i < sizeof signals / sizeof *signals; i++) sigaction(signals[i], &action, NULL);
}

/// Whether the address sanitizer is built in: it has limits of its own and needs a large address space.
extern void __asan_init(void) __attribute__((weak));
static inline int fuzz_has_address_sanitizer(void) { return __asan_init != NULL; }

/// The same of any sanitizer.
extern void __tsan_init(void) __attribute__((weak));
static inline int fuzz_has_sanitizer(void) { return __asan_init != NULL || __tsan_init != NULL; }

#endif
