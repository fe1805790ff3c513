"""What a supervisor such as systemd is told of a service that it has started."""

import os
import socket


def tell_supervisor(state: str) -> None:
    """Send the supervisor a state, such as ``READY=1``, if it has asked for that.

    That is the protocol of ``sd_notify``: a unit of ``Type=notify`` counts as started from then on,
    and what is ordered after it starts no earlier.
    """
    address = os.environ.get("NOTIFY_SOCKET")
    if address:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sender:
            sender.sendto(state.encode(), address.replace("@", "\0", 1))
