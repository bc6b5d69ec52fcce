# Lists the tables (their declarations: "caption": "...", "group": "..."), the verbs (verb: ... ## explanation for users, ### for developers) and
# the settings (NAME ?= VALUE, explained by the comment above; those below the mark "for developers" are theirs), within 80
# columns.
FILENAME ~ /\.json$/ {
  if (match($0, /"caption": *"([^"\\]|\\.)*"/)) {
    caption = substr($0, RSTART, RLENGTH); sub(/^"caption": *"/, "", caption); sub(/"$/, "", caption)
    gsub(/\\"/, "\"", caption)
    name = FILENAME; sub(/.*\//, "", name); sub(/\.json$/, "", name)
    tables = tables entry(name, caption)
  }
  if (match($0, /"group": *"[a-z0-9_-]+"/)) {
    group = substr($0, RSTART, RLENGTH); sub(/^"group": *"/, "", group); sub(/"$/, "", group)
    name = FILENAME; sub(/.*\//, "", name); sub(/\.json$/, "", name)
    if (!(group in members)) groups[++groupCount] = group
    members[group] = members[group] (members[group] == "" ? "" : ", ") name
  }
  next
}
/^# MARK:/ { isForDevelopers = /for developers/; comment = ""; next }
/^# / { comment = substr($0, 3); next }
/^[A-Z_]+ \?=/ {
  if (comment == "") next
  value = $0; sub(/^[A-Z_]+ \?= */, "", value)
  text = entry($1, comment (value == "" ? "" : " [" value "]"))
  if (isForDevelopers) developerSettings = developerSettings text; else settings = settings text
  next
}
/^[a-z][a-z0-9-]*:.*## / {
  verb = $1; sub(/:$/, "", verb)
  explanation = $0
  isDevelopers = sub(/^.*### /, "", explanation)
  sub(/^.*## /, "", explanation)
  if (isDevelopers) developerVerbs = developerVerbs entry(verb, explanation); else verbs = verbs entry(verb, explanation)
}
{ comment = "" }

# A name and its explanation, broken at spaces.
function entry(name, text,   words, count, i, line, result) {
  count = split(text, words, " ")
  line = sprintf("  %-18s", name)
  for (i = 1; i <= count; i++) {
    if (length(line) + 1 + length(words[i]) > 80 && line !~ /^ *$/) {
      result = result line "\n"
      line = sprintf("  %-18s", "")
    }
    line = line " " words[i]
  }
  return result line "\n"
}

END {
  print "Usage: make VERB [NAME=VALUE ...]; the whole: make setup table1 table2"
  print "\nVerbs for users:"
  printf "%s%s", verbs, entry("datasets", "describes the datasets: sizes, classes, licences, what leaks")
  print "\nTables, which are made by their names:"
  printf "%s", tables
  if (groupCount) print "\nGroups of tables:"
  for (i = 1; i <= groupCount; i++) printf "%s", entry(groups[i], members[groups[i]])
  print "\nSettings [default]:"
  printf "%s", entry("DATASETS", "Parts of the grid, a list in quotes [all, see pipeline/grid.mk].")
  printf "%s", entry("RESOLUTIONS", "The same: [28 224].")
  printf "%s", entry("SEEDS", "The same, with ranges: SEEDS=1-5; one student for each. [as many as a dataset needs; sample: 1-5]")
  printf "%s", entry("WEIGHTS", "The teacher's weights; NAME.weights for one dataset. [paper: in RAW; sample: none]")
  printf "%s", settings
  print "\nVerbs for developers:"
  printf "%s", developerVerbs
  print "\nTheir settings:"
  printf "%s", developerSettings
}
