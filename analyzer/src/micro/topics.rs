//! What each micro workload is about, in words.

use tandem_records::Workload;

/// One workload of the report.
pub(super) struct Topic {
    pub workload: Workload,
    /// Heading.
    pub title: &'static str,
    /// What was done, and what an operation is.
    pub about: &'static str,
    /// File of its chart.
    pub chart: &'static str,
    /// What lies right of 1 in the chart.
    pub right: &'static str,
    /// Whether a case stands in the chart and in the first table; the others are folded.
    pub shows: fn(&str) -> bool,
    /// What cases are set against on their own arm.
    pub within: Option<Within>,
    /// The cases of the first table of the report, with what they are called there.
    pub glance: &'static [(&'static str, &'static str)],
}

/// Comparisons of two cases of one arm.
pub(super) struct Within {
    /// The line above their table.
    pub words: &'static str,
    /// The case that this one is set against; none for a case that has no row.
    pub over: fn(&str) -> Option<String>,
}

/// All of them, in the report's order.
pub(super) const TOPICS: [Topic; 12] = [
    Topic {
        workload: Workload::Spawn,
        title: "Spawn",
        about: "One operation is a task that does nothing, started and awaited. *batch n*: n tasks are started before \
                the first of them is awaited; *serial*: one after the other; *inside*: by a task of the executor; *outside*: by \
                the code that `block_on` runs, which on a runtime with several threads is no worker.",
        chart: "spawn.svg",
        right: "slower than the baseline",
        shows: |_| true,
        within: None,
        glance: &[("batch 10000/inside", "spawn and await a task, in a batch of 10,000")],
    },
    Topic {
        workload: Workload::Yield,
        title: "Yield",
        about: "One operation is one yield to the executor that has nothing else to do, *inside* a task or *outside*, in \
                the code that `block_on` runs.",
        chart: "yield.svg",
        right: "slower than the baseline",
        shows: |_| true,
        within: None,
        glance: &[("inside", "yield once")],
    },
    Topic {
        workload: Workload::Wake,
        title: "Wake",
        about: "One operation is a round trip over a channel, that is, two wakes: *between tasks* of the same executor, \
                or between a *task and* a plain *thread* that waits in the kernel.",
        chart: "wake.svg",
        right: "slower than the baseline",
        shows: |_| true,
        within: None,
        glance: &[
            ("between tasks", "round trip between two tasks"),
            ("task and thread", "round trip between a task and a thread"),
        ],
    },
    Topic {
        workload: Workload::Memory,
        title: "Memory of a sleeping task",
        about: "Bytes for each of so many tasks that wait for ever, alone or with a timer an hour ahead: *resident* as the kernel \
                counts, *allocated* as the allocator counts. Each task also holds the future that it runs, the same on \
                every arm.",
        chart: "memory.svg",
        right: "more than the baseline",
        shows: |_| true,
        within: None,
        glance: &[
            ("task/1000000/resident", "a sleeping task"),
            ("task with a timer/1000000/resident", "a sleeping task with a timer"),
        ],
    },
    Topic {
        workload: Workload::Streams,
        title: "Memory of an idle HTTP stream",
        about: "Bytes for each of 256 streams that have sent their request and wait for the first token, by client; the \
                server is another process.",
        chart: "streams.svg",
        right: "more than the baseline",
        shows: |_| true,
        within: None,
        glance: &[("hyper/resident", "an idle HTTP stream (hyper)")],
    },
    Topic {
        workload: Workload::Startup,
        title: "Start and end of a process",
        about: "Each in a process that does it for the first time: from the start of the process to `main`; from entering the runtime to \
                the first poll, which builds what it needs; the first task; how late the first timer was; a whole request up to \
                its first byte; leaving the runtime. *runtime built*, *runtime dropped*: the executor alone, where making it \
                is a step of its own.",
        chart: "startup.svg",
        right: "slower than the baseline",
        shows: |_| true,
        within: None,
        glance: &[
            ("first poll", "from `main` to the first poll"),
            ("whole process", "a whole process with one request"),
        ],
    },
    Topic {
        workload: Workload::Timer,
        title: "Timer",
        about: "How late the runtime's own timer was for so many deadlines at once, spread over 40 ms: median, 99th percentile \
                and latest of a batch; *cpu*: CPU time a deadline. *time limit/not fired*: work that yields once under a limit of \
                an hour; *fired*: how late a limit of 5 ms ended work that never ends.",
        chart: "timer.svg",
        right: "later, or more CPU, than the baseline",
        shows: |_| true,
        within: None,
        glance: &[("100 deadlines/p50", "lateness of a timer, median of 100")],
    },
    Topic {
        workload: Workload::Http,
        title: "HTTP requests",
        about: "One operation is a request to a simulator that answers at once with a stream of two tokens, over so many kept \
                connections at the same time. The simulator is on the same machine and takes its share of the processors.",
        chart: "http.svg",
        right: "slower than the baseline",
        shows: |_| true,
        within: None,
        glance: &[("hyper/64", "a request over 64 connections (hyper)")],
    },
    Topic {
        workload: Workload::Bridge,
        title: "Bridge: async work from synchronous code",
        about: "One operation is one command that plain code runs to its end. Where the executor comes from: *new*, made for the \
                command with the arm's usual threads; *current*, the same without threads of its own; *shared*, one that was there \
                before; *lazy*, one that the first command makes, in a process of its own. Commands: *trivial*, a future that is \
                ready; *spawn*, one task; *template*, a file read, checked and written; *graph*, two layers of four tasks that \
                compute; *llm call*, one streamed answer over a new connection; *flow*, all of it. The number is how many in a row; *threads*: from \
                four threads at the same time. Where a process has one executor for good, *shared* and *lazy* are that one.",
        chart: "bridge.svg",
        right: "slower, or more, than the baseline",
        shows: is_of_bridge,
        within: Some(Within { words: "On each arm, over its own shared executor:", over: over_shared }),
        glance: &[
            ("new/trivial/1", "a new runtime for a command that does nothing"),
            ("shared/trivial/1", "the same command on a shared one"),
        ],
    },
    Topic {
        workload: Workload::Workers,
        title: "Workers",
        about: "One operation is a request and some tens of microseconds of computing, by 16 agents on so many worker threads.",
        chart: "workers.svg",
        right: "slower than the baseline",
        shows: |_| true,
        within: Some(Within { words: "On each arm, over its own single worker:", over: over_one_worker }),
        glance: &[],
    },
    Topic {
        workload: Workload::Blocking,
        title: "A blocking call",
        about: "The delay that the client added to the tokens of eight agents while one more task made a blocking call of so many \
                ms, *on the executor* or moved off it by *unblock*: median, 99th percentile and largest over all tokens. *empty call by \
                unblock*: what moving a call that does nothing costs.",
        chart: "blocking.svg",
        right: "more delay than the baseline",
        shows: |_| true,
        within: Some(Within {
            words: "Largest delay on each arm, over the same without a call:",
            over: over_no_call,
        }),
        glance: &[
            ("100 ms on the executor/max", "largest token delay, 100 ms blocked on the executor"),
            ("100 ms unblock/max", "the same moved off the executor"),
        ],
    },
    Topic {
        workload: Workload::Behaviour,
        title: "Behaviour",
        about: "What holds on each arm, found out by doing it, with the median time until it showed; a fact that does not hold in \
                every trial says in how many it did.",
        chart: "behaviour.svg",
        right: "later than the baseline",
        shows: |_| true,
        within: None,
        glance: &[],
    },
];

