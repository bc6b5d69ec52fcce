#!/usr/bin/env bash
# sanitized.sh thread|address: the tests under a sanitizer.
set -euo pipefail
cd "$(dirname "$0")/.."

# PipelineTests run make and no code of ours in their process.
skip=(--skip PipelineTests)
case $1 in
  thread)
    export TSAN_OPTIONS="halt_on_error=1 ${TSAN_OPTIONS:-}"
    # It makes programs ten times as slow and cannot live with limits of memory, stacks and sizes of files. What tests of
    # the tools check with those, or by stopping a program in time, belongs to the address sanitizer.
    for suite in Output Interruption Kill DataSource Make NumericalTrouble Streaming WithoutThreads; do
      skip+=(--skip "ToolTests.${suite}Tests")
    done
    ;;
  address) export ASAN_OPTIONS="detect_leaks=0 ${ASAN_OPTIONS:-}" ;;
  *) echo "usage: $0 thread|address" >&2; exit 64 ;;
esac
swift test -c release -Xswiftc -enable-testing --sanitize="$1" --scratch-path ".build/$1" "${skip[@]}"
# Hostile input runs under limits of memory: the address sanitizer's too.
[[ $1 == thread ]] \
  || swift test -c release --package-path Tests/Fuzz --sanitize="$1" --scratch-path ".build/fuzz-$1"
