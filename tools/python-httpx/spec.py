"""The command line of one trial, as the driver writes it for every arm, and the agents that it describes."""

import argparse
import json
import time
from dataclasses import dataclass
from typing import Any

import xxhash

SHORT_TOKENS = 2
"""Length of warm-up and priming responses: the shortest that has a gap."""

LONGEST_TOKENS = 1_000_000


@dataclass(frozen=True)
class AgentPlan:
    """One agent of a trial: who it is and what it asks for. The same in every phase."""

    index: int
    role: str
    server: str
    tokens: int
    seed: int
    options: dict[str, Any]
    nonce: int | None
    """Starts each prompt as a number that no server has seen before, so that no prompt cache helps."""


class Parser(argparse.ArgumentParser):
    """A wrong command line is one line on standard error and exit code 2, as on the other arms."""

    def error(self, message: str) -> None:  # type: ignore[override]
        self.exit(2, f"error: {message}\n")


def parse(arguments: list[str]) -> argparse.Namespace:
    """The specification of a trial. Names and defaults are those of the Rust arms (`TrialSpec`)."""
    parser = Parser(prog="python-httpx", description="run one trial with httpx on asyncio", allow_abbrev=False)
    parser.add_argument("--run-id", default="by-hand")
    parser.add_argument("--trial", type=int, default=0)
    parser.add_argument("--attempt", type=int, default=1)
    parser.add_argument("--server", dest="servers", action="append", required=True)
    parser.add_argument("--server-kind", choices=["sim", "ollama", "openai"], default="sim")
    parser.add_argument("--api", choices=["ollama", "openai"], default="ollama")
    parser.add_argument("--endpoint", choices=["generate", "chat"])
    parser.add_argument("--model", required=True)
    parser.add_argument("--client", choices=["httpx"], default="httpx")
    parser.add_argument("--read-cap", type=int, default=0)
    parser.add_argument("--workload", choices=["stream", "flood"], default="stream")
    parser.add_argument("--agents", type=int, default=2)
    parser.add_argument("--permits", type=int)
    parser.add_argument("--tokens", type=lengths, default=[64])
    parser.add_argument("--length", choices=["fixed", "free"], default="fixed")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--phase-order", choices=["solo-first", "concurrent-first"], default="solo-first")
    parser.add_argument("--connection", choices=["prepared", "fresh"], default="prepared")
    parser.add_argument("--cache", choices=["warm", "cold", "none"], default="warm")
    parser.add_argument("--token-stamps")
    parser.add_argument("--rate")
    parser.add_argument("--arrivals")
    parser.add_argument("--timeout-ms", type=int, default=120_000)
    parser.add_argument("--options-a", type=options, default={})
    parser.add_argument("--options-b", type=options, default={})
    fields = ["stream_options", "seed", "temperature"]
    parser.add_argument("--leave-out", choices=fields, action="append", default=[])
    spec = parser.parse_args(arguments)
    spec.endpoint = spec.endpoint or ("generate" if spec.api == "ollama" else "chat")
    spec.permits = spec.agents if spec.permits is None else spec.permits
    if spec.agents < 1 or spec.permits < 1:
        parser.error("--agents and --permits must be at least 1")
    if spec.timeout_ms < 1:
        parser.error("--timeout-ms must be at least 1")
    if spec.rate is not None or spec.arrivals is not None:
        parser.error("--rate and --arrivals: httpx knows no open loop; leave them out")
    if spec.read_cap:
        parser.error("--read-cap needs --client hyper: httpx reads as it likes; leave it out")
    if spec.token_stamps is not None:
        parser.error("--token-stamps: this arm keeps no file of raw stamps; leave it out")
    return spec


def lengths(text: str) -> list[int]:
    """One response length for all agents, or one for collectors and one for insights."""
    parts = text.split(",")
    if len(parts) > 2 or not all(part.isdecimal() and SHORT_TOKENS <= int(part) <= LONGEST_TOKENS for part in parts):
        raise argparse.ArgumentTypeError(f"{text}: one or two lengths from {SHORT_TOKENS} to {LONGEST_TOKENS}")
    return [int(part) for part in parts]


def options(text: str) -> dict[str, Any]:
    """Request options as a JSON object."""
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise argparse.ArgumentTypeError('not a JSON object; write it like {"num_ctx": 1024}')
    return value


def agents(spec: argparse.Namespace) -> list[AgentPlan]:
    """The agents of a trial: roles alternate, servers go round; seeds are those that every arm computes."""
    # The clock makes it new for a trial repeated by hand, too; only its length must not vary.
    key = f"{spec.run_id}/{spec.trial}/{spec.attempt}"
    nonce = xxhash.xxh3_64_intdigest(key.encode(), time.monotonic_ns()) if spec.cache == "cold" else None
    plans = []
    for index in range(spec.agents):
        side = index % 2
        plans.append(
            AgentPlan(
                index=index,
                role=("collector", "insight")[side],
                server=spec.servers[index % len(spec.servers)].rstrip("/"),
                tokens=spec.tokens[min(side, len(spec.tokens) - 1)],
                # 31 bits: servers read the seed as a signed 32-bit number.
                seed=xxhash.xxh3_64_intdigest(index.to_bytes(4, "little"), spec.seed) >> 33,
                options=spec.options_b if side else spec.options_a,
                nonce=nonce,
            )
        )
    return plans


TASKS = {
    "collector": "List what a benchmark of two concurrent agents has to record, and why each item matters.",
    "insight": "Explain what the difference of two concurrent agents can show, and also what it can not.",
}


def prompt(agent: AgentPlan, phase: str) -> str:
    """The prompt that every arm sends for this agent: a simulator draws text and times from it."""
    work = f"Agent {agent.index:05}. {TASKS[agent.role]}"
    if agent.nonce is None:
        return work
    key = f"{agent.nonce}/{agent.index}/{phase}"
    return f"{xxhash.xxh3_64_intdigest(key.encode()):016x} {work}"
