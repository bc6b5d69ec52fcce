# Finds a file of pretrained weights (Sources/Data/Datasets/weights.tsv; PublishedWeights.swift explains its columns): prints
# name, SHA-256, address, size and licence, separated by tabs; exits with 1 if the name is not known. Variable: file, its name.
BEGIN { FS = OFS = "\t" }
NR == 1 { for (i = 1; i <= NF; i++) column[$i] = i; next }
$column["file"] == file { print file, $column["sha256"], $column["url"], $column["size"], $column["licence"]; found = 1 }
END { exit !found }
