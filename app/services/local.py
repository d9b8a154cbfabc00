"""Finds model servers on this computer (R70).

Invariant: only 127.0.0.1 is asked, all ports at once, a second each, without a key and past every
proxy. A port counts when it answers with a list of models or proves its name.
"""

from __future__ import annotations

import asyncio
import select
import socket
import time
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass, replace

from app.domain.errors import ChatError, ErrorKind, Failure
from app.domain.local_servers import LOCAL_PORTS, LocalPort
from app.domain.settings import Service, Timeouts
from app.i18n import tr
from app.providers import Providers, presets
from app.providers.base import Endpoint, ModelInfo
from app.providers.default_model import first_to_chat

HERE = "127.0.0.1"  # not "localhost": on Windows that is tried over IPv6 first
PROBE_S = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalServer:
    """A server that answered. `service` is ready to be added; `remark` says what it lacks yet."""

    name: str
    port: int
    service: Service
    models: tuple[ModelInfo, ...] = ()
    remark: str = ""


async def find_servers(
    providers: Providers, ports: tuple[LocalPort, ...] = LOCAL_PORTS, patience_s: float = PROBE_S
) -> tuple[LocalServer, ...]:
    """Every server of `ports` that answers, in the order of the table. Takes about a second."""
    open_ports = await asyncio.to_thread(_listening, [row.port for row in ports], patience_s)
    rows = (row for row in ports if row.port in open_ports)
    found = await asyncio.gather(*(_look_at(providers, row, patience_s) for row in rows))
    return tuple(server for server in found if server is not None)


async def _look_at(providers: Providers, row: LocalPort, patience_s: float) -> LocalServer | None:
    template = presets.preset(row.preset) or presets.OPENAI_COMPATIBLE
    times = Timeouts(
        connect_s=patience_s,
        write_s=patience_s,
        first_byte_s=patience_s,
        first_byte_whole_s=patience_s,
        idle_s=patience_s,
    )
    asked = replace(
        template, base_url=f"http://{HERE}:{row.port}/v1", auth="none", timeouts=times, proxy=""
    )
    listed, named = await asyncio.gather(
        _models(providers, asked), _proves_its_name(providers, row, asked)
    )
    if isinstance(listed, Failure) and not named:
        return None
    models = () if isinstance(listed, Failure) else listed
    name = row.name if named else tr("Server on port {port}", port=row.port)
    service = replace(
        asked,
        name=name,
        preset=template.id,
        default_model=first_to_chat(model.id for model in models),
        auth="bearer" if _wants_key(listed) else "none",
        timeouts=template.timeouts,
        notes=template.notes if named else "",
    )
    return LocalServer(
        name=name, port=row.port, service=service, models=models, remark=_remark(listed)
    )


def _listening(ports: Iterable[int], patience_s: float) -> frozenset[int]:
    """Those of `ports` that take a connection. Loads no HTTP; asyncio would load OpenSSL."""
    found: set[int] = set()
    waiting: dict[socket.socket, int] = {}
    due_s = time.monotonic() + patience_s
    with ExitStack() as sockets:
        for port in ports:
            each = sockets.enter_context(socket.socket(socket.AF_INET, socket.SOCK_STREAM))
            each.setblocking(False)
            each.connect_ex((HERE, port))
            waiting[each] = port
        while waiting and (left_s := due_s - time.monotonic()) > 0:
            _, ready, failed = select.select((), waiting, waiting, left_s)
            for each in {*ready, *failed}:
                port = waiting.pop(each)
                if each.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0:
                    found.add(port)
    return frozenset(found)


async def _models(providers: Providers, service: Service) -> tuple[ModelInfo, ...] | Failure:
    try:
        async with asyncio.timeout(2 * service.timeouts.connect_s):
            return await providers.of(service).models(Endpoint(service))
    except ChatError as error:
        return error.failure
    except TimeoutError:
        return Failure(kind=ErrorKind.TIMEOUT, message=tr("No list of models came in time."))


async def _proves_its_name(providers: Providers, row: LocalPort, service: Service) -> bool:
    if not row.probe:
        return False
    from app.providers.probes import objects

    try:
        async with asyncio.timeout(2 * service.timeouts.connect_s):
            answer = await objects(providers.connections, Endpoint(service), row.probe)
    except ChatError as error:
        # llama.cpp says so before it can say anything else.
        return row.name == "llama.cpp" and error.failure.kind is ErrorKind.OVERLOADED
    except TimeoutError:
        return False
    return len(answer) == 1 and row.sign in answer[0]


def _wants_key(listed: tuple[ModelInfo, ...] | Failure) -> bool:
    return isinstance(listed, Failure) and listed.kind is ErrorKind.AUTH


def _remark(listed: tuple[ModelInfo, ...] | Failure) -> str:
    if not isinstance(listed, Failure):
        return "" if listed else tr("No model is loaded yet.")
    match listed.kind:
        case ErrorKind.AUTH:
            return tr("It wants a key.")
        case ErrorKind.OVERLOADED:
            return tr("The model is still loading.")
        case _:
            return tr("Its models are not known.")
