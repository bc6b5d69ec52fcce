#!/bin/sh
# Where the time of a training step goes: cycles per image and part, by sampling (perf). One thread, batches of 32.
# Usage: Benchmarks/parts.sh [student-benchmark options], for example: Benchmarks/parts.sh --model qvit --layout ring
set -eu
cd "$(dirname "$0")/.."
command -v perf >/dev/null || { echo "parts.sh: needs perf (Debian: linux-perf)" >&2; exit 69; }
benchmark=.build/release/student-benchmark
[ -x "$benchmark" ] || { echo "parts.sh: $benchmark is missing; swift build -c release" >&2; exit 66; }
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT

perf record --quiet --all-user --output "$directory/samples" \
  "$benchmark" --task training --seconds 0.5 --windows 6 "$@" > "$directory/rate"
perf report --input "$directory/samples" --stdio --no-children --sort symbol 2> /dev/null | awk '
  function part(name) {
    if (name ~ /polynomial|planeMoments|evaluatePolynomials|PolynomialAttention|scoreBound/) return "attention"
    if (name ~ /attention(For|Back)ward|StudentKernels[0-9]*(forward|backward)[0-9]/) return "attention"
    if (name ~ /circuit(For|Back)ward|BlochForm|CircuitEvaluator|RegisterSimulation|encodeAngles/) return "circuits"
    if (name ~ /PatchEmbedding|patchRows|embedPositions/) return "patch embedding, positions"
    if (name ~ /linear(For|Back)ward|weightGradient|gelu/) return "linear maps, GELU"
    if (name ~ /layerNorm/) return "layer norms"
    return "the rest"
  }
  /^ +[0-9.]+%/ { share = $1; sub(/%/, "", share); total += share; parts[part($0)] += share }
  END { for (name in parts) printf "%5.1f %%  %s\n", 100 * parts[name] / total, name }
' | sort -rn
cat "$directory/rate"
