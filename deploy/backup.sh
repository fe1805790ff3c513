#!/bin/sh
# Make a backup of the ledger, try it, and then let go of those that are too old:
#
#     backup.sh FOLDER [DAYS [FLAGS...]]
#
# The ledger is that of STOCKTRAIL_DATABASE_URL. Of SQLite the backup is another database, of
# PostgreSQL the exported log. FLAGS go to `stocktrail backup`: with --keys a backup of the log can
# give back customers' names and addresses too. It is tried by verifying what comes of it, which
# takes about as long as `stocktrail verify` does. One that fails is left there to be looked at, and
# nothing older is deleted.
set -eu
umask 077
folder=${1:?"Say where: backup.sh FOLDER [DAYS [FLAGS...]]"}
days=${2:-14}
[ $# -lt 2 ] || shift
shift

file="$folder/stocktrail-$(date -u +%Y%m%dT%H%M%SZ).backup"
made=$(stocktrail backup "$file" "$@" --json)

# What a checkpoint of the ledger says is checked in the ledger: one may be newer than this backup.
unset STOCKTRAIL_CHECKPOINTS STOCKTRAIL_CHECKPOINT_EVERY
tried=$(mktemp -d)
trap 'rm -rf "$tried"' EXIT
case $made in
    *'"kind": "database"'*) cp "$file" "$tried/ledger.db" ;;
    *) stocktrail import "$file" --database "sqlite:///$tried/ledger.db" >/dev/null ;;
esac
stocktrail verify --database "sqlite:///$tried/ledger.db"

find "$folder" -maxdepth 1 -type f -name 'stocktrail-*.backup' -mtime "+$days" -delete
echo "$file"
