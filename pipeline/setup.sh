#!/usr/bin/env bash
# Makes sure of what the build needs besides Swift: installs it with apt-get where it is missing, says what to install
# elsewhere.
set -euo pipefail

packages=(pkg-config libhdf5-dev libjpeg-dev libpng-dev zlib1g-dev)
libraries=(hdf5-serial libjpeg libpng zlib)

fail() {
  echo "setup: error: $1" >&2
  exit 69
}

is_complete() { command -v pkg-config > /dev/null && pkg-config --exists "${libraries[@]}"; }

command -v swift > /dev/null || fail "swift is not on the PATH; get Swift 6.2 or later from https://www.swift.org/install"
version=$(swift --version 2> /dev/null | sed -n 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p' | head -n 1)
[[ -n $version && $(printf '%s\n' 6.2 "$version" | sort -V | head -n 1) == 6.2 ]] \
  || fail "Swift ${version:-of unknown version} found, 6.2 or later is needed"

if ! is_complete; then
  command -v apt-get > /dev/null \
    || fail "install pkg-config, HDF5, libjpeg-turbo, libpng and zlib with their headers so that 'pkg-config --exists ${libraries[*]}' succeeds"
  as_root=()
  if [[ $(id -u) != 0 ]]; then
    command -v sudo > /dev/null || fail "ask an administrator for: apt-get install ${packages[*]}"
    as_root=(sudo)
  fi
  "${as_root[@]}" apt-get update -q
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${packages[@]}"
  is_complete || fail "'pkg-config --exists ${libraries[*]}' still fails after the installation"
fi
echo "setup: Swift $version, HDF5 $(pkg-config --modversion hdf5-serial), libjpeg $(pkg-config --modversion libjpeg)," \
  "libpng $(pkg-config --modversion libpng), zlib $(pkg-config --modversion zlib)"
