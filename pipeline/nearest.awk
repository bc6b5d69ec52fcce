# Of a word and the names that follow it, a line each: the name that the word most probably means, as " (did you mean …?)"; nothing
# where none is like it. The distance is that of Sources/Base/Failures/Suggestion.swift.
function distance(a, b,   i, j, here, row) {
  for (j = 0; j <= length(b); j++) row[0, j] = j
  for (i = 1; i <= length(a); i++) {
    row[i, 0] = i
    for (j = 1; j <= length(b); j++) {
      here = row[i - 1, j - 1] + (substr(a, i, 1) != substr(b, j, 1))
      if (row[i - 1, j] + 1 < here) here = row[i - 1, j] + 1
      if (row[i, j - 1] + 1 < here) here = row[i, j - 1] + 1
      if (i > 1 && j > 1 && substr(a, i, 1) == substr(b, j - 1, 1) && substr(a, i - 1, 1) == substr(b, j, 1) \
        && row[i - 2, j - 2] + 1 < here) here = row[i - 2, j - 2] + 1
      row[i, j] = here
    }
  }
  return row[length(a), length(b)]
}
NR == 1 { word = $0; next }
{
  longer = length($0) > length(word) ? length($0) : length(word)
  limit = int(longer / 3) > 1 ? int(longer / 3) : 1
  found = distance(word, $0)
  if (found <= limit && (best == "" || found < least)) { best = $0; least = found }
}
END { if (best != "") printf " (did you mean \047%s\047?)\n", best }
