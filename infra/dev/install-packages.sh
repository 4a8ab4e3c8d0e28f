#!/usr/bin/env bash
# install-packages.sh WHAT_FOR PACKAGE…: sees to it that these Debian packages are there. As root it installs
# what is missing; else it ends with one line that says what to install.
set -euo pipefail
what_for=$1
shift

if ! command -v dpkg-query >/dev/null; then
  echo "This is no Debian; if something is missing $what_for, install what Debian calls: $*" >&2
  exit 0
fi
missing=()
for package in "$@"; do
  [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || missing+=("$package")
done
((${#missing[@]})) || exit 0

if ((EUID != 0)); then
  echo "Missing $what_for: sudo apt-get install ${missing[*]}" >&2
  exit 1
fi
echo "  installing $what_for: ${missing[*]}"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
export DEBIAN_FRONTEND=noninteractive
{
  apt-get update -q && apt-get install -q -y --no-install-recommends "${missing[@]}"
} >"$log" 2>&1 </dev/null || {
  tail -20 "$log" >&2
  echo "These packages could not be installed: ${missing[*]}" >&2
  exit 1
}
