"""Model servers on this computer: found by port, named by proof, never by guess (R70, R71)."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from loopback import End, Loopback, reply, whole
from service_cases import LIST, refused, room

from app.domain.local_servers import LOCAL_PORTS, LocalPort
from app.providers import Providers, presets
from app.services.local import LocalServer, find_servers

pytestmark = pytest.mark.rule("R70")

LOADING = {"error": {"code": 503, "message": "Loading model", "type": "unavailable_error"}}


async def found(
    servers: dict[LocalPort, dict[str, Any]], patience_s: float = 5.0
) -> list[LocalServer]:
    """What is found when each row's server answers its paths as scripted, and 404 otherwise."""
    providers = Providers()
    async with AsyncExitStack() as stack:
        rows = []
        for row, paths in servers.items():
            server = await stack.enter_async_context(Loopback())
            server.add(paths.pop("*", reply("Not Found", status=404)))
            for path, answer in paths.items():
                server.route(path, answer)
            rows.append(LocalPort(server.port, row.name, row.preset, row.probe, row.sign))
            stack.callback(lambda seen=server.requests: all_without_key(seen))
        try:
            return list(await find_servers(providers, tuple(rows), patience_s))
        finally:
            await providers.aclose()


def all_without_key(requests: Any) -> None:
    assert requests
    assert all(seen.header("authorization") is None for seen in requests)


def row(name: str) -> LocalPort:
    return next(each for each in LOCAL_PORTS if each.name == name)


PROOFS = {
    "Ollama": {"/api/version": whole({"version": "0.13.0"})},
    "LM Studio": {"/api/v0/models": whole({"object": "list", "data": []})},
    "llama.cpp": {"/props": whole({"default_generation_settings": {"n_ctx": 4096}})},
    "vLLM": {"/version": whole({"version": "0.11.0"})},
}


async def test_all_at_once_each_by_its_name() -> None:
    servers = {row(name): {**proof, "/v1/models": whole(LIST)} for name, proof in PROOFS.items()}
    local = await found(servers)
    assert [server.name for server in local] == list(PROOFS)
    for server, preset in zip(local, ("ollama", "lmstudio", "llamacpp", "vllm"), strict=True):
        assert server.service.preset == preset
        assert server.service.base_url == f"http://127.0.0.1:{server.port}/v1"
        assert server.service.auth == "none"
        assert server.service.default_model == "small-chat"
        assert server.service.timeouts == presets.OLLAMA.timeouts
        assert server.remark == ""


async def test_a_list_without_a_proof_has_no_name() -> None:
    (server,) = await found({row("vLLM"): {"/v1/models": whole(LIST)}})
    assert server.name == f"Server on port {server.port}"


async def test_lm_studios_answer_to_unknown_paths_proves_nothing() -> None:
    odd = whole({"error": "Unexpected endpoint or method."})
    assert await found({row("LM Studio"): {"*": odd}}) == []
    (server,) = await found({row("LM Studio"): {"*": odd, "/v1/models": whole(LIST)}})
    assert server.name.startswith("Server on port")


async def test_other_programs_are_no_model_servers() -> None:
    pages: list[dict[str, Any]] = [
        {"*": reply("<html><title>Jenkins</title></html>")},
        {"*": refused(403)},
        {"*": refused(401)},
        {"*": whole({"hello": "world"})},
        {"*": reply("SSH-2.0-OpenSSH\r\n", raw=True)},
        {"*": reply(End.RESET)},
    ]
    for page in pages:
        assert await found({row("llama.cpp"): page}) == []


async def test_nobody_there_and_nobody_in_time() -> None:
    assert await found({row("Ollama"): {"*": reply(End.HANG)}}, patience_s=0.05) == []
    providers = Providers()
    async with Loopback() as server:
        port = server.port
    assert await find_servers(providers, (LocalPort(port, "Ollama", "ollama"),)) == ()
    await providers.aclose()


async def test_a_model_that_is_loading() -> None:
    (server,) = await found({row("llama.cpp"): {"*": whole(LOADING, status=503)}})
    assert (server.name, server.remark) == ("llama.cpp", "The model is still loading.")


async def test_no_model_yet() -> None:
    nothing = whole({"object": "list", "data": None})
    (server,) = await found({row("Ollama"): {**PROOFS["Ollama"], "/v1/models": nothing}})
    assert (server.models, server.service.default_model) == ((), "")
    assert server.remark == "No model is loaded yet."


async def test_a_server_that_wants_a_key() -> None:
    (server,) = await found({row("Ollama"): {**PROOFS["Ollama"], "/v1/models": refused()}})
    assert server.service.auth == "bearer"
    assert server.remark == "It wants a key."


async def test_embedding_models_are_not_chosen() -> None:
    models = {"data": [{"id": "nomic-embed-text"}, {"id": "qwen3"}]}
    (server,) = await found({row("Ollama"): {**PROOFS["Ollama"], "/v1/models": whole(models)}})
    assert server.service.default_model == "qwen3"


@pytest.mark.rule("R71")
async def test_past_every_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    async with Loopback() as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        (server,) = await found({row("Ollama"): {**PROOFS["Ollama"], "/v1/models": whole(LIST)}})
        assert server.name == "Ollama"
        assert proxy.requests == []


async def test_a_found_server_can_be_added_and_is_remembered(tmp_path: Path) -> None:
    async with room(tmp_path) as here:
        heard: asyncio.Future[tuple[LocalServer, ...]] = asyncio.get_running_loop().create_future()
        here.services.local(heard.set_result)
        assert await asyncio.wait_for(heard, 10) == here.services.found
        (server,) = await found({row("Ollama"): {**PROOFS["Ollama"], "/v1/models": whole(LIST)}})
        made = here.services.add(server.service)
        assert (made.id, made.preset, made.name) == ("ollama", "ollama", "Ollama")
        again = here.services.add(server.service)
        assert again.id == "ollama-2"


def test_only_this_computer_is_asked() -> None:
    from app.services import local

    assert local.HERE == "127.0.0.1"
    assert local.PROBE_S == 1.0
    ports = [each.port for each in LOCAL_PORTS]
    assert len(set(ports)) == len(ports)
    assert {11434, 1234, 8080, 9931, 8000} <= set(ports)
    assert all(presets.preset(each.preset) is not None for each in LOCAL_PORTS)
