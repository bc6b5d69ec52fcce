# Reads what `make -n --debug=b` says it would do and why, and counts the results that are wanted:
# there (make would leave it), stale (it exists, make would remake it), missing.
# Variables: profile; wanted, the results in the order of the stages.

/^ *File '.*' does not exist\.$/ { split($0, part, "'"); absent[part[2]] = 1; lacking[group(part[2])] = 1 }

/^ *Prerequisite '.*' is newer than target '.*'\.$/ {
  split($0, part, "'")
  if (!(part[4] in newer)) newer[part[4]] = part[2]
}

# Of files that one recipe makes together, make names only the first.
/^ *Must remake target '.*'\.$/ { split($0, part, "'"); remade[group(part[2])] = part[2] }

/missing-input\.sh/ { inputs[++inputCount] = $NF }

/\*\*\*/ { print; failed = 1 }

function group(path) { sub(/\.[a-z0-9]+$/, "", path); return path }

# Whether a table is there, of which make names only the first format.
function exists(path,   line, found) { found = (getline line < path) >= 0; close(path); return found }

function stage(path) { sub("^.*/" profile "/", "", path); sub("/.*", "", path); return path }

# Notes a line of the list; results of one stage with the same reason share it.
function list(state, name, target, why,   key) {
  key = state SUBSEP name SUBSEP why
  if (!(key in similar)) { keys[++keyCount] = key; first[key] = target }
  similar[key]++
}

END {
  count = split(wanted, targets, " ")
  for (i = 1; i <= count; i++) {
    target = targets[i]
    name = stage(target)
    if (!(name in total)) order[++stages] = name
    total[name]++
    if (target in absent || group(target) in lacking && !exists(target)) {
      missing[name]++
      list("missing", name, target, inputCount ? "inputs are missing" : "not made yet")
    } else if (group(target) in remade) {
      stale[name]++
      cause = newer[remade[group(target)]]
      isCause = cause != "" && !(group(cause) in remade)
      list("stale", name, target, isCause ? cause " is newer" : "what it is made from is stale or missing")
    }
  }
  printf "%-16s %7s %7s %7s %7s\n", "profile " profile, "wanted", "there", "stale", "missing"
  for (i = 1; i <= stages; i++) {
    name = order[i]
    there = total[name] - missing[name] - stale[name]
    printf "%-16s %7d %7d %7d %7d\n", name, total[name], there, stale[name], missing[name]
  }
  for (i = 1; i <= inputCount; i++) printf "missing input: %s\n", inputs[i]
  for (i = 1; i <= keyCount; i++) {
    split(keys[i], part, SUBSEP)
    others = similar[keys[i]] > 1 ? sprintf(" and %d more", similar[keys[i]] - 1) : ""
    printf "%s: %s%s: %s\n", part[1], first[keys[i]], others, part[3]
  }
  exit failed
}
