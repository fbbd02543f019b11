"""Paths and bodies of requests in both dialects."""

import json
from argparse import Namespace
from typing import Any

from spec import AgentPlan

KEEP_ALIVE = "30m"
"""How long a server is asked to keep its model loaded, so that no trial of a sweep meets a reload."""

TEMPERATURE = 0.8
"""Sent when the plan names no temperature: Ollama's own default, made explicit."""

TOP_LEVEL = ("think", "format", "raw", "system", "template", "truncate", "keep_alive")
"""Options of Ollama's requests that stand beside `options`; inside it the server ignores them without a word."""

PATHS = {
    ("ollama", "generate"): "/api/generate",
    ("ollama", "chat"): "/api/chat",
    ("openai", "generate"): "/v1/completions",
    ("openai", "chat"): "/v1/chat/completions",
}


def body(spec: Namespace, agent: AgentPlan, prompt: str, tokens: int | None) -> bytes:
    """The JSON body of a streaming request; without `tokens` the model decides its length. Options of the plan win."""
    request: dict[str, Any] = {"model": spec.model, "stream": True}
    if spec.endpoint == "generate":
        request["prompt"] = prompt
    else:
        request["messages"] = [{"role": "user", "content": prompt}]
    limit = {"ollama": "num_predict", "openai": "max_tokens"}[spec.api]
    options: dict[str, Any] = {"temperature": TEMPERATURE, "seed": agent.seed}
    options |= ({limit: tokens} if tokens else {}) | agent.options
    options = {name: value for name, value in options.items() if name not in spec.leave_out}
    if spec.api == "ollama":
        top = {name: value for name, value in options.items() if name in TOP_LEVEL}
        inside = {name: value for name, value in options.items() if name not in TOP_LEVEL}
        request |= {"keep_alive": KEEP_ALIVE} | top | {"options": inside}
    else:
        told = {} if "stream_options" in spec.leave_out else {"stream_options": {"include_usage": True}}
        request |= told | options
    return json.dumps(request).encode()
