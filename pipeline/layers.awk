# Finds modules that import one of a higher layer, or test support. Arguments: all Swift files and module maps of Sources,
# whose paths are Sources/LAYER/MODULE/….
BEGIN {
  count = split("C Base Data Model Training Results Stages Tools", names, " ")
  for (i = 1; i <= count; i++) rank[names[i]] = i
}
FNR == 1 {
  split(FILENAME, part, "/")
  if (!(part[2] in rank)) complain("the layer " part[2] " is not known to pipeline/layers.awk")
  layer[part[3]] = part[2]
}
$1 == "import" || $2 == "import" && $1 ~ /^(public|internal|package|private|fileprivate|@[A-Za-z]+)$/ {
  place = FILENAME ":" FNR
  imported[place] = $NF
  importer[place] = part[2]
}
END {
  for (place in imported) {
    if (imported[place] ~ /^_/) complain(place ": imports " imported[place] ", which is for tests")
    if (!(imported[place] in layer)) continue
    other = layer[imported[place]]
    if (rank[other] > rank[importer[place]])
      complain(place ": " importer[place] " imports " imported[place] " of the higher layer " other)
  }
  exit failed
}
function complain(text) { print "error: " text > "/dev/stderr"; failed = 1 }
