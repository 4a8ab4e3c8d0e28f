#!/usr/bin/env bash
# backup.sh: saves the database that BACKUP_DATABASE_URL (its owner's) leads to into BACKUP_DIR, and forgets what is older than
# BACKUP_DAYS (14). Never the keys: a copy of those brings back what has been erased (docs/deploy.md#backup-and-restore).
set -euo pipefail
umask 077
: "${BACKUP_DATABASE_URL:?is not set}" "${BACKUP_DIR:?is not set}"
days=${BACKUP_DAYS:-14}
[[ $days =~ ^[0-9]+$ ]] || { echo "BACKUP_DAYS has to be a number of days" >&2; exit 78; }

mkdir -p "$BACKUP_DIR"
file=$BACKUP_DIR/database-$(date -u +%Y-%m-%dT%H-%M-%SZ).dump
# Only what is whole gets its name.
trap 'rm -f "$file.part"' EXIT
# The password must not stand in the list of processes.
PGDATABASE=$BACKUP_DATABASE_URL pg_dump --format=custom --no-password --file="$file.part"
sync "$file.part"
mv "$file.part" "$file"
find "$BACKUP_DIR" -maxdepth 1 -name 'database-*.dump' -mtime "+$days" -delete
echo "saved $file"
