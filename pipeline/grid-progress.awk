# The progress of a whole grid whose stages run side by side, a line when a stage begins: the time left first.
# Variables: since, when make began, in seconds of the epoch; now; slots, the stages that run at a time; stages and work, how
# many and how much there is in all; begun, the work of each stage begun so far, separated by blanks.
function clock(seconds) {
  seconds = int(seconds + 0.5)
  if (seconds < 60) return seconds " s"
  if (seconds < 3600) return sprintf("%d:%02d", seconds / 60, seconds % 60)
  return sprintf("%d:%02d:%02d", seconds / 3600, seconds % 3600 / 60, seconds % 60)
}
BEGIN {
  count = split(begun, works, " ")
  # Those that run are half done on average.
  for (i = 1; i <= count; i++) done += works[i] * (i > count - slots ? 0.5 : 1)
  if (count > slots && now > since && done > 0)
    left = "about " clock((now - since) * (work > done ? work - done : 0) / done) " left, "
  printf "make: %sstage %d of %d\n", left, count, stages
}
