#!/usr/bin/env bash
# setup.sh STEP…: makes ready what is not: ffmpeg, browser, firefox, s3, xml, pooler, ops (for tests), modules (npm), worker (mediasoup), udp (the
# recorder's addons), client (its build).
# Done before: a step looks at a stamp in .make, or at the thing itself, and takes some milliseconds.
set -euo pipefail
cd "$(dirname "$(realpath "$0")")/../.."
mkdir -p .make

step() {
  local start=$EPOCHREALTIME
  "step_$1"
  local took_ms=$(((${EPOCHREALTIME/[.,]/} - ${start/[.,]/}) / 1000))
  printf '%-8s ready in %d.%d s\n' "$1" $((took_ms / 1000)) $((took_ms % 1000 / 100))
}

# run_unless_done STAMP CONTENT COMMAND…: content is what the result depends on, hashed.
unless_done() {
  local stamp=.make/$1 content=$2
  shift 2
  [[ ! -f $stamp || $(<"$stamp") != "$content" ]] || return 0
  rm -f "$stamp"
  "$@"
  echo "$content" >"$stamp"
}

quietly() {
  local log
  log=$(mktemp)
  "$@" >"$log" 2>&1 </dev/null || {
    cat "$log" >&2
    rm -f "$log"
    echo "This failed: $*" >&2
    exit 1
  }
  rm -f "$log"
}

hash_of() {
  find "$@" -type f -not -path '*/node_modules/*' -not -path '*/dist/*' -print0 | LC_ALL=C sort -z |
    xargs -0 sha256sum | sha256sum | cut -c1-32
}

step_ffmpeg() {
  command -v ffmpeg >/dev/null && command -v ffprobe >/dev/null ||
    infra/dev/install-packages.sh "to render stems" ffmpeg
}

step_browser() {
  [[ -n ${CHROMIUM_BIN-} ]] || command -v chromium >/dev/null ||
    infra/dev/install-packages.sh "to test with a browser" chromium fonts-liberation
}

step_firefox() {
  [[ -n ${FIREFOX_BIN-} ]] || command -v firefox-esr >/dev/null ||
    infra/dev/install-packages.sh "to test with another browser" firefox-esr
}

step_xml() {
  infra/dev/install-packages.sh "to test projects for editors" libxml2-utils python3
}

step_age() {
  infra/dev/install-packages.sh "to open exports with other programs, too" age
}

step_s3() {
  infra/dev/install-packages.sh "to test with a real S3 server" radosgw ceph-mon ceph-osd
}

step_pooler() {
  [[ ! -x /usr/sbin/pgbouncer ]] || return 0
  infra/dev/install-packages.sh "to test behind PgBouncer" pgbouncer
  # Debian starts one at once; tests start their own.
  [[ ! -d /run/systemd/system ]] || systemctl disable --now pgbouncer.service
}

step_ops() {
  local program
  for program in prometheus nginx docker-compose systemd-analyze openssl curl turnserver; do
    [[ -n $(PATH=$PATH:/usr/sbin type -P "$program") ]] || break
    program=
  done
  [[ -n $program ]] || return 0
  infra/dev/install-packages.sh "to test what watches, serves and relays" \
    prometheus nginx-light docker-compose systemd openssl curl coturn
  # Debian starts them at once; tests start their own.
  [[ ! -d /run/systemd/system ]] || systemctl disable --now prometheus.service nginx.service coturn.service
}

step_modules() {
  command -v npm >/dev/null || {
    echo "Node.js is missing: install version 20 or newer, with npm." >&2
    exit 1
  }
  unless_done modules "$(hash_of package-lock.json) $(uname -m)" install_modules
}

install_modules() {
  echo "  installing the npm packages"
  # With a worker given, mediasoup's installer does nothing: making one is the next step, done our way.
  MEDIASOUP_WORKER_BIN=given-later PUPPETEER_SKIP_DOWNLOAD=true quietly npm ci
}

step_worker() {
  infra/mediasoup-worker/ensure.sh >/dev/null
}

step_udp() {
  infra/dev/build-addons.sh || echo "  so the recorder will use what Node itself has, which costs more" >&2
}

step_client() {
  [[ -f client/dist/index.html ]] || rm -f .make/client
  unless_done client "$(hash_of client signaling/protocol recorder/format package-lock.json)" build_client
}

build_client() {
  echo "  building the client"
  quietly node_modules/.bin/vite build client
}

for name in "$@"; do step "$name"; done
