"""Whether the responses of a trial are what was asked for, by the rules of the other arms."""

from argparse import Namespace
from typing import Any

from spec import AgentPlan

Row = dict[str, Any]


def representative(plans: list[AgentPlan], index: int) -> int:
    """The agent whose solo run stands for this one: itself, or above two agents the first of its role and server."""
    if len(plans) <= 2:
        return index
    kind = (plans[index].role, plans[index].server)
    return next(plan.index for plan in plans if (plan.role, plan.server) == kind)


def responses(spec: Namespace, plans: list[AgentPlan], agents: list[Row], requests: list[Row]) -> tuple[str, str]:
    """Marks bad responses and returns the trial's status: the first thing that went wrong."""
    for row in requests:
        if row["phase"] != "warmup" and row["status"] == "ok":
            mark(row, alone(spec, plans, row))
    solo = {row["agent"]: row for row in requests if row["phase"] == "solo" and row["status"] == "ok"}
    for row in requests:
        twin = solo.get(representative(plans, row["agent"]))
        if row["phase"] == "concurrent" and row["status"] == "ok" and twin is not None:
            mark(row, against_solo(spec, twin, row))
    for row in requests:
        if row["status"] != "ok":
            return row["status"], f"agent {row['agent']} {row['phase']}: {row['error']}"
    for row in agents:
        if row["status"] != "ok":
            return row["status"], f"agent {row['agent']}"
    return "ok", ""


def mark(row: Row, wrong: tuple[str, str] | None) -> None:
    """Gives a row the status and the error of what is wrong with it."""
    if wrong is not None:
        row["status"], row["error"] = wrong


def alone(spec: Namespace, plans: list[AgentPlan], row: Row) -> tuple[str, str] | None:
    """What is wrong with one response by itself."""
    asked = plans[row["agent"]].tokens if spec.length == "fixed" else None
    tokens, pieces, reason = row["output_tokens"], row["pieces"], row["done_reason"]
    # An end without a reason is that of a whole response only where its length proves it.
    if spec.api == "openai" and not reason and (asked is None or tokens < asked):
        what = "without a reason: whole or cut, it does not say"
        return "no_done", f"the stream ended after {pieces} pieces {what}"
    # A server that does not count may put several tokens into a piece, and one that does may hold back half a UTF-8
    # character: only its reason tells whether it went to the length asked for.
    is_short = asked is not None and (tokens != asked if spec.server_kind == "sim" else tokens < asked and not reached_limit(row))
    why = reason or "no reason given"
    if is_short:
        return "length_mismatch", f"{tokens} of {asked} tokens ({why}); ask for a length that every response reaches"
    if pieces < 2:
        return "length_mismatch", f"{tokens} tokens ({why}) in {pieces} pieces of text; a gap needs two pieces"
    return None


def reached_limit(row: Row) -> bool:
    """Whether the server says that it stopped at the length asked for."""
    return row["done_reason"] in ("length", "max_tokens", "max_length", "max_output_tokens", "limit")


def against_solo(spec: Namespace, solo: Row, row: Row) -> tuple[str, str] | None:
    """What is wrong with a concurrent response when its solo twin is known."""
    if spec.server_kind != "sim":
        # Pieces that stand for tokens may join under load: then both having run to the length asked for is what tells.
        both_ran_on = spec.length == "fixed" and all(
            one["tokens_from"] == "pieces" and reached_limit(one) for one in (solo, row)
        )
        if solo["output_tokens"] != row["output_tokens"] and not both_ran_on:
            return "length_mismatch", f"{solo['output_tokens']} tokens alone, {row['output_tokens']} together"
        return None
    # Agents have prompts of their own, so a text can only be compared with the same agent's.
    if solo["agent"] == row["agent"] and spec.cache != "cold" and solo["digest"] != row["digest"]:
        return "digest_mismatch", "another text than in the solo phase for the same seed"
    return None
