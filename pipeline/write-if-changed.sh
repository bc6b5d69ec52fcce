#!/usr/bin/env bash
# write-if-changed.sh FILE: FILE becomes what standard input says; it stays as it is, and as old as it is, if it already
# says that.
set -euo pipefail
cat > "$1.part"
if cmp -s "$1.part" "$1"; then rm "$1.part"; else mv "$1.part" "$1"; fi
