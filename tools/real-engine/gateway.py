"""One LiteLLM proxy on 127.0.0.1 in front of one server, until SIGTERM, SIGINT or the death of the parent process.

    python gateway.py --upstream http://127.0.0.1:PORT

It is told that the server behind it is of a provider whose API has no `seed`, so it refuses requests that have one.
Prints one JSON line on stdout once it answers; its own log goes to stderr.

    {"listening": "http://127.0.0.1:PORT", "engine": "LiteLLM VERSION before llama.cpp", "model": "tiny"}
"""

import argparse
import json
import os
import socket
import sys
import tempfile
import threading
from importlib.metadata import version
from pathlib import Path

from process import die_with_parent, wait_until_healthy

START_TIMEOUT_SECONDS = 180.0  # it imports for 7 s on an idle core, and two start at once

PROVIDER = "zai"
"""Has no `seed`, and LiteLLM passes its counts of tokens on. For some others (perplexity) LiteLLM counts by itself with a
tokenizer of another model, and tells 122 tokens where 60 were generated."""

SETTINGS = {
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",  # otherwise it asks the internet for prices
    "LITELLM_DANGEROUSLY_PERMIT_WEAK_OR_UNSET_MASTER_KEY": "true",  # it listens on loopback alone and asks for no key
    "LITELLM_LOG": "ERROR",
    "NO_PROXY": "127.0.0.1",
}


def free_port() -> int:
    """A port that is free now; the proxy cannot choose one and say which."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def config(upstream: str) -> str:
    """What the proxy serves, as its configuration file says it: YAML, which JSON is a part of."""
    parameters = {"model": f"{PROVIDER}/tiny", "api_base": f"{upstream}/v1", "api_key": "none"}
    return json.dumps({"model_list": [{"model_name": "tiny", "litellm_params": parameters}]})


def announce(url: str) -> None:
    """Says where it listens, once it does."""
    try:
        wait_until_healthy(f"{url}/health/liveliness", START_TIMEOUT_SECONDS)
    except SystemExit as failure:
        print(failure, file=sys.stderr)
        os._exit(1)
    engine = f"LiteLLM {version('litellm')} before llama.cpp"
    print(json.dumps({"listening": url, "engine": engine, "model": "tiny"}), file=sys.__stdout__, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description="one LiteLLM proxy on 127.0.0.1 in front of one server")
    parser.add_argument("--upstream", required=True, help="base URL of the server behind it")
    options = parser.parse_args()
    die_with_parent(os.getppid())
    os.environ |= SETTINGS
    port = free_port()
    threading.Thread(target=announce, args=[f"http://127.0.0.1:{port}"], daemon=True).start()
    sys.stdout = sys.stderr  # it greets on standard output
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "config.yaml")
        path.write_text(config(options.upstream))
        from litellm import run_server

        run_server(["--config", str(path), "--host", "127.0.0.1", "--port", str(port), "--telemetry", "False"])


if __name__ == "__main__":
    main()
