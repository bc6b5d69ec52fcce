#!/usr/bin/env bash
# download.sh DIRECTORY NAME...: fetches the official files and pretrained weights that are not in DIRECTORY yet. A file is
# written to NAME.part, goes on where it was interrupted, and gets its name once its digest (MD5 of archives, SHA-256 of
# weights) is right. Exits with 69, and says what to put where, if a
# file cannot be had; with 65 if what came is not the official file; with 74 if it cannot be written.
# CATALOGUE, WEIGHTS_TABLE: other tables than Sources/Data/Datasets/datasets.tsv and weights.tsv.
set -euo pipefail
directory=$1
shift
pipeline=$(dirname "$(readlink -f "$0")")
catalogue=${CATALOGUE:-$pipeline/../Sources/Data/Datasets/datasets.tsv}
weights=${WEIGHTS_TABLE:-$pipeline/../Sources/Data/Datasets/weights.tsv}
# Why a download failed is said below, in the line of its file.
progress=(--silent)
[[ ! -t 2 ]] || progress=(--progress-bar)

# fetch URL PART: goes on behind what PART holds. A connection that is cut is taken up again for as long as bytes arrive; a
# server that cannot begin in the middle, or has nothing behind what is there, is asked for all of it.
fetch() {
  local code http before
  reason=
  while true; do
    before=$(stat -c %s "$2")
    code=0
    http=$(curl --fail --location --retry 3 --connect-timeout 20 --speed-limit 1000 --speed-time 60 --continue-at - \
      "${progress[@]}" --write-out '%{http_code} %{errormsg}' --output "$2" "$1") || code=$?
    reason=${http#* }
    http=${http%% *}
    if [[ $code == 33 || $http == 416 ]] && [[ $before != 0 ]]; then
      : > "$2"
    # Partial file, time-out, empty reply, failure while receiving, a broken stream of HTTP/2 or 3.
    elif [[ ! " 18 28 52 56 92 95 " == *" $code "* ]] || (( $(stat -c %s "$2") <= before )); then
      return "$code"
    fi
  done
}

# digest FILE: its MD5 or SHA-256, as $algorithm says.
digest() { "${algorithm}sum" < "$1" | cut -d ' ' -f 1; }

# get NAME DIGEST URL SIZE LICENCE: DIGEST is "-" where nobody has noted it; what came is then told.
get() {
  local target=$directory/$1 part=$directory/$1.part found
  if ! { exec 9>> "$part"; } 2> /dev/null; then
    echo "data: error: $target: cannot create" >&2
    exit 73
  fi
  flock -n 9 || { echo "data: error: $target: another process is writing" >&2; exit 73; }
  echo "$1 ($4, $5)" >&2
  found=$(digest "$part")
  if [[ $found != "$2" ]]; then
    fetch "$3" "$part" || case $? in 23) return 74 ;; *) return 69 ;; esac
    found=$(digest "$part")
  fi
  if [[ $2 == - ]]; then
    echo "data: $target: SHA-256 $found; none is noted here to compare it with, the page of $3 shows it" >&2
  elif [[ $found != "$2" ]]; then
    rm -f "$part"
    echo "data: error: $target: ${algorithm^^}: expected $2, found $found; removed, the next attempt begins anew" >&2
    return 65
  fi
  sync "$part" && mv "$part" "$target" || return 74
}

mkdir -p "$directory"
status=0
missing=()
for name in "$@"; do
  [[ ! -e $directory/$name ]] || continue
  if [[ $name == oasis ]]; then
    echo "data: $directory/oasis: nobody may pass it on; get OASIS-1 as slices (Kaggle: ninadaithal/imagesoasis, needs an" \
      "account; mind OASIS’ data use terms) and put its four class folders there" >&2
    continue
  fi
  if row=$(awk -v file="$name" -f "$pipeline/official-file.awk" "$catalogue"); then
    algorithm=md5
  elif row=$(awk -v file="$name" -f "$pipeline/weights-file.awk" "$weights"); then
    algorithm=sha256
  else
    echo "data: error: $name: not in $catalogue" >&2
    exit 64
  fi
  IFS=$'\t' read -r -a fields <<< "$row"
  code=0
  get "${fields[@]}" || code=$?
  [[ $code == 0 ]] || status=$code
  if [[ $code == 69 ]]; then
    # An empty beginning is of no use to anybody.
    [[ -s $directory/$name.part ]] || rm -f "$directory/$name.part"
    missing+=("$directory/$name: ${reason:-cannot be downloaded}; get ${fields[2]} (${algorithm^^} ${fields[1]}, ${fields[3]}) and put it there")
  fi
done
for line in ${missing[@]+"${missing[@]}"}; do echo "data: error: $line" >&2; done
exit "$status"
