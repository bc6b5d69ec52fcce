// How many processors there are for this process. The C library's own call needs a macro that Swift's view of the C library
// is built without.

#ifndef QVIT_PROCESSORS_H
#define QVIT_PROCESSORS_H

#include <sys/syscall.h>
#include <unistd.h>

/// The processors this process may run on: those of the machine, or what `taskset` or a job manager left of them.
static inline int processors_allowed(void) {
  unsigned long mask[128];  // 8192 processors
  long bytes = syscall(SYS_sched_getaffinity, 0, sizeof mask, mask);
  int count = 0;
  for (long i = 0; i < bytes / (long)sizeof mask[0]; i++) count += __builtin_popcountl(mask[i]);
  return count > 0 ? count : (int)sysconf(_SC_NPROCESSORS_ONLN);
}

#endif
