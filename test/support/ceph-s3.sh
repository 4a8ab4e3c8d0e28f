#!/usr/bin/env bash
# ceph-s3.sh S3_PORT MON_PORT: a real S3 server for tests, from Debian's packages: Ceph with one monitor, one OSD on a
# sparse file and the RADOS Gateway, on loopback, as any user, in a temporary directory. Prints a line when it is
# ready. When its standard input ends, so does the server, and nothing of it is left.
#
# No cluster authentication: whoever may connect to MON_PORT owns it.
set -euo pipefail
s3_port=$1 mon_port=$2
dir=$(mktemp -d "${TMPDIR:-/tmp}/cratersync-s3-XXXXXX")
conf=$dir/ceph.conf

end() {
  exec 2>/dev/null
  # shellcheck disable=SC2046
  kill -KILL $(jobs -p) || true
  wait || true
  rm -rf "${dir:?}"
}
trap end EXIT
trap 'exit 1' INT TERM

# Foreground, and killed with this script: pdeathsig holds even if the script itself is killed.
daemon() {
  setpriv --pdeathsig KILL "$@" -f -c "$conf" >>"$dir/start.log" 2>&1 </dev/null &
}

fail() {
  echo "The S3 server for tests did not start: $1" >&2
  tail -n 20 "$dir"/*.log >&2 || true
  exit 1
}

mkdir "$dir/mon" "$dir/osd"
fsid=$(</proc/sys/kernel/random/uuid)
osd_id=$(</proc/sys/kernel/random/uuid)
cat >"$conf" <<CONF
[global]
fsid = $fsid
monmap = $dir/monmap
public addr = 127.0.0.1
cluster addr = 127.0.0.1
ms bind msgr2 = false
auth cluster required = none
auth service required = none
auth client required = none
mon data = $dir/mon
osd data = $dir/osd
run dir = $dir
log file = $dir/\$type.log
admin socket =
debug rocksdb = 0
debug rgw = 0
paxos propose interval = 0.05
mon allow pool size one = true
osd pool default size = 1
osd pool default pg num = 1
osd pool default pg autoscale mode = off
rgw rados pool pg num min = 1
osd crush chooseleaf type = 0
osd crush update on start = false
osd class update on start = false
osd op num shards = 2
osd op num threads per shard = 1
bluestore block size = 20G
bluestore fsck on mkfs = false
bluestore cache autotune = false
bluestore cache size = 64M
bluestore rocksdb options = compression=kNoCompression,max_write_buffer_number=2,min_write_buffer_number_to_merge=1,recycle_log_file_num=2,write_buffer_size=16777216,max_background_jobs=2
rgw thread pool size = 32
rgw cache enabled = false
CONF

{
  monmaptool --create --fsid "$fsid" --addv a "[v1:127.0.0.1:$mon_port]" "$dir/monmap"
  ceph-mon -c "$conf" -i a --mkfs
} >>"$dir/start.log" 2>&1 || fail "no monitor"
daemon ceph-mon -i a
{
  ceph -c "$conf" --connect-timeout 60 osd new "$osd_id"
  ceph -c "$conf" osd crush add osd.0 1 root=default
  ceph-osd -c "$conf" -i 0 --mkfs --osd-uuid "$osd_id"
} >>"$dir/start.log" 2>&1 || fail "no OSD"
daemon ceph-osd -i 0
radosgw-admin -c "$conf" -n client.rgw user create --uid=test --display-name=test \
  --access-key=test-access-key --secret-key=test-secret-key >>"$dir/start.log" 2>&1 || fail "no user"
daemon radosgw -n client.rgw --rgw-frontends "beast endpoint=127.0.0.1:$s3_port tcp_nodelay=1"

for _ in {1..600}; do
  if (exec 3<>"/dev/tcp/127.0.0.1/$s3_port") 2>/dev/null; then
    echo ready
    # Until whoever started this goes away, in whatever manner.
    cat >/dev/null
    exit 0
  fi
  sleep 0.1
done
fail "the gateway does not answer"
