#!/usr/bin/env bash
# missing-input.sh FILE: says where an official file that is not there can be had, and fails.
set -euo pipefail
file=$1
directory=$(dirname "$(readlink -f "$0")")
awk -F '\t' -v path="$file" -v name="${file##*/}" '
  $1 == name { printf "%s: missing; get %s (MD5 %s) and put it there, or set RAW\n", path, $3, $2; found = 1 }
  END { if (!found) printf "%s: missing\n", path }' "$directory/inputs.tsv" >&2
exit 66
