"""Hosts by name: what to say where one leads nowhere, in place of the system's number for it."""

import socket
from urllib.parse import urlsplit

MEND = "check the spelling of the host, and that this machine's name server knows it"


def unknown_host(error: BaseException, url: str) -> str | None:
    """`the host 'db.example' cannot be found`, where that is why nothing was reached; None where it is something else.

    Of the address only the host is told: the rest may be a password.
    """
    seen: BaseException | None = error
    while seen is not None and not isinstance(seen, socket.gaierror):
        seen = seen.__cause__ or seen.__context__
    if seen is None:
        return None
    try:
        host = urlsplit(url if "//" in url else f"//{url}").hostname
    except ValueError:
        host = None
    return f"the host {host!r} cannot be found" if host else "its host cannot be found"
