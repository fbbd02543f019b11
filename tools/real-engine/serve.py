"""One llama.cpp server on 127.0.0.1 until SIGTERM, SIGINT or the death of the parent process.

    python serve.py --model tiny.gguf [--port 0] [--parallel 16] [--context 16384]

Prints one JSON line on stdout once /health answers; the engine's own log goes to stderr.

    {"listening": "http://127.0.0.1:PORT", "engine": "llama.cpp in xllamacpp VERSION", "model": "tiny"}
"""

import argparse
import json
import os
import signal
import sys
from pathlib import Path

import xllamacpp
from process import die_with_parent, wait_until_healthy

START_TIMEOUT_SECONDS = 60.0  # it takes 0.05 s with the tiny model; a bigger one on a busy machine takes longer


def start(model: Path, name: str, port: int, parallel: int, context: int) -> xllamacpp.Server:
    """Start the server; it runs on threads of its own."""
    params = xllamacpp.CommonParams()
    params.model.path = str(model)
    params.model_alias = {name}
    params.hostnames = ["127.0.0.1"]
    params.port = port
    params.n_parallel = parallel
    params.n_ctx = context * parallel  # the engine divides it evenly among its slots
    params.cpuparams.n_threads = 1     # two servers and a client share few cores
    params.cpuparams_batch.n_threads = 1
    params.n_threads_http = 2 * parallel + 8  # an open connection holds one thread, idle or not
    params.n_gpu_layers = 0
    params.warmup = False
    # The text of a seeded request must not depend on the streams beside it: 16-bit keys and values, and the fused
    # attention kernel, round differently in a batch of one than in a batch of many.
    params.cache_type_k = params.cache_type_v = xllamacpp.ggml_type.GGML_TYPE_F32
    params.flash_attn_type = xllamacpp.llama_flash_attn_type.LLAMA_FLASH_ATTN_TYPE_DISABLED
    params.cache_ram_mib = 0           # prompts are cached in their slot only: nothing is copied between requests
    params.verbosity = 1               # errors
    return xllamacpp.Server(params)


def main() -> None:
    parser = argparse.ArgumentParser(description="one llama.cpp server on 127.0.0.1")
    parser.add_argument("--model", type=Path, required=True, help="GGUF file (write_model.py makes one)")
    parser.add_argument("--name", default="tiny", help="name under which it serves the model (default tiny)")
    parser.add_argument("--port", type=int, default=0, help="0 = a free one (default)")
    parser.add_argument("--parallel", type=int, default=16, help="streams at once (default 16)")
    parser.add_argument("--context", type=int, default=16_384, help="tokens of context per stream (default 16384)")
    options = parser.parse_args()
    if not options.model.is_file():
        parser.error(f"--model {options.model}: no such file (write one with write_model.py)")
    if options.parallel < 1:
        parser.error(f"--parallel {options.parallel}: give 1 or more")

    die_with_parent(os.getppid())
    # Blocked before the engine starts its threads, so that all of them inherit it and only sigwait gets the signal.
    stop_signals = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, stop_signals)
    try:
        server = start(options.model, options.name, options.port, options.parallel, options.context)
    except Exception as error:  # the bindings raise plain RuntimeError and the like
        sys.exit(f"serve.py: the engine did not start with {options.model} on port {options.port}: {error}")
    url = server.listening_address
    wait_until_healthy(f"{url}/health", START_TIMEOUT_SECONDS)
    engine = f"llama.cpp in xllamacpp {xllamacpp.__version__}"
    print(json.dumps({"listening": url, "engine": engine, "model": options.name}), flush=True)
    signal.sigwait(stop_signals)
    os._exit(0)  # no unwinding of the engine's threads: open streams are cut, as with a real server that stops


if __name__ == "__main__":
    main()