/// What a reader of the bridge asks first: one command and a hundred, the cheapest and the dearest, and the executor alone.
fn is_of_bridge(case: &str) -> bool {
    let mut parts = case.split('/');
    let (Some(_), Some(what), of) = (parts.next(), parts.next(), parts.next()) else { return false };
    match what {
        "trivial" | "llm call" | "flow" => matches!(of, Some("1" | "100")),
        "made" | "dropped" | "held" => of != Some("allocated"),
        _ => false,
    }
}

/// One command and a hundred of each way, over the same on the shared executor.
fn over_shared(case: &str) -> Option<String> {
    let (way, command) = case.split_once('/')?;
    let shown = matches!(command.rsplit('/').next(), Some("1" | "100"));
    (way != "shared" && shown).then(|| format!("shared/{command}"))
}

fn over_one_worker(case: &str) -> Option<String> {
    (case != "1").then(|| "1".to_owned())
}

fn over_no_call(case: &str) -> Option<String> {
    let (call, quantile) = case.split_once('/')?;
    (call != "no call" && quantile == "max").then(|| "no call/max".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_micro_workload_is_a_topic() {
        let micro: Vec<Workload> = Workload::ALL.iter().copied().filter(|one| one.is_micro()).collect();
        let mut topics: Vec<Workload> = TOPICS.iter().map(|topic| topic.workload).collect();
        topics.sort();
        assert_eq!(topics, micro);
    }

    #[test]
    fn the_bridge_shows_its_ends() {
        let shown = ["new/trivial/1", "shared/flow/100", "new/made", "current/held/resident"];
        assert!(shown.into_iter().all(is_of_bridge));
        let folded = ["new/spawn/1", "new/trivial/5", "new/trivial/4 threads", "new/held/allocated", "odd"];
        assert!(!folded.into_iter().any(is_of_bridge));
    }

    #[test]
    fn cases_are_set_against_one_of_their_own_arm() {
        assert_eq!(over_shared("new/llm call/100"), Some("shared/llm call/100".to_owned()));
        for case in ["shared/trivial/1", "new/made", "new/held/resident", "new/flow/5", "lazy/flow/4 threads"]
        {
            assert_eq!(over_shared(case), None, "{case}");
        }
        assert_eq!((over_one_worker("8"), over_one_worker("1")), (Some("1".to_owned()), None));
        assert_eq!(over_no_call("10 ms unblock/max"), Some("no call/max".to_owned()));
        for case in ["no call/max", "10 ms unblock/p50", "empty call by unblock"] {
            assert_eq!(over_no_call(case), None, "{case}");
        }
    }
}
