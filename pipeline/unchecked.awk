# Finds promises to the compiler that it cannot check (`@unchecked Sendable`, `nonisolated(unsafe)`) without the invariant
# that makes them true: the word has to stand in the ten lines before or the two behind.
function finish(   line, near, found) {
  for (line = 1; line <= count; line++) {
    if (text[line] !~ /@unchecked[ ]+Sendable|nonisolated\(unsafe\)/) continue
    found = 0
    for (near = line - 10; near <= line + 2; near++) if (near in text && text[near] ~ /[Ii]nvariant/) found = 1
    if (!found) {
      printf "%s:%d: error: no invariant is written beside: %s\n", name, line, text[line] > "/dev/stderr"
      failed = 1
    }
  }
  count = 0
  delete text
}
FNR == 1 { if (NR > 1) finish(); name = FILENAME }
{ text[FNR] = $0; count = FNR }
END { finish(); exit failed }
