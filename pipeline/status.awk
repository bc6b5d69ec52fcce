# Reads what `make -n --debug=b` says it would do and why, and counts the results that are wanted:
# there (make would leave it), stale (it exists, make would remake it), missing.

function stage(path) { sub("^.*/" profile "/", "", path); sub("/.*", "", path); return path }

BEGIN {
  count = split(wanted, targets, " ")
  for (i = 1; i <= count; i++) isWanted[targets[i]] = 1
}

/^ *File '.*' does not exist\.$/ { split($0, part, "'"); absent[part[2]] = 1 }

/^ *Prerequisite '.*' is newer than target '.*'\.$/ {
  split($0, part, "'")
  if (!(part[4] in reason)) reason[part[4]] = part[2] " is newer"
}

/^ *Must remake target '.*'\.$/ { split($0, part, "'"); remade[part[2]] = 1 }

# A file that neither exists nor has a recipe that could make it is an input to be fetched.
/missing-input\.sh/ { inputs[++inputCount] = $NF }

/\*\*\*/ { print; failed = 1 }

END {
  for (i = 1; i <= count; i++) {
    target = targets[i]
    name = stage(target)
    if (!(name in total)) order[++stages] = name
    total[name]++
    if (target in absent) {
      missing[name]++
      waiting[name] = waiting[name] ? waiting[name] : target
    } else if (target in remade) {
      stale[name]++
      staleTargets[++staleCount] = target
    }
  }
  printf "%-14s %7s %7s %7s %7s\n", "profile " profile, "wanted", "there", "stale", "missing"
  for (i = 1; i <= stages; i++) {
    name = order[i]
    printf "%-14s %7d %7d %7d %7d\n", name, total[name], total[name] - missing[name] - stale[name], stale[name],
      missing[name]
  }
  for (i = 1; i <= staleCount && i <= 20; i++) {
    target = staleTargets[i]
    why = (target in reason) ? reason[target] : "something it is made from is stale or missing"
    printf "stale: %s: %s\n", target, why
  }
  if (staleCount > 20) printf "... and %d more stale\n", staleCount - 20
  for (i = 1; i <= inputCount; i++) printf "missing input: %s\n", inputs[i]
  why = inputCount ? "inputs are missing" : "not made yet"
  for (i = 1; i <= stages; i++) {
    name = order[i]
    if (missing[name] == 1) printf "missing: %s: %s\n", waiting[name], why
    if (missing[name] > 1) printf "missing: %s and %d more: %s\n", waiting[name], missing[name] - 1, why
  }
  exit failed
}
