"""Stream tokens from the servers with httpx or aiohttp, as their guides show it; write the stamps of every token.

    python stream_client.py httpx|aiohttp STREAMS TOKENS WARM_UP_TOKENS MODEL OUTPUT URL URL

One client for all streams, its limits lifted. Each stream opens its connection with a short request; then all
start together. The stamps are CLOCK_MONOTONIC and are written after the last stream has ended.
"""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from time import perf_counter_ns

Post = Callable[[str, dict, dict], AsyncIterator[bytes | str]]


@asynccontextmanager
async def httpx_client() -> AsyncIterator[Post]:
    import httpx

    limits = httpx.Limits(max_connections=None, max_keepalive_connections=None, keepalive_expiry=None)
    async with httpx.AsyncClient(limits=limits, timeout=None, trust_env=False) as client:

        async def post(url: str, body: dict, headers: dict) -> AsyncIterator[str]:
            async with client.stream("POST", url, json=body, headers=headers) as response:
                response.raise_for_status()
                async for line in response.aiter_lines():
                    yield line

        yield post


@asynccontextmanager
async def aiohttp_client() -> AsyncIterator[Post]:
    import aiohttp

    connector = aiohttp.TCPConnector(limit=0)
    timeout = aiohttp.ClientTimeout(total=None)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as client:

        async def post(url: str, body: dict, headers: dict) -> AsyncIterator[bytes]:
            async with client.post(url, json=body, headers=headers) as response:
                response.raise_for_status()
                async for line in response.content:
                    yield line

        yield post


CLIENTS = {"httpx": httpx_client, "aiohttp": aiohttp_client}


async def request(post: Post, url: str, model: str, name: str, tokens: int) -> dict:
    """One response; a failure is part of what is told."""
    prompt = f"stream {name}"
    body = {"model": model, "prompt": prompt, "stream": True, "options": {"num_predict": tokens, "seed": 1}}
    seen, done, error = [], False, ""
    start = perf_counter_ns()
    try:
        async for line in post(url + "/api/generate", body, {"X-Request-ID": name}):
            now = perf_counter_ns()
            piece = json.loads(line)
            if piece.get("response"):
                seen.append(now)
            done = done or piece["done"]
    except Exception as failure:  # any: the others go on, and the table says how many failed
        error = f"{type(failure).__name__}: {failure}"
    end = perf_counter_ns()
    if not error and not done:
        error = "no final record"
    return {"id": name, "start_ns": start, "end_ns": end, "seen_ns": seen, "error": error}


async def load(client: str, streams: int, tokens: int, warm_up: int, model: str, urls: list[str]) -> list[dict]:
    """The warm-up of all streams, then their measured requests, started together."""
    async with CLIENTS[client]() as post:
        places = [urls[number % len(urls)] for number in range(streams)]
        for phase, length in (("w", warm_up), ("m", tokens)):
            results = await asyncio.gather(
                *(request(post, url, model, f"{phase}-{number}", length) for number, url in enumerate(places))
            )
    return results


def main() -> None:
    client, streams, tokens, warm_up, model, output, *urls = sys.argv[1:]
    results = asyncio.run(load(client, int(streams), int(tokens), int(warm_up), model, urls))
    with open(output, "w") as out:
        out.writelines(json.dumps(result) + "\n" for result in results)


if __name__ == "__main__":
    main()
