#!/usr/bin/env bash
# Prints the path of a mediasoup worker that runs on this machine: MEDIASOUP_WORKER_BIN, else one in the
# cache, else mediasoup's own prebuilt one, else one built here and now. Everything else goes to stderr.
set -euo pipefail
here=$(dirname "$(realpath "$0")")
root=$(realpath "$here/../..")
package=$root/node_modules/mediasoup

# Without a version of mediasoup to speak to, a worker that can run at all ends with code 41.
runs() {
  local status=0
  [[ -x $1 ]] || return 1
  env -i "$1" </dev/null >/dev/null 2>&1 || status=$?
  ((status == 41))
}

if [[ -n ${MEDIASOUP_WORKER_BIN-} ]]; then
  runs "$MEDIASOUP_WORKER_BIN" || {
    echo "MEDIASOUP_WORKER_BIN=$MEDIASOUP_WORKER_BIN does not run on this machine. Correct it, or unset it." >&2
    exit 1
  }
  echo "$MEDIASOUP_WORKER_BIN"
  exit
fi

[[ -f $package/package.json ]] || { echo "mediasoup is not installed: run npm ci first." >&2; exit 1; }
version=$(sed -n 's/^[[:space:]]*"version": "\(.*\)",$/\1/p' "$package/package.json")
recipe=$(cd "$here" && find build.sh subprojects -type f | LC_ALL=C sort | xargs sha256sum | sha256sum | cut -c1-12)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/cratersync
worker=$cache/mediasoup-worker-$version-$(uname -m)-$recipe

if ! runs "$worker"; then
  mkdir -p "$cache"
  # Two checkouts may want it at the same time; the second finds what the first has made.
  exec 9>"$cache/lock"
  flock 9
  if ! runs "$worker"; then
    if "$root/node_modules/.bin/node" "$here/download.ts" "$package" "$worker" && runs "$worker"; then
      echo "  downloaded the mediasoup worker $version" >&2
    else
      rm -f "$worker"
      read -ra packages <<<"$("$here/build.sh" --packages)"
      "$root/infra/dev/install-packages.sh" "to build the mediasoup worker" "${packages[@]}" >&2
      echo "  building the mediasoup worker $version from its sources, once; this takes a few minutes" >&2
      "$here/build.sh" "$package" "$worker"
      runs "$worker" || { echo "The mediasoup worker was built but does not run." >&2; exit 1; }
    fi
  fi
fi
echo "$worker"
