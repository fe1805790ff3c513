#!/bin/sh
# To /usr/local/sbin/stocktrail: the command line as the service runs it, with its user, its
# settings and its folder. Standard input and output go through: `stocktrail submit - < FILE`.
exec systemd-run --quiet --pipe --wait --collect --uid=stocktrail \
    --property=EnvironmentFile=/etc/stocktrail/stocktrail.env \
    --property=StateDirectory=stocktrail --working-directory=/var/lib/stocktrail \
    /opt/stocktrail/bin/stocktrail "$@"
