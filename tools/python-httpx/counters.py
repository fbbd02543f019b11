"""What the kernel counts for this process: CPU time, context switches, threads, memory."""

import resource
import time
from pathlib import Path
from typing import NamedTuple


class Counters(NamedTuple):
    """A reading of the running counters; subtract two for a phase."""

    cpu_ns: int
    voluntary_switches: int
    involuntary_switches: int

    @staticmethod
    def read() -> "Counters":
        usage = resource.getrusage(resource.RUSAGE_SELF)
        return Counters(time.process_time_ns(), usage.ru_nvcsw, usage.ru_nivcsw)

    def until(self, later: "Counters") -> "Counters":
        """What was spent between two readings."""
        return Counters(*(after - before for before, after in zip(self, later)))


def thread_names() -> list[str]:
    """Names of the threads this process really has."""
    return [path.read_text().rstrip("\n") for path in sorted(Path("/proc/self/task").glob("*/comm"))]


def peak_rss_bytes() -> int | None:
    """Largest resident memory so far: VmHWM, because ru_maxrss survives exec and would report the parent's."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return None
