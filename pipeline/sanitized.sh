#!/usr/bin/env bash
# sanitized.sh thread|address: the tests under a sanitizer.
set -euo pipefail
cd "$(dirname "$0")/.."

# PipelineTests run make and no code of ours in their process.
skip=(--skip PipelineTests)
case $1 in
  thread)
    export TSAN_OPTIONS="halt_on_error=1 ${TSAN_OPTIONS:-}"
    # Hostile input belongs to the address sanitizer: this one cannot live with limits of memory and of the size of files.
    skip+=(--skip HostileInputTests --skip DataSourceTests/fullDisk)
    ;;
  address) export ASAN_OPTIONS="detect_leaks=0 ${ASAN_OPTIONS:-}" ;;
  *) echo "usage: $0 thread|address" >&2; exit 64 ;;
esac
exec swift test -c release -Xswiftc -enable-testing --sanitize="$1" --scratch-path ".build/$1" "${skip[@]}"
