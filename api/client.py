"""The client's address: whose it is, and how much of it is kept."""

import ipaddress
from typing import Literal

from api.head import Head

IPV4_KEPT_BITS = 24
IPV6_KEPT_BITS = 48


class ClientAddress:
    """Reads the address of a client behind `trusted_proxies` proxies, each of which appends one to X-Forwarded-For.

    What a client itself writes there stands further left and is never believed.
    """

    def __init__(self, trusted_proxies: int, keep: Literal["off", "truncated", "full"]) -> None:
        self._trusted_proxies = trusted_proxies
        self._keep = keep

    def of(self, head: Head) -> str:
        """Return the address, or nothing where none is known."""
        if not self._trusted_proxies:
            return head.peer
        forwarded = [text.strip() for text in ",".join(head.all(b"x-forwarded-for")).split(",")]
        is_whole = len(forwarded) >= self._trusted_proxies
        return [*forwarded, head.peer][-self._trusted_proxies - 1] if is_whole else head.peer

    def kept(self, head: Head) -> str | None:
        """Return what of the address goes into rows: nothing unless configured."""
        if self._keep == "off":
            return None
        try:
            address = ipaddress.ip_address(self.of(head))
        except ValueError:
            return None
        if self._keep == "full":
            return str(address)
        bits = IPV4_KEPT_BITS if address.version == 4 else IPV6_KEPT_BITS  # noqa: PLR2004
        return str(ipaddress.ip_network((address, bits), strict=False).network_address)
