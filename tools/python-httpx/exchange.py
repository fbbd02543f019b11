"""One request and its response, from send to last byte: the measured path of this arm."""

import asyncio
import math
import os
from argparse import Namespace
from dataclasses import dataclass, field
from time import monotonic_ns
from typing import Any

import httpx
import xxhash
from dialect import PATHS, Fault, Lines, error_text, read_line


def authorization(spec: Namespace) -> dict[str, str]:
    """The header with the key of OpenAI-type servers, which is in the environment alone."""
    key = os.environ.get("TANDEM_API_KEY") if spec.api == "openai" else None
    return {"authorization": f"Bearer {key}"} if key else {}


class Session:
    """One agent's client: httpx with its defaults, at most one connection in use."""

    def __init__(self, spec: Namespace, server: str) -> None:
        self.spec = spec
        self.url = server + PATHS[spec.api, spec.endpoint]
        self.root = server + "/"
        # Environment proxies must not touch a measurement; certificates are not read for plain HTTP; the time limit
        # is asyncio's, over the whole request, as on the other arms.
        self.client = httpx.AsyncClient(trust_env=False, verify=False, timeout=None, headers=authorization(spec))

    async def prepare(self) -> None:
        """Opens a connection and proves it with a HEAD request."""
        async with limited(self.spec):
            await self.client.head(self.root)

    async def close(self) -> None:
        """Ends the connection."""
        await self.client.aclose()


@dataclass
class Exchange:
    """One request as it really went: raw stamps, summarised after the measured time."""

    start_ns: int
    end_ns: int | None = None
    first_chunk_ns: int | None = None
    chunks: int = 0
    seen_ns: list[int] = field(default_factory=list)
    written_ns: list[int | None] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    final: dict[str, Any] | None = None
    fault: Fault | None = None


class limited:  # noqa: N801 (reads as a word: `async with limited(spec)`)
    """Turns what httpx and asyncio raise into a fault with a status, under the time limit of a request."""

    def __init__(self, spec: Namespace) -> None:
        self.milliseconds = spec.timeout_ms

    async def __aenter__(self) -> None:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        self.expired = False

        def expire() -> None:
            self.expired = True
            task.cancel()

        self.timer = loop.call_later(self.milliseconds / 1000, expire)

    async def __aexit__(self, _: object, error: BaseException | None, __: object) -> None:
        self.timer.cancel()
        if error is None or isinstance(error, Fault):
            return
        if self.expired and isinstance(error, asyncio.CancelledError):
            raise Fault("timeout", f"no end within {self.milliseconds} ms") from error
        if isinstance(error, httpx.ConnectError):
            raise Fault("refused", f"connect: {error}") from error
        if isinstance(error, httpx.RemoteProtocolError) and "without sending" not in str(error):
            cut = "incomplete" in str(error) or "peer closed" in str(error)
            raise Fault("reset" if cut else "malformed", f"httpx: {error}") from error
        if isinstance(error, httpx.TransportError):
            raise Fault("reset", f"httpx: {error or type(error).__name__}") from error


async def exchange(session: Session, body: bytes) -> Exchange:
    """Sends one request and reads its whole response. Never raises for a fault: that is part of the exchange."""
    got = Exchange(start_ns=monotonic_ns())
    try:
        async with limited(session.spec):
            await stream(session, body, got)
    except Fault as fault:
        got.fault = fault
    except Exception as error:  # a slip of this program ends one request, not the trial without a report
        got.fault = Fault("panicked", repr(error))
    return got


async def stream(session: Session, body: bytes, got: Exchange) -> None:
    """The measured path: chunk, stamp, lines, tokens."""
    api, lines = session.spec.api, Lines()

    def take(line: bytes) -> None:
        piece = read_line(api, line)
        for text in piece.texts:
            got.seen_ns.append(monotonic_ns())
            got.written_ns.append(piece.written_ns)
            got.texts.append(text)
        if piece.final is not None:
            got.final = (got.final or {}) | piece.final

    headers = {"content-type": "application/json"}
    async with session.client.stream("POST", session.url, content=body, headers=headers) as response:
        if response.status_code != 200:
            raise refusal(response.status_code, await response.aread())
        async for chunk in response.aiter_raw():
            got.chunks += 1
            if got.first_chunk_ns is None:
                got.first_chunk_ns = monotonic_ns()
            for line in lines.push(chunk):
                take(line)
    got.end_ns = monotonic_ns()
    for line in lines.finish():
        take(line)
    if got.final is None or "done_reason" not in got.final:
        raise Fault("no_done", f"the stream ended after {len(got.seen_ns)} tokens without a final record")


