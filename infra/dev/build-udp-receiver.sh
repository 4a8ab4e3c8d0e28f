#!/usr/bin/env bash
# Compiles recorder/capture/udp/udp-receiver.c, once for each version of it, into the cache where the recorder looks for
# it (addonPath in native-receiver.ts). Ends with 1 and says why where that is not possible: the recorder then does
# without.
set -euo pipefail
cd "$(dirname "$(realpath "$0")")/../.."
source_file=recorder/capture/udp/udp-receiver.c
headers=node_modules/node-api-headers/include

hash=$(sha256sum "$source_file" | cut -c1-12)
arch=$(node_modules/.bin/node -p process.arch)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/cratersync
addon=$cache/udp-receiver-$arch-$hash.node
[[ ! -f $addon ]] || exit 0

command -v gcc >/dev/null && [[ -f /usr/include/stdio.h ]] ||
  infra/dev/install-packages.sh "to build the UDP receiver" gcc libc6-dev linux-libc-dev
mkdir -p "$cache"
# Two checkouts may build at the same time: each moves a whole file into place.
built=$(mktemp "$cache/udp-receiver.XXXXXX")
trap 'rm -f "$built"' EXIT
gcc -std=c11 -O2 -Wall -Wextra -fPIC -shared -I "$headers" -o "$built" "$source_file"
chmod 755 "$built"
mv "$built" "$addon"
echo "  compiled the UDP receiver"
