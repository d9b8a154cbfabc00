"""Whether a service has to be given a key before it is asked.

Invariant: pure. A service is sure to need one only at the address of its preset; anywhere else a
key may be missing, and it may be that none is wanted.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.domain import address
from app.domain.credentials import is_credential
from app.domain.settings import Form, Service

_NEAR = (".local", ".lan", ".internal", ".home.arpa")


def may_need_key(service: Service) -> bool:
    """Not the demo, what takes no key or has another secret, and what lies in this network."""
    host = (address.split(service.base_url).hostname or "").rstrip(".")
    near = "." not in host or host.endswith(_NEAR) or address.is_private(service.base_url)
    has_other = any(is_credential(*header) for header in service.extra_headers.items())
    other = near or has_other or service.auth == "none"
    return service.form is not Form.DEMO and not other


def must_have_key(service: Service, presets: Sequence[Service]) -> bool:
    """Whether it is known that the service answers nothing without one."""
    preset = next((each for each in presets if each.id == service.preset), None)
    return (
        preset is not None
        and bool(preset.keys_url)
        and address.same_host(service.base_url, preset.base_url)
        and may_need_key(service)
    )
