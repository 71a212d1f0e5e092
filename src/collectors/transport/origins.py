"""Which addresses a transport may ask: those that are configured, on the network that they belong to."""

import ipaddress
from collections.abc import Iterable
from urllib.parse import urlsplit

from src.core.errors import SourceChanged

_PORTS = {"http": 80, "https": 443}
#: Names that mean something inside a network alone, as those without a dot do.
_INNER_SUFFIXES = (".local", ".localhost", ".internal", ".lan", ".home.arpa")

#: Scheme, host and port.
Origin = tuple[str, str, int]


class Origins:
    """The origins of some base addresses."""

    def __init__(self, base_urls: Iterable[str]) -> None:
        self._allowed = {origin(url) for url in base_urls}
        self._public = {host for _, host, _ in self._allowed if is_public_name(host)}

    def check(self, target: str, asked: str) -> None:
        """Raise SourceChanged where `target`, to which the request for `asked` leads, is not configured."""
        try:
            found = origin(target)
        except ValueError as error:
            raise SourceChanged(f"{asked} leads nowhere: {error}") from error
        if found not in self._allowed:
            scheme, host, port = found
            raise SourceChanged(f"{asked} leads to {scheme}://{host}:{port}, which is not configured")

    def check_peer(self, host: str, address: str) -> None:
        """Raise SourceChanged where a public name has turned out to be an address of a private network."""
        if host.lower() in self._public and not _is_public(address):
            raise SourceChanged(
                f"{host} is {address} here, an address of a private network, and was not asked; where that "
                "is meant, configure it by its number, or by a name without a dot or ending in .internal"
            )


def origin(url: str) -> Origin:
    """Return scheme, host and port of an address; raise ValueError where it has none of HTTP."""
    parts = urlsplit(url)
    if parts.scheme not in _PORTS or not parts.hostname:
        raise ValueError(f"{url[:200]!r} is no http or https address")
    return parts.scheme, parts.hostname, parts.port or _PORTS[parts.scheme]


def is_loopback(url: str) -> bool:
    """Whether an address is this machine's own."""
    return urlsplit(url).hostname in {"127.0.0.1", "localhost", "::1"}


def is_public_name(host: str) -> bool:
    """Whether a host's name or number, as it was configured, is one of the public network."""
    try:
        return _is_public(host)
    except ValueError:
        return "." in host.rstrip(".") and not host.rstrip(".").endswith(_INNER_SUFFIXES)


def _is_public(address: str) -> bool:
    number = ipaddress.ip_address(address.partition("%")[0])
    mapped = getattr(number, "ipv4_mapped", None)
    return (mapped or number).is_global
