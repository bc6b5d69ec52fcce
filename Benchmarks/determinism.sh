#!/usr/bin/env bash
# Proves that results depend on nothing but inputs, settings and seeds: makes both tables of the sample profile twice, the
# second time in another directory, with other numbers of threads and jobs, another locale, time zone and environment, and
# interrupted once; then compares the SHA-256 of all artifacts and tables and lists those that differ.
#
#     Benchmarks/determinism.sh [SETTING=VALUE ...]        settings for make, for example DATASETS=breastmnist EPOCHS=3
#
# BIN: where the tools are; by default make builds them.
set -euo pipefail
cd "$(dirname "$0")/.."
unset MAKEFLAGS MFLAGS MAKELEVEL

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
if [[ -z ${BIN-} ]]; then
  make build > /dev/null
  BIN=.build/release
fi
BIN=$(cd "$BIN" && pwd)

digests() { (cd "$1" && find . -type f \( -name '*.h5' -o -path './tables/*' \) -exec sha256sum {} + | sort -k 2); }

start=$SECONDS
make table1 table2 "$@" BIN="$BIN" ARTIFACTS="$work/first" THREADS=1 JOBS=2 > /dev/null 2> "$work/log" \
  || { cat "$work/log" >&2; exit 1; }
took=$((SECONDS - start))
echo "determinism: made once in $took s"

# The same Makefile elsewhere, below another working directory, by another user of another country.
elsewhere=$work/elsewhere/deeper
mkdir -p "$elsewhere" "$work/home"
cp -r --parents Makefile pipeline Sources/Data/Datasets/datasets.tsv "$elsewhere"
second=(env -i PATH="$PATH" HOME="$work/home" LC_ALL=tr_TR.UTF-8 LANG=de_DE.UTF-8 TZ=Asia/Kathmandu TERM=dumb COLUMNS=40
  MALLOC_PERTURB_=85 ${ASAN_OPTIONS:+ASAN_OPTIONS="$ASAN_OPTIONS"} ${TSAN_OPTIONS:+TSAN_OPTIONS="$TSAN_OPTIONS"} make -C "$elsewhere" table1 table2 "$@" BIN="$BIN" ARTIFACTS=results THREADS=3 JOBS=1)
umask 077
setsid "${second[@]}" > /dev/null 2> "$work/log" &
group=$!
sleep "$((took / 3 + 1))"
kill -TERM -- "-$group" 2> /dev/null || true
if wait "$group"; then
  echo "determinism: the second run ended before it was interrupted"
else
  echo "determinism: interrupted; waiting to be resumed:" \
    "$(cd "$elsewhere" && find results -name '*.ckpt.h5' | sed 's/.*results.//' | paste -s -d ' ')"
fi
"${second[@]}" > /dev/null 2> "$work/log" || { cat "$work/log" >&2; exit 1; }

profile=$(ls "$work/first")
digests "$work/first/$profile" > "$work/first.sha256"
digests "$elsewhere/results/$profile" > "$work/second.sha256"
if ! diff "$work/first.sha256" "$work/second.sha256" > "$work/difference"; then
  echo "determinism: error: not the same in both runs:" >&2
  awk '/^[<>]/ { print "  " $3 }' "$work/difference" | sort -u >&2
  exit 1
fi
echo "determinism: $(grep -c '\.h5$' "$work/first.sha256") artifacts and $(grep -c '/tables/' "$work/first.sha256") files" \
  "of tables, the same bytes in both runs; $((SECONDS - start)) s"
