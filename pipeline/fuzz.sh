#!/usr/bin/env bash
# fuzz.sh EXECUTIONS SECONDS SEED: the long version of the tests of hostile input. Every target runs so many cases, or for so
# many seconds, under the address sanitizer; the flips run over every byte, without it.
set -euo pipefail
cd "$(dirname "$0")/.."

executions=$1 seconds=$2 seed=$3
keep=fuzz-findings
jobs=$(nproc)

# The build without a sanitizer is that of `make test`.
plain=.build/fuzz-tests address=.build/fuzz-address
swift build -c release --package-path Tests/Fuzz --product fuzz --sanitize=address --scratch-path "$address"
swift build -c release --package-path Tests/Fuzz --product fuzz --scratch-path "$plain"

# What a process holds when it ends is no leak worth telling.
export ASAN_OPTIONS=detect_leaks=0
status=0
run() {
  local build=$1 target=$2
  shift 2
  "$build/release/fuzz" --target "$target" --seed "$seed" --jobs "$jobs" --keep "$keep" "$@" || status=1
}
for target in npz safetensors settings image arguments artifact folder; do
  run "$address" "$target" --executions "$executions" --seconds "$seconds"
done
# These go into the HDF5 library, which can crash on hostile files: the watch has to see where.
for target in schema stages sealed; do run "$plain" "$target" --executions "$executions" --seconds "$seconds"; done
run "$plain" flips
run "$plain" sealed-flips --executions "$executions" --seconds "$seconds"
exit $status
