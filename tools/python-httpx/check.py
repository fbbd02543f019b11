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
    asked, got, reason = plans[row["agent"]].tokens, row["output_tokens"], row["done_reason"]
    if spec.server_kind == "sim" and spec.length == "fixed":
        short = got != asked
    elif spec.api == "openai" and not reason and (spec.length == "free" or got < asked):
        # [DONE] ends a stream, but only its length tells that a stream without a reason is whole.
        return "no_done", f"the stream ended after {got} tokens without a reason"
    else:
        # A server may say fewer tokens than it was asked for: then its reason tells whether it went to that length.
        short = got < 2 or (spec.length == "fixed" and got < asked and reason != "length")
    if short:
        why = reason or "no reason given"
        return "length_mismatch", f"{got} of {asked} tokens ({why}); ask for a length that every response reaches"
    return None


def against_solo(spec: Namespace, solo: Row, row: Row) -> tuple[str, str] | None:
    """What is wrong with a concurrent response when its solo twin is known."""
    if spec.server_kind != "sim":
        if solo["output_tokens"] != row["output_tokens"]:
            together = row["output_tokens"]
            return "length_mismatch", f"{solo['output_tokens']} tokens alone, {together} together"
        return None
    # Agents have prompts of their own, so a text can only be compared with the same agent's.
    if solo["agent"] == row["agent"] and spec.cache != "cold" and solo["digest"] != row["digest"]:
        return "digest_mismatch", "another text than in the solo phase for the same seed"
    return None
