# Finds a published file in the catalogue (Sources/Data/Datasets/datasets.tsv; Catalogue.swift explains its columns): prints
# name, MD5, address, size and licence, separated by tabs; exits with 1 if no dataset has it.
# Variable: file, its name.
BEGIN { FS = OFS = "\t" }
NR == 1 { for (i = 1; i <= NF; i++) column[$i] = i; next }
{
  for (title in column) {
    if (title !~ /^md5_/ || $column[title] == "-") continue
    resolution = substr(title, 5)
    if ($column["name"] (resolution == 28 ? "" : "_" resolution) ".npz" != file) continue
    url = $column["files"]
    sub(/\{file\}/, file, url)
    terms = $column["terms"]
    print file, $column[title], url, $column["size_" resolution], $column["licence"] (terms == "-" ? "" : ": " terms)
    found = 1
  }
}
END { exit !found }