def refusal(http_status: int, body: bytes) -> Fault:
    """Turns an error response into a fault."""
    text = error_text(body)
    status = {503: "busy"}.get(http_status, "http_error")
    if http_status == 404 and "model" in text:
        status = "model_missing"
    return Fault(status, f"http {http_status}: {text}")


def fill(got: Exchange, row: dict[str, Any]) -> None:
    """Fills the measured columns of a request's row."""

    def since_start(at: int | None) -> int | None:
        return None if at is None else at - got.start_ns

    row |= {
        "status": got.fault.status if got.fault else "ok",
        "error": got.fault.message if got.fault else "",
        "start_ns": got.start_ns,
        "ttfc_ns": since_start(got.first_chunk_ns),
        "ttft_ns": since_start(got.seen_ns[0]) if got.seen_ns else None,
        "e2e_ns": since_start(got.end_ns) if got.fault is None else None,
        "chunks": got.chunks,
        "output_tokens": len(got.seen_ns),
        "digest": xxhash.xxh3_64_hexdigest("".join(got.texts).encode()) if got.texts else "",
    }
    row |= {name: value for name, value in (got.final or {}).items() if value is not None}
    gaps = sorted(later - earlier for earlier, later in zip(got.seen_ns, got.seen_ns[1:]))
    row |= quantiles("itl_", gaps, {"p50": 0.5, "p99": 0.99})
    if delays := delays_of(got):
        row |= quantiles("delay_", sorted(delays), DELAY_QUANTILES)
        row["delay_source"] = "sim"


DELAY_QUANTILES = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "p999": 0.999}


def delays_of(got: Exchange) -> list[int]:
    """How much later than its server wrote it each token was seen; none where the server tells for some tokens only,
    because those are another set of tokens than the other columns describe."""
    if not all(got.written_ns):
        return []
    return [max(seen - wrote, 0) for seen, wrote in zip(got.seen_ns, got.written_ns)]


def pooled_delays(exchanges: list[Exchange]) -> dict[str, Any]:
    """The exact quantiles over all tokens of these exchanges; nothing where one of them has no reference."""
    ok = [got for got in exchanges if got.fault is None]
    if not ok or not all(delays_of(got) for got in ok):
        return {"source": "none"}
    delays = sorted(delay for got in ok for delay in delays_of(got))
    late = [[seen - wrote for seen, wrote in zip(got.seen_ns, got.written_ns)] for got in ok]
    gap_errors = sorted(abs(b - a) for one in late for a, b in zip(one, one[1:]))
    return quantiles("", delays, DELAY_QUANTILES) | {
        "tokens": len(delays),
        "gap_error_p99_ns": type7(gap_errors, 0.99),
        "source": "sim",
    }


def quantiles(prefix: str, ascending: list[int], wanted: dict[str, float]) -> dict[str, Any]:
    """These quantiles and the largest value, by the names `<prefix><name>_ns`."""
    row = {f"{prefix}{name}_ns": type7(ascending, q) for name, q in wanted.items()}
    return row | {f"{prefix}max_ns": ascending[-1] if ascending else None}


def type7(ascending: list[int], q: float) -> int | None:
    """Type-7 quantile (Hyndman and Fan 1996), rounded half up; None of an empty list."""
    if not ascending:
        return None
    place = q * (len(ascending) - 1)
    below = math.floor(place)
    above = min(below + 1, len(ascending) - 1)
    return math.floor(ascending[below] + (ascending[above] - ascending[below]) * (place - below) + 0.5)
