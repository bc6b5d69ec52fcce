#!/usr/bin/env bash
# Proves that results do not depend on the instruction set: builds the tools for each level, runs the pipeline on sample
# data with each, with one and with two threads, and compares the SHA-256 of all artifacts.
#
#     Benchmarks/bits.sh [LEVEL ...]        by default: x86-64-v3 native
#
# Builds are kept below .build/bits, so that a second run is quick.
set -euo pipefail
cd "$(dirname "$0")/.."

levels=("$@")
[[ ${#levels[@]} -gt 0 ]] || levels=(x86-64-v3 native)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# $1 tools, $2 threads, $3 directory of the results
run_pipeline() {
  local data student config
  mkdir -p "$3"
  for cell in breastmnist-28 pathmnist-28 bloodmnist-224; do
    data="$3/$cell.h5"
    "$1/prepare-data" --quiet --dataset "${cell%-*}" --resolution "${cell#*-}" --source sample --profile sample \
      --output "$data"
    for config in "$work"/config/*.json; do
      student="$3/$(basename "$config" .json)-$cell"
      "$1/train" --quiet --data "$data" --model "$(basename "$config" | sed 's/-.*//')" --config "$config" --seed 1 \
        --epochs 3 --threads "$2" --output "$student.h5"
      "$1/evaluate" --data "$data" --model "$student.h5" --threads "$2" --output "$student-evaluation.h5"
    done
  done
}

# The configurations: the tables' two, eight qubits, other circuits, the state vector, direct attention.
mkdir "$work/config"
cp pipeline/config/sample/vit.json "$work/config/vit-q4.json"
cp pipeline/config/sample/qvit.json "$work/config/qvit-chain-q4.json"
sed 's/"qubits": 4/"qubits": 8/' pipeline/config/sample/vit.json > "$work/config/vit-q8.json"
sed 's/"qubits": 4/"qubits": 8/' pipeline/config/sample/qvit.json > "$work/config/qvit-chain-q8.json"
sed 's/"chain"/"brick-ring"/' pipeline/config/sample/qvit.json > "$work/config/qvit-brick-ring-q4.json"
sed 's/"chain"/"hur"/; s/"mean"/"class-token"/' pipeline/config/sample/qvit.json > "$work/config/qvit-hur-q4.json"
sed 's/"heads": 2/"heads": 2, "attention": "direct"/' pipeline/config/sample/qvit.json > "$work/config/qvit-direct-q4.json"
sed 's/"layout": "chain"/"layout": "chain", "method": "state-vector"/' pipeline/config/sample/qvit.json \
  > "$work/config/qvit-state-vector-q4.json"

reference=
for level in "${levels[@]}"; do
  echo "bits: building for $level"
  QVIT_MARCH=$level swift build -c release --scratch-path ".build/bits/$level" | tail -n 1
  tools=.build/bits/$level/release
  for threads in 1 2; do
    echo "bits: running $level with $threads threads"
    run_pipeline "$tools" "$threads" "$work/results"
    (cd "$work/results" && sha256sum -- *.h5) > "$work/$level-$threads.sha256"
    rm -r "$work/results"
    if [[ -z $reference ]]; then
      reference=$work/$level-$threads.sha256
    elif ! diff "$reference" "$work/$level-$threads.sha256"; then
      echo "bits: error: $level with $threads threads gives other bits than $(basename "$reference" .sha256)" >&2
      exit 1
    fi
  done
done
echo "bits: $(wc -l < "$reference") artifacts, the same bits for ${levels[*]}, with 1 and 2 threads"
