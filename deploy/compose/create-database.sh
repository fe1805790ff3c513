#!/bin/sh
# Run once, by the image of PostgreSQL when its volume is new: the database of the ledger, and its
# owner, who is no superuser.
set -eu
psql --set=ON_ERROR_STOP=1 --set=password="$LEDGER_PASSWORD" --username="${POSTGRES_USER:-postgres}" <<'SQL'
CREATE ROLE stocktrail LOGIN PASSWORD :'password';
CREATE DATABASE stocktrail OWNER stocktrail ENCODING 'UTF8' TEMPLATE template0;
SQL
