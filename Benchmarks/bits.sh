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
  local data student teacher config
  mkdir -p "$3"
  for cell in breastmnist-28 pathmnist-28 bloodmnist-224; do
    data="$3/$cell.h5"
    "$1/prepare-data" --quiet --dataset "${cell%-*}" --resolution "${cell#*-}" --source sample --profile sample \
      --output "$data"
    for config in "$work"/config/variants/*vit-*.json; do
      student="$3/$(basename "$config" .json)-$cell"
      "$1/train" --quiet --data "$data" --config "$config" --seed 1 --epochs 3 --threads "$2" --output "$student.h5"
      "$1/evaluate" --data "$data" --model "$student.h5" --threads "$2" --output "$student-evaluation.h5"
    done
  done
  # Products in bfloat16 are an instruction on some processors and several on others.
  data=$3/breastmnist-28.h5
  for config in "$work"/config/sample/teacher-*.json; do
    teacher=$3/$(basename "$config" .json)
    "$1/finetune-teacher" --quiet --data "$data" --config "$config" --seed 1 --epochs 1 --threads "$2" --output "$teacher.h5"
    "$1/distill" --quiet --data "$data" --teacher "$teacher.h5" --config "$work/config/variants/qvit-chain-q4.json" \
      --distillation "$work/config/sample/distillation.json" --seed 1 --epochs 2 --threads "$2" --output "$teacher-student.h5"
  done
}

# The settings: the tables' two, eight and 16 qubits, other circuits, the state vector, direct attention, dropout; the sample
# profile's teacher in both precisions.
mkdir -p "$work/config/variants" "$work/config/sample"
cp pipeline/config/{student,vit,qvit,teacher,distillation}.json "$work/config"
cp pipeline/config/sample/distillation.json "$work/config/sample"
for precision in float32 bfloat16; do
  sed "s/\"training\": {/\"training\": { \"precision\": \"$precision\",/" pipeline/config/sample/teacher.json \
    > "$work/config/sample/teacher-$precision.json"
done
cp pipeline/config/sample/student.json "$work/config/variants"
variant() { echo "{\"extends\": \"$2\", \"model\": $3}" > "$work/config/variants/$1.json"; }
variant vit-q4 vit '{}'
variant qvit-chain-q4 qvit '{}'
variant vit-q8 vit '{"qubits": 8}'
variant qvit-chain-q8 qvit '{"qubits": 8}'
variant qvit-brick-ring-q4 qvit '{"circuit": {"layout": "brick-ring"}}'
variant qvit-hur-q4 qvit '{"pooling": "class-token", "circuit": {"layout": "hur"}}'
variant vit-q16 vit '{"qubits": 16}'
variant qvit-chain-q16 qvit '{"qubits": 16}'
variant vit-dropout-q4 vit '{"dropout": 0.1}'
variant qvit-dropout-q4 qvit '{"dropout": 0.1, "pooling": "class-token"}'
variant qvit-direct-q4 qvit '{"attention": "direct"}'
variant qvit-state-vector-q4 qvit '{"circuit": {"method": "state-vector"}}'

reference=
for level in "${levels[@]}"; do
  echo "bits: building for $level"
  QVIT_MARCH=$level swift build -c release --scratch-path ".build/bits/$level" | tail -n 1
  tools=.build/bits/$level/release
  for threads in 1 2; do
    echo "bits: running $level with $threads threads"
    # What students of three epochs are warned of is of no interest here.
    run_pipeline "$tools" "$threads" "$work/results" 2> >(grep -v ": warning: " >&2)
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
