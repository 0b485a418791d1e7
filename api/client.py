"""The client's address: whose it is, and how much of it is kept."""

import ipaddress
from typing import Literal

from starlette.requests import Request

IPV4_KEPT_BITS = 24
IPV6_KEPT_BITS = 48


class ClientAddress:
    """Reads the address of a client behind `trusted_proxies` proxies, each of which appends one to X-Forwarded-For.

    What a client itself writes there stands further left and is never believed.
    """

    def __init__(self, trusted_proxies: int, keep: Literal["off", "truncated", "full"]) -> None:
        self._trusted_proxies = trusted_proxies
        self._keep = keep

    def of(self, request: Request) -> str:
        """Return the address, or nothing where none is known."""
        peer = request.client.host if request.client else ""
        if not self._trusted_proxies:
            return peer
        forwarded = [text.strip() for text in ",".join(request.headers.getlist("x-forwarded-for")).split(",")]
        return [*forwarded, peer][-self._trusted_proxies - 1] if len(forwarded) >= self._trusted_proxies else peer

    def kept(self, request: Request) -> str | None:
        """Return what of the address goes into rows: nothing unless configured."""
        if self._keep == "off":
            return None
        try:
            address = ipaddress.ip_address(self.of(request))
        except ValueError:
            return None
        if self._keep == "full":
            return str(address)
        bits = IPV4_KEPT_BITS if address.version == 4 else IPV6_KEPT_BITS  # noqa: PLR2004
        return str(ipaddress.ip_network((address, bits), strict=False).network_address)
