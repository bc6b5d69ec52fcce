#!/bin/sh
# Where the time of a training step goes: shares by part, by sampling (perf). One thread, batches of 32.
# Usage: Benchmarks/parts.sh student|teacher [options of the benchmark], for example:
#   Benchmarks/parts.sh student --model qvit --layout ring
set -eu
cd "$(dirname "$0")/.."
command -v perf >/dev/null || { echo "parts.sh: needs perf (Debian: linux-perf)" >&2; exit 69; }
case ${1-} in
  student | teacher) model=$1; shift ;;
  *) echo "usage: Benchmarks/parts.sh student|teacher [options]" >&2; exit 64 ;;
esac
benchmark=.build/benchmarks/release/$model-benchmark
[ -x "$benchmark" ] || { echo "parts.sh: $benchmark is missing; swift build -c release --package-path Benchmarks --scratch-path .build/benchmarks" >&2; exit 66; }
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT

seconds=0.5
[ "$model" = student ] || seconds=8
# perf counts cycles, or samples by the clock where a virtual machine has no counter.
perf record --quiet --all-user --output "$directory/samples" \
  "$benchmark" --task training --seconds $seconds --windows 3 "$@" > "$directory/rate"
perf report --input "$directory/samples" --stdio --no-children --sort symbol 2> /dev/null | awk -v model="$model" '
  function student(name) {
    if (name ~ /polynomial|planeMoments|evaluatePolynomials|PolynomialAttention|scoreBound/) return "attention"
    if (name ~ /attention(For|Back)ward|TransformerKernels[0-9]*(forward|backward)[0-9]|(For|Back)wardPass/) return "attention"
    if (name ~ /circuit(For|Back)ward|BlochForm|CircuitEvaluator|RegisterSimulation|encodeAngles/) return "circuits"
    if (name ~ /PatchEmbedding|patchRows|embedPositions/) return "patch embedding, positions"
    if (name ~ /linear(For|Back)ward|weightGradient|gelu/) return "linear maps, GELU"
    if (name ~ /layerNorm/) return "layer norms"
    return "the rest"
  }
  function teacher(name) {
    if (name ~ /TinyViTKernels8multiply/) return "matrix products (those of attention too)"
    if (name ~ /normalise|Normalisation|ChannelMoments|ChannelGradientSums/) return "batch norms with the GELU behind them"
    if (name ~ /depthwise/) return "depthwise convolutions"
    if (name ~ /attention|softmax|AttentionBias/) return "attention without its products"
    if (name ~ /gelu|layerNorm/) return "layer norms, GELU in MLPs"
    if (name ~ /memmove|memset|packPanels|gatherPatches|writeRow|accumulate/) return "copying, clearing, packing, summing chunks"
    if (name ~ /Adam/) return "Adam"
    return "the rest"
  }
  # Making random weights and images is no part of a step.
  /RandomStream|philox|Elementary|RandomImages|initialise/ { next }
  /^ +[0-9.]+%/ { share = $1; sub(/%/, "", share); total += share
    parts[model == "student" ? student($0) : teacher($0)] += share }
  END { for (name in parts) printf "%5.1f %%  %s\n", 100 * parts[name] / total, name }
' | sort -rn
cat "$directory/rate"
