#!/usr/bin/env bash
# fuzz.sh EXECUTIONS SECONDS SEED: the long version of the tests of hostile input. Every target runs so many cases, or for so
# many seconds, under the address sanitizer; the flips run over every byte, without it.
set -euo pipefail
cd "$(dirname "$0")/.."

executions=$1 seconds=$2 seed=$3
keep=fuzz-findings
jobs=$(nproc)

swift build -c release --product fuzz --sanitize=address --scratch-path .build/fuzz-address
swift build -c release --product fuzz --scratch-path .build/fuzz

# What a process holds when it ends is no leak worth telling.
export ASAN_OPTIONS=detect_leaks=0
status=0
run() {
  local build=$1 target=$2
  shift 2
  "$build/release/fuzz" --target "$target" --seed "$seed" --jobs "$jobs" --keep "$keep" "$@" || status=1
}
for target in npz safetensors settings image arguments artifact folder; do
  run .build/fuzz-address "$target" --executions "$executions" --seconds "$seconds"
done
# These go into the HDF5 library, which can crash on hostile files: the watch has to see where.
for target in schema stages sealed; do run .build/fuzz "$target" --executions "$executions" --seconds "$seconds"; done
run .build/fuzz flips
run .build/fuzz sealed-flips --executions "$executions" --seconds "$seconds"
exit $status
