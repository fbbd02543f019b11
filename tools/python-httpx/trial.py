"""One trial: warm-up, each agent alone, all agents together; and its report, in the form of the other arms."""

import asyncio
from argparse import Namespace
from time import monotonic_ns
from typing import Any

import check
from counters import Counters, peak_rss_bytes, thread_names
from exchange import Exchange, Session, exchange, fill, pooled_delays
from fault import Fault
from request import body
from spec import SHORT_TOKENS, AgentPlan, agents, prompt

SCHEMA_VERSION = 4

Row = dict[str, Any]


class Trial:
    """A trial under way."""

    def __init__(self, spec: Namespace) -> None:
        self.spec = spec
        self.plans = agents(spec)
        self.sessions: list[Session | None] = [None] * spec.agents
        self.permits = asyncio.Semaphore(spec.permits)
        self.warmup_calls = [0] * spec.agents
        self.agents: list[Row] = []
        self.requests: list[Row] = []
        self.together: dict[str, Any] = {"thread_names": []}
        self.exchanges: list[Exchange] = []
        """Those of the concurrent phase."""

    async def conduct(self, startup_ns: int) -> Row:
        """Runs all phases and reports."""
        await self.phase("warmup", range(self.spec.agents))
        if all(row["status"] == "ok" for row in self.agents + self.requests):
            steps = [self.solo, self.all_together]
            for step in steps if self.spec.phase_order == "solo-first" else reversed(steps):
                await step()
        for session in self.sessions:
            if session is not None:
                await session.close()
        status, error = check.responses(self.spec, self.plans, self.agents, self.requests)
        return {
            "runtime": "python-httpx",
            "client": "httpx",
            "bridge": "",
            "read_cap_bytes": 0,
            "status": status,
            "error": error,
            "startup_ns": startup_ns,
            **self.together,
            "delays": pooled_delays(self.exchanges),
            "peak_rss_bytes": peak_rss_bytes(),
            "agents": self.agents,
            "requests": self.requests,
        }

    async def solo(self) -> None:
        """Each agent that stands for itself, alone."""
        for index in range(self.spec.agents):
            if check.representative(self.plans, index) == index:
                await self.ready([index])
                await self.phase("solo", [index])

    async def all_together(self) -> None:
        """All agents released at once; the only phase whose cost is counted."""
        await self.ready(range(self.spec.agents))
        release_ns, cost = await self.phase("concurrent", range(self.spec.agents))
        ends = [row["end_ns"] for row in self.agents if row["phase"] == "concurrent"]
        self.together = {
            "makespan_ns": None if None in ends else max(ends) - release_ns,
            **cost._asdict(),
            "thread_names": thread_names(),
        }

    async def ready(self, who: Any) -> None:
        """Brings servers and connections into the state that the plan asks for."""
        if self.spec.server_kind != "sim" and self.spec.cache == "warm":
            await self.phase("warmup", who)
        if self.spec.connection == "fresh":
            for index in who:
                await self.sessions[index].close()
                self.sessions[index] = None

    async def phase(self, phase: str, who: Any) -> tuple[int, Counters]:
        """Starts the agents as tasks, waits until all are ready, releases them and keeps their rows."""
        gate, arrived = asyncio.Event(), asyncio.Semaphore(0)
        tasks = [asyncio.create_task(self.agent(self.plans[index], phase, gate, arrived)) for index in who]
        for _ in tasks:
            await arrived.acquire()
        before = Counters.read()
        release_ns = monotonic_ns()
        gate.set()
        outcomes = await asyncio.gather(*tasks)
        cost = before.until(Counters.read())
        for index, outcome in zip(who, outcomes):
            self.keep(self.plans[index], phase, release_ns, *outcome)
        return release_ns, cost

    async def agent(
        self, plan: AgentPlan, phase: str, gate: asyncio.Event, arrived: asyncio.Semaphore
    ) -> tuple[int | None, int | None, Exchange | Fault]:
        """One agent in one phase: connection, gate, permit, work, stamps."""
        try:
            session = await self.open(plan, prepared=phase == "warmup" or self.spec.connection == "prepared")
        except Fault as fault:
            arrived.release()
            return None, None, fault
        if phase == "warmup":
            tokens = SHORT_TOKENS
        else:
            tokens = plan.tokens if self.spec.length == "fixed" else None
        name = {"warmup": "Warmup", "solo": "Solo", "concurrent": "Concurrent"}[phase]
        request = body(self.spec, plan, prompt(plan, name), tokens)
        arrived.release()
        await gate.wait()
        async with self.permits:
            start_ns = monotonic_ns()
            got = await exchange(session, request)
            end_ns = monotonic_ns()
        await session.settle()
        return start_ns, end_ns, got

    async def open(self, plan: AgentPlan, prepared: bool) -> Session:
        """The agent's session, with a proved connection if `prepared`."""
        session = self.sessions[plan.index]
        if session is not None:
            try:
                if prepared:
                    await session.prepare()
                return session
            except Fault:  # a server may close a used connection at any moment: then take a new one
                await session.close()
        session = self.sessions[plan.index] = Session(self.spec, plan.server)
        if prepared:
            await session.prepare()
        return session

    def keep(
        self, plan: AgentPlan, phase: str, release_ns: int, start_ns: int | None, end_ns: int | None, got: Exchange | Fault
    ) -> None:
        """Turns what an agent brings back into rows, outside the measured time."""
        key = {
            "schema_version": SCHEMA_VERSION,
            "run_id": self.spec.run_id,
            "trial": self.spec.trial,
            "attempt": self.spec.attempt,
            "phase": phase,
            "agent": plan.index,
            "server": plan.server,
        }
        call = self.warmup_calls[plan.index] if phase == "warmup" else 0
        row = key | {"call": call, "stage": "stream", "error": "", "done_reason": "", "load_ns": None}
        row |= {"digest": "", "delay_source": "none"}
        if isinstance(got, Fault):
            row |= {"status": got.status, "error": got.message, "start_ns": release_ns}
        else:
            fill(got, row)
            if phase == "concurrent":
                self.exchanges.append(got)
        self.requests.append(row)
        # Priming before a phase adds requests to the warm-up, not a second warm-up of the agent.
        if phase != "warmup" or call == 0:
            stamps = {"release_ns": release_ns, "start_ns": start_ns, "end_ns": end_ns}
            self.agents.append(key | {"role": plan.role, "status": row["status"]} | stamps)
        if phase == "warmup":
            self.warmup_calls[plan.index] += 1
