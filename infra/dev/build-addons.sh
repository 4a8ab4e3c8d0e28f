#!/usr/bin/env bash
# Compiles the recorder's C files, once for each version of them, into the cache where it looks for them (recorder/addon.ts).
# Ends with 1 and says why where that is not possible: the recorder then does without.
set -euo pipefail
cd "$(dirname "$(realpath "$0")")/../.."
headers=node_modules/node-api-headers/include
cache=${XDG_CACHE_HOME:-$HOME/.cache}/cratersync
arch=$(node_modules/.bin/node -p process.arch)
built=
trap 'rm -f "$built"' EXIT

for source_file in recorder/capture/udp/udp-receiver.c recorder/journal/frames.c recorder/store/publish-file.c; do
  name=$(basename "$source_file" .c)
  addon=$cache/$name-$arch-$(sha256sum "$source_file" | cut -c1-12).node
  [[ ! -f $addon ]] || continue
  command -v gcc >/dev/null && [[ -f /usr/include/stdio.h ]] ||
    infra/dev/install-packages.sh "to build the recorder's addons" gcc libc6-dev linux-libc-dev
  mkdir -p "$cache"
  # Two checkouts may build at the same time: each moves a whole file into place.
  built=$(mktemp "$cache/$name.XXXXXX")
  gcc -std=c11 -O2 -Wall -Wextra -fPIC -shared -I "$headers" -o "$built" "$source_file"
  chmod 755 "$built"
  mv "$built" "$addon"
  echo "  compiled $source_file"
done
