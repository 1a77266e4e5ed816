#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Installs LLVM 19 on Debian 12 or newer, or Ubuntu 24.04 or newer, from the distribution's own archive:
#   clang-19  assembles the trampolines, for test/clang.test.ts
#   llvm-19   llvm-objdump-19, which tells that test where instructions begin
#   lld-19    links what clang assembles
# One compiler serves all architectures: nothing else is needed to cross-assemble. Does nothing when all are here.
set -euo pipefail

packages=()
command -v clang-19 >/dev/null || packages+=(clang-19)
command -v llvm-objdump-19 >/dev/null || packages+=(llvm-19)
command -v ld.lld-19 >/dev/null || packages+=(lld-19)
if [ "${#packages[@]}" -eq 0 ]; then
  echo 'LLVM 19 is here.'
  exit 0
fi
if ! command -v apt-get >/dev/null; then
  echo "error: no apt-get here; install LLVM 19 so that clang-19, llvm-objdump-19 and ld.lld-19 are in PATH" >&2
  exit 1
fi
sudo=''
[ "$(id -u)" -eq 0 ] || sudo='sudo'
$sudo apt-get update -qq
$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
echo "Installed ${packages[*]}."
