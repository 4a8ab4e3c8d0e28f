#!/usr/bin/env bash
# Builds mediasoup-worker from the sources inside the npm package, against Debian's own libraries,
# for a machine that can reach neither the prebuilt binary nor the worker's source archives.
#
#   build.sh MEDIASOUP_PACKAGE_DIR OUTPUT_FILE
#
# Writes its progress to stderr. The packages it needs are listed by `build.sh --packages`.
set -euo pipefail

if [[ ${1-} == --packages ]]; then
  echo g++ meson ninja-build pkg-config flatbuffers-compiler \
    libflatbuffers-dev libabsl-dev libsrtp2-dev libuv1-dev libssl-dev
  exit
fi

package=$(realpath "$1")
output=$(realpath -m "$2")
here=$(dirname "$(realpath "$0")")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# On a terminal one line that counts; elsewhere a line every 40 files. What is no progress is a compiler's
# complaint, and shown if the build fails.
progress() {
  local line
  while IFS= read -r line; do
    if [[ ! $line =~ ^\[([0-9]+)/([0-9]+)\] ]]; then
      echo "$line" >>"$work/complaints"
    elif [[ -t 2 ]]; then
      printf '\r  building the mediasoup worker: file %d of %d ' "${BASH_REMATCH[1]}" "${BASH_REMATCH[2]}" >&2
    elif ((BASH_REMATCH[1] % 40 == 0)); then
      echo "  building the mediasoup worker: file ${BASH_REMATCH[1]} of ${BASH_REMATCH[2]}" >&2
    fi
  done
  [[ ! -t 2 ]] || echo >&2
}

fail() {
  echo "The mediasoup worker could not be built:" >&2
  tail -30 "$1" >&2
  exit 1
}

cp -r "$package/worker/." "$work"
rm -f "$work"/subprojects/*.wrap
cp -r "$here/subprojects/." "$work/subprojects"
cd "$work"

# Debian 12 has meson 1.0.1; nothing in this file needs a newer one.
sed -i "s/meson_version: '>= 1.1.0'/meson_version: '>= 1.0.0'/" meson.build
# Debian's OpenSSL is built with kernel TLS. It asks the BIO "is kTLS on?" through a callback whose
# operation is BIO_CB_CTRL|BIO_CB_RETURN; the worker compares with == and so answers 1, OpenSSL then
# allocates no write buffer and the worker dies of SIGSEGV on the first DTLS handshake.
sed -i 's/(operationType == BIO_CB_RETURN)/(operationType \& BIO_CB_RETURN)/' src/RTC/DtlsTransport.cpp
grep -q 'operationType & BIO_CB_RETURN' src/RTC/DtlsTransport.cpp || {
  echo "mediasoup's DtlsTransport.cpp has changed: look at its BIO callback again before building." >&2
  exit 1
}

# Headers are four fifths of the compile time: precompile the common ones.
mkdir pch
flatc --cpp --cpp-field-case-style lower --reflect-names --scoped-enums --filename-suffix '' \
  -o pch/FBS fbs/*.fbs
{
  for h in algorithm array atomic bitset chrono cmath cstdint cstdio cstdlib cstring deque functional \
    iomanip iostream limits list map memory mutex optional queue random set span sstream stdexcept \
    string string_view thread type_traits unordered_map unordered_set utility variant vector \
    uv.h openssl/err.h openssl/evp.h openssl/ssl.h flatbuffers/flatbuffers.h; do
    echo "#include <$h>"
  done
  for h in pch/FBS/*.h; do echo "#include \"FBS/${h##*/}\""; done
} >pch/common.hpp
meson setup --buildtype release -Db_ndebug=true -Db_staticpic=false \
  -Dcpp_args="-I$work/pch -include $work/pch/common.hpp" out >meson.log 2>&1 || fail meson.log
compile=$(ninja -C out -t commands mediasoup-worker.p/src_lib.cpp.o | tail -1 | sed "s/ -include [^ ]*//; s/ -MD .*//")
(cd out && $compile -x c++-header "$work/pch/common.hpp" -o "$work/pch/common.hpp.gch")

ninja -C out mediasoup-worker 2>&1 | progress || fail complaints
mkdir -p "$(dirname "$output")"
install -m 755 out/mediasoup-worker "$output.new"
mv "$output.new" "$output"
