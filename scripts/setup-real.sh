#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Installs what runs assembled trampolines for real, on Debian 12 or newer, from the distribution's own archive:
#   LLVM 19     by scripts/setup-clang.sh
#   qemu-user   10 or newer: every back-end's emulator; from Debian's backports where the release has an older one
# The place of the backports follows from where the machine gets the release itself; no source of packages is added for
# good. Does nothing when all are here.
set -euo pipefail
cd "$(dirname "$0")/.."

# The oldest one whose remote protocol is known to do all that is asked of it.
oldest=10

# Major number; 0 when there is none.
major() {
  local version
  version=$("$1" --version 2>/dev/null | sed -n '1s/.* version \([0-9]*\)\..*/\1/p') || true
  echo "${version:-0}"
}

scripts/setup-clang.sh

lacking=()
for emulator in $(sed -n "s/^  user: '\(.*\)',$/\1/p" backends/*/qemu.ts); do
  [ "$(major "$emulator")" -ge "$oldest" ] || lacking+=("$emulator")
done
if [ "${#lacking[@]}" -eq 0 ]; then
  echo "QEMU user mode, $oldest or newer, is here."
  exit 0
fi
if ! command -v apt-get >/dev/null; then
  echo "error: no apt-get here; install QEMU $oldest or newer so that ${lacking[*]} are in PATH" >&2
  exit 1
fi
sudo=''
[ "$(id -u)" -eq 0 ] || sudo='sudo'
fetch() { $sudo env DEBIAN_FRONTEND=noninteractive apt-get "$@"; }
# Upstream version, without epoch and Debian's part.
candidate() { LC_ALL=C apt-cache "${sources[@]}" policy qemu-user | sed -n 's/^  Candidate: \([0-9]*:\)\{0,1\}\([0-9]*\).*/\2/p'; }

sources=()
release=()
fetch update -qq
if [ "$(candidate || true)" = '' ] || [ "$(candidate)" -lt "$oldest" ]; then
  # shellcheck source=/dev/null
  codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
  # shellcheck disable=SC2016
  uri=$(apt-get indextargets --format '$(REPO_URI)' \
    'Created-By: Packages' 'Origin: Debian' "Codename: $codename" 'Component: main' | sed -n 1p)
  if [ "$uri" = '' ]; then
    echo "error: no QEMU $oldest for this release; install one so that ${lacking[*]} are in PATH" >&2
    exit 1
  fi
  key=/usr/share/keyrings/debian-archive-keyring.gpg
  [ -e "$key" ] && signed="[signed-by=$key] " || signed=''
  scratch=$(mktemp -d)
  trap 'rm -rf "$scratch"' EXIT
  chmod 755 "$scratch"
  {
    cat /etc/apt/sources.list 2>/dev/null || true
    echo "deb $signed$uri $codename-backports main"
  } >"$scratch/sources.list"
  sources=(-o "Dir::Etc::SourceList=$scratch/sources.list")
  release=(-t "$codename-backports")
  fetch "${sources[@]}" update -qq
fi
fetch "${sources[@]}" install -y -qq --no-install-recommends "${release[@]}" qemu-user >/dev/null
for emulator in "${lacking[@]}"; do
  [ "$(major "$emulator")" -ge "$oldest" ] || {
    echo "error: $emulator is still older than $oldest, or not there" >&2
    exit 1
  }
done
echo "Installed $("${lacking[0]}" --version | head -n 1)."
