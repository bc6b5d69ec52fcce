#!/usr/bin/env bash
# missing-input.sh FILE: says where an official file, the slices of OASIS, or the teacher's weights can be had, and fails.
set -euo pipefail
file=$1
if [[ $file == *.safetensors ]]; then
  printf '%s: missing; get model.safetensors of timm/tiny_vit_5m_224.dist_in22k_ft_in1k (hub of timm, Apache-2.0) %s\n' \
    "$file" 'and put it there, or set WEIGHTS' >&2
  exit 66
fi
if [[ ${file##*/} == oasis ]]; then
  printf '%s: missing; get OASIS-1 as slices (Kaggle: ninadaithal/imagesoasis, needs an account; mind OASIS’ data use terms) %s\n' \
    "$file" 'and put its four class folders there, or set RAW' >&2
  exit 66
fi
pipeline=$(dirname "$(readlink -f "$0")")
if row=$(awk -v file="${file##*/}" -f "$pipeline/official-file.awk" "$pipeline/../Sources/Data/Datasets/datasets.tsv"); then
  IFS=$'\t' read -r -a fields <<< "$row"
  printf '%s: missing; get %s (MD5 %s) and put it there, or set RAW\n' "$file" "${fields[2]}" "${fields[1]}" >&2
else
  printf '%s: missing\n' "$file" >&2
fi
exit 66
