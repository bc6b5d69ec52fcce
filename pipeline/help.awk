# Lists the tables (their declarations: "caption": "...", "group": "..."), the settings (NAME ?= VALUE, explained by the comment above) and the verbs (verb: ... ## explanation).
FILENAME ~ /\.json$/ {
  if (match($0, /"caption": *"([^"\\]|\\.)*"/)) {
    caption = substr($0, RSTART, RLENGTH); sub(/^"caption": *"/, "", caption); sub(/"$/, "", caption)
    gsub(/\\"/, "\"", caption)
    name = FILENAME; sub(/.*\//, "", name); sub(/\.json$/, "", name)
    tables = tables sprintf("  %-19s %s\n", name, caption)
  }
  if (match($0, /"group": *"[a-z0-9_-]+"/)) {
    group = substr($0, RSTART, RLENGTH); sub(/^"group": *"/, "", group); sub(/"$/, "", group)
    name = FILENAME; sub(/.*\//, "", name); sub(/\.json$/, "", name)
    if (!(group in members)) groups[++groupCount] = group
    members[group] = members[group] (members[group] == "" ? "" : ", ") name
  }
  next
}
/^# / { comment = substr($0, 3); next }
/^[A-Z_]+ \?=/ {
  value = $0; sub(/^[A-Z_]+ \?= */, "", value)
  note = comment
  settings = settings sprintf("  %-19s %s%s\n", $1, note, value == "" ? "" : " [" value "]")
  next
}
/^[a-z][a-z0-9-]*:.*## / {
  verb = $1; sub(/:$/, "", verb)
  explanation = $0; sub(/^.*## /, "", explanation)
  verbs = verbs sprintf("  %-19s %s\n", verb, explanation)
}
{ comment = "" }
END {
  print "Usage: make VERB [NAME=VALUE ...]; the whole: make setup table1 table2\n\nVerbs:"
  printf "%s", verbs
  print "\nTables, which are made by their names:"
  printf "%s", tables
  if (groupCount) print "\nGroups of tables:"
  for (i = 1; i <= groupCount; i++) printf "  %-19s %s\n", groups[i], members[groups[i]]
  print "\nSettings [default]:"
  print "  WEIGHTS             The teacher's weights; none in the sample profile [paper: RAW/tiny_vit_5m_224.dist_in22k_ft_in1k.safetensors]"
  print "  DATASETS, RESOLUTIONS, SEEDS: parts of the grid, each a list in quotes [all, see pipeline/grid.mk]"
  printf "%s", settings
}
