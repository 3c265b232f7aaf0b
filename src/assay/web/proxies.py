"""Where a request comes from, and how: as the server sees it, or as a proxy tells that is listed as one.

Plain functions over an ASGI scope, because they run for every request, the cached ones too.
"""

import ipaddress

from starlette.types import Scope

from assay.work.networks import Network, is_within

_MOST_HOPS = 20


def came_from(scope: Scope, proxies: tuple[Network, ...]) -> str:
    """The nearest address that is no proxy of ours: what stands before that anybody may have written."""
    client = scope.get("client")
    nearest = str(client[0]) if client else "local"
    if not proxies or not is_within(nearest, proxies):
        return nearest
    told = b",".join(value for name, value in scope["headers"] if name == b"x-forwarded-for")
    for each in reversed(told.decode("latin-1").split(",")[-_MOST_HOPS:]):
        address = _address(each.strip())
        if address is None:
            return nearest
        if not is_within(address, proxies):
            return address
        nearest = address
    return nearest


def told_scheme(scope: Scope, proxies: tuple[Network, ...]) -> str | None:
    """`https` or `http`, as a listed proxy says that it was asked; None where none says anything."""
    if proxies and is_from_proxy(scope, proxies):
        for name, value in scope["headers"]:
            if name == b"x-forwarded-proto":
                return "https" if value.strip().lower() == b"https" else "http"
    return None


def is_from_proxy(scope: Scope, proxies: tuple[Network, ...]) -> bool:
    """Where none are listed, whoever asks may be one."""
    client = scope.get("client")
    return not proxies or (bool(client) and is_within(str(client[0]), proxies))


def _address(text: str) -> str | None:
    """Of `10.0.0.7`, `10.0.0.7:41020`, `[::1]:41020`."""
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return None
