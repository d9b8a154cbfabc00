"""The model servers that run on one's own computer: their ports and how they prove their names.

Invariant: data only (wire reference 5). `app.services` asks the ports, `app.advice` says which
program to start when nobody listens there.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LocalPort:
    """One row of the table (R70). `preset` is the id of the preset to use for it.

    The name holds when `probe` answers a JSON object with the member `sign`. Without a probe the
    name only says which program usually has this port.
    """

    port: int
    name: str
    preset: str = "openai-compatible"
    probe: str = ""
    sign: str = ""


LM_STUDIO_PORT = 1234

LOCAL_PORTS: tuple[LocalPort, ...] = (
    LocalPort(11434, "Ollama", "ollama", "/api/version", "version"),
    # LM Studio answers unknown paths with 200 and an error object: the list must be there.
    LocalPort(LM_STUDIO_PORT, "LM Studio", "lmstudio", "/api/v0/models", "data"),
    LocalPort(8080, "llama.cpp", "llamacpp", "/props", "default_generation_settings"),
    LocalPort(9931, "llama.cpp", "llamacpp", "/props", "default_generation_settings"),
    LocalPort(8000, "vLLM", "vllm", "/version", "version"),
    LocalPort(1337, "Jan"),
    LocalPort(5001, "KoboldCpp"),
    LocalPort(5000, "text-generation-webui"),
    LocalPort(4891, "GPT4All"),
    LocalPort(12434, "Docker Model Runner"),
    LocalPort(30000, "SGLang"),
)
