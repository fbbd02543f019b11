"""One request and its response, from send to last byte: the measured path of this arm."""

import asyncio
import contextlib
import math
import os
from argparse import Namespace
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from time import monotonic_ns
from typing import Any

import httpx
from decoder import decoder
from fault import Fault, refusal
from recorder import Recorder
from request import PATHS


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
        # is asyncio's, over the whole request, as on the other arms, which do not ask for compression either.
        headers = {"accept-encoding": "identity"} | authorization(spec)
        self.client = httpx.AsyncClient(trust_env=False, verify=False, timeout=None, headers=headers)
        self.answered = False
        """Whether the present connection may be one that has carried an answer."""
        self.response: httpx.Response | None = None
        self.rest: AsyncIterator[bytes] | None = None
        """What follows the end marker of the last response."""

    async def prepare(self) -> None:
        """Opens a connection and proves it with a HEAD request."""
        await self.settle()
        self.answered = False
        async with limited(self.spec):
            await self.client.head(self.root)
        self.answered = True

    async def send(self, body: bytes) -> httpx.Response:
        """Sends one request and returns its response as soon as its head is there."""
        headers = {"content-type": "application/json"}
        request = self.client.build_request("POST", self.url, content=body, headers=headers)
        try:
            self.response = await self.client.send(request, stream=True)
        except httpx.RemoteProtocolError as error:
            if "buffer too long" in str(error):
                raise Fault("too_large", f"httpx: a response head that is too long ({error})") from error
            raise
        self.answered = True
        return self.response

    async def settle(self) -> None:
        """Reads what follows the last end marker, so that its connection can be used again, or closes it."""
        response, rest, self.response, self.rest = self.response, self.rest, None, None
        if response is None:
            return
        with contextlib.suppress(httpx.TransportError, asyncio.TimeoutError):
            if rest is not None:
                await asyncio.wait_for(read_on(rest), REST_SECONDS)
        await response.aclose()

    async def close(self) -> None:
        """Ends the connection."""
        await self.settle()
        await self.client.aclose()


REST_SECONDS = 0.1
"""The end of a body comes with its end marker or just after it, unless the server never ends it. As on the other arms."""


async def read_on(chunks: AsyncIterator[bytes]) -> None:
    """Reads a body to its end, or as much as a body may still hold after its end marker."""
    size = 0
    async for chunk in chunks:
        size += len(chunk)
        if size > 65536:
            return


@dataclass
class Exchange:
    """One request as it really went: raw stamps, summarised after the measured time."""

    start_ns: int
    end_ns: int | None = None
    got: Recorder = field(default_factory=Recorder)
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
    """Sends one request and reads its response to its end marker. Never raises for a fault: that is part of the
    exchange."""
    done = Exchange(start_ns=monotonic_ns())
    try:
        async with limited(session.spec):
            await stream(session, await post(session, body, done), done)
    except Fault as fault:
        done.fault = fault
    except Exception as error:  # a slip of this program ends one request, not the trial without a report
        done.fault = Fault("panicked", repr(error))
    return done


async def post(session: Session, body: bytes, done: Exchange) -> httpx.Response:
    """Sends the request, once more on a new connection where a used one brings no answer: the server has closed it
    without a word, perhaps just now (RFC 9112, section 9.3.1). The agent waits."""
    try:
        return await session.send(body)
    except (httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError):
        if not session.answered:
            raise
        session.answered = False
        done.start_ns = monotonic_ns()
        return await session.send(body)


async def stream(session: Session, response: httpx.Response, done: Exchange) -> None:
    """The measured path: chunk, stamp, lines, pieces."""
    spec, got = session.spec, done.got
    if response.status_code != 200:
        raise refusal(response.status_code, await start_of(response), response.headers.get("location"))
    if response.http_version == "HTTP/1.0" and "transfer-encoding" in response.headers:
        raise Fault("malformed", "Transfer-Encoding in HTTP/1.0 (RFC 9112, 6.1: the framing is faulty)")
    reader = decoder(spec.api, got)
    chunks, longest = response.aiter_raw(), max(spec.tokens)
    async for chunk in chunks:
        got.on_chunk()
        if reader.push(chunk):
            session.rest = chunks
            break
        got.check_length(longest)
    done.end_ns = monotonic_ns()
    reader.finish()


async def start_of(response: httpx.Response) -> bytes:
    """As much of an error's body as can hold its text."""
    body = b""
    with contextlib.suppress(httpx.TransportError):
        async for chunk in response.aiter_raw():
            body += chunk
            if len(body) > 65536:
                break
    return body


def fill(done: Exchange, row: dict[str, Any]) -> None:
    """Fills the measured columns of a request's row."""

    def since_start(at: int | None) -> int | None:
        return None if at is None else at - done.start_ns

    got = done.got
    tokens, tokens_from = got.tokens()
    row |= {
        "status": done.fault.status if done.fault else "ok",
        "error": done.fault.message if done.fault else "",
        "start_ns": done.start_ns,
        "ttfc_ns": since_start(got.first_chunk_ns),
        "ttft_ns": since_start(got.seen_ns[0]) if got.seen_ns else None,
        "first_answer_ns": since_start(got.first_answer_ns),
        "e2e_ns": since_start(done.end_ns) if done.fault is None else None,
        "chunks": got.chunks,
        "pieces": len(got.seen_ns),
        "thinking_pieces": got.thinking_pieces,
        "output_tokens": tokens,
        "tokens_from": tokens_from,
        "digest": got.digest(),
    } | got.figures
    gaps = sorted(later - earlier for earlier, later in zip(got.seen_ns, got.seen_ns[1:]))
    row |= quantiles("itl_", gaps, {"p50": 0.5, "p99": 0.99})
    if delays := delays_of(got):
        row |= quantiles("delay_", sorted(delays), DELAY_QUANTILES)
        row["delay_source"] = "sim"


DELAY_QUANTILES = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "p999": 0.999}


def delays_of(got: Recorder) -> list[int]:
    """How much later than its server wrote it each piece was seen; none where the server tells for some pieces only,
    because those are another set of pieces than the other columns describe."""
    if not all(got.written_ns):
        return []
    return [max(seen - wrote, 0) for seen, wrote in zip(got.seen_ns, got.written_ns)]


def pooled_delays(exchanges: list[Exchange]) -> dict[str, Any]:
    """The exact quantiles over all pieces of these exchanges; nothing where one of them has no reference."""
    ok = [done.got for done in exchanges if done.fault is None]
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
