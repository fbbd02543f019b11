//! Each fingerprint fires on rows that bear it, and on no others.

use crate::common::{GAP_NS, Recipe, Synthetic};
use crate::{caveats, expect_on_page, page_of, read_back, with_analysis};
use analyzer::analysis::{Settings, Sign, SlowCause, UnevenCause, WaitCause, analyse};
use analyzer::load::{Run, load};
use proptest::prelude::*;
use std::path::Path;
use tandem_records::{AgentRow, Capacity, Length, Phase, RequestRow, TrialRow};

fn quiet() -> Synthetic {
    Synthetic::make(&Recipe::default())
}

/// Changes the concurrent agents of an arm's trials (of all arms for `""`), then the makespan that follows.
fn change_agents(run: &mut Synthetic, arm: &str, change: impl Fn(&mut [&mut AgentRow])) {
    for trial in run.trials.iter_mut().filter(|t| arm.is_empty() || t.arm == arm) {
        let mut rows: Vec<&mut AgentRow> = run
            .agents
            .iter_mut()
            .filter(|a| a.trial == trial.trial && a.phase == Phase::Concurrent)
            .collect();
        change(&mut rows);
        let last = rows.iter().filter_map(|row| row.end_ns).max().unwrap();
        trial.makespan_ns = Some(last - rows[0].release_ns);
    }
}

/// Agents one after the other, as a mutex across the agent makes them.
pub fn one_by_one(run: &mut Synthetic, arm: &str) {
    change_agents(run, arm, |rows| {
        let mut free = rows[0].start_ns.unwrap();
        for row in rows {
            let duration = row.end_ns.unwrap() - row.start_ns.unwrap();
            (row.start_ns, row.end_ns) = (Some(free), Some(free + duration));
            free += duration + 1_000;
        }
    });
}

fn change_trials(run: &mut Synthetic, arm: &str, change: impl Fn(&mut TrialRow)) {
    run.trials.iter_mut().filter(|t| arm.is_empty() || t.arm == arm).for_each(change);
}

fn change_requests(run: &mut Synthetic, arm: &str, change: impl Fn(&mut RequestRow)) {
    let of: Vec<u32> = run.trials.iter().filter(|t| t.arm == arm).map(|t| t.trial).collect();
    run.requests.iter_mut().filter(|r| of.contains(&r.trial)).for_each(change);
}

fn signs_of(run: &Run) -> Vec<(String, Sign)> {
    let settings = Settings::new(&run.manifest, None, None, None).unwrap();
    let analysis = analyse(run, settings).unwrap();
    analysis.fingerprints.into_iter().map(|found| (found.arm, found.sign)).collect()
}

fn signs(run: &Synthetic) -> Vec<(String, Sign)> {
    signs_of(&read_back(run))
}

fn expect_one(run: &Synthetic, arm: &str, sign: Sign) {
    assert_eq!(signs(run), [(arm.to_owned(), sign)]);
}

fn expect_all(run: &Synthetic, sign: Sign) {
    let found = signs(run);
    assert_eq!(found.len(), 6, "{found:?}");
    assert!(found.iter().all(|(_, found)| *found == sign), "{found:?}");
}

fn expect_caveat(run: &Synthetic, wanted: Option<&str>) {
    with_analysis(run, |analysis| match (caveats(analysis), wanted) {
        (None, None) => {}
        (Some(line), Some(wanted)) if line.contains(wanted) => {}
        (line, wanted) => panic!("wanted {wanted:?}, is {line:?}"),
    });
}

#[test]
fn a_mutex_across_the_agent_is_explained_although_its_trials_are_invalid() {
    let mut run = quiet();
    one_by_one(&mut run, "smol");
    change_trials(&mut run, "smol", |t| t.streams_open_max = Some(1));
    expect_one(&run, "smol", Sign::Waiting(WaitCause::OneByOne));
    expect_on_page(
        &run,
        "- smol: overlap 0.50: agents ran one after the other in the client (delivered concurrency 50 %); 12 of 12 trials are invalid and not averaged above.",
    );
    expect_caveat(&run, Some("smol: overlap 0.50: agents ran one after the other in the client"));
}

#[test]
fn agents_that_overlap_in_part_waited_for_each_other() {
    let mut run = quiet();
    change_agents(&mut run, "smol", |rows| {
        let half = (rows[1].end_ns.unwrap() - rows[1].start_ns.unwrap()) / 2;
        rows[1].start_ns = rows[1].start_ns.map(|ns| ns + half);
        rows[1].end_ns = rows[1].end_ns.map(|ns| ns + half);
    });
    expect_one(&run, "smol", Sign::Waiting(WaitCause::Client));
    expect_on_page(&run, "- smol: overlap 0.67: agents waited for each other in the client");
}

#[test]
fn permits_that_the_plan_gives_are_no_fault_of_the_client() {
    let mut run = quiet();
    one_by_one(&mut run, "");
    run.plan.iter_mut().for_each(|p| p.permits = 1);
    change_trials(&mut run, "", |t| (t.permits, t.streams_open_max) = (1, Some(1)));
    expect_all(&run, Sign::Waiting(WaitCause::Permits));
    expect_on_page(&run, "- all arms: overlap 0.50: agents waited for a permit, as the plan gives fewer");
    expect_on_page(&run, "two simulated Ollama servers with two agents (at most one at work at once)");
    expect_caveat(&run, None);
}

#[test]
fn low_isolation_has_the_cause_that_the_run_knows() {
    let slow = || {
        let mut run = quiet();
        run.slow_down("smol", 1.6, |_| true);
        run
    };
    expect_one(&slow(), "smol", Sign::Slowed(SlowCause::Unknown));
    expect_on_page(
        &slow(),
        "- smol: isolation 0.62: servers or clients slow each other; this run cannot tell which.",
    );
    expect_caveat(&slow(), Some("this run cannot tell which"));
    // One core busy over the whole makespan.
    let mut run = slow();
    change_trials(&mut run, "smol", |t| t.cpu_ns = t.makespan_ns.map(|ns| ns * 98 / 100));
    expect_one(&run, "smol", Sign::Slowed(SlowCause::OneThread));
    expect_on_page(&run, "the agents' own work ran on one thread (0.98 cores busy together)");
    // Two cores busy: not that.
    change_trials(&mut run, "smol", |t| t.cpu_ns = t.makespan_ns.map(|ns| ns * 190 / 100));
    expect_one(&run, "smol", Sign::Slowed(SlowCause::Unknown));
    let mut run = slow();
    change_trials(&mut run, "smol", |t| t.streams_open_max = Some(1));
    expect_one(&run, "smol", Sign::Slowed(SlowCause::NotAtOnce));
    expect_on_page(&run, "the streams were not open at once (delivered concurrency 50 %)");
}

#[test]
fn servers_that_share_what_the_plan_says_are_no_caveat() {
    let mut run = quiet();
    for arm in crate::common::ARMS {
        run.slow_down(arm, 2.6, |_| true);
    }
    run.plan.iter_mut().for_each(|p| p.capacity = Some(Capacity::Shared));
    change_trials(&mut run, "", |t| t.capacity = Some(Capacity::Shared));
    expect_all(&run, Sign::Slowed(SlowCause::SharedServers));
    expect_on_page(
        &run,
        "On two simulated Ollama servers sharing one GPU with two agents, all four other arms",
    );
    expect_on_page(&run, "isolation 0.38: the servers share one GPU, as the plan asks, and slow each other.");
    expect_caveat(&run, None);
    run.plan.iter_mut().for_each(|p| p.capacity = Some(Capacity::Serial));
    change_trials(&mut run, "", |t| t.capacity = Some(Capacity::Serial));
    expect_all(&run, Sign::Slowed(SlowCause::SerialServers));
    expect_on_page(&run, "two simulated Ollama servers that serve one stream at a time with two agents");
    expect_on_page(&run, "the server ran them one after the other, as the plan asks.");
}

/// First token `gaps` late, then bursts.
fn hold_back(run: &mut Synthetic, arm: &str, gaps: u64, itl_p50_ns: u64) {
    change_requests(run, arm, |row| {
        row.ttft_ns = row.ttft_ns.map(|ns| ns + gaps * GAP_NS);
        (row.itl_p50_ns, row.itl_p99_ns) = (Some(itl_p50_ns), Some(10 * GAP_NS));
    });
}

#[test]
fn a_client_that_holds_tokens_back_is_seen_by_its_first_token_and_its_bursts() {
    let mut run = quiet();
    hold_back(&mut run, "smol-1kb", 10, 8_000);
    expect_one(&run, "smol-1kb", Sign::HeldBack);
    expect_on_page(&run, "- smol-1kb: the client holds tokens back: the first token comes 10.0 token gaps (");
    expect_caveat(&run, Some("tokens then arrive in bursts (gap 0.01 ms at the median, 50.00 ms at p99)"));
    // A late first token with tokens one by one after it is the server's doing.
    let mut run = quiet();
    hold_back(&mut run, "smol-1kb", 10, GAP_NS);
    assert_eq!(signs(&run), []);
    // Bursts that the baseline sees, too, come from the server; and under three gaps nothing was held.
    let mut run = quiet();
    for arm in crate::common::ARMS {
        hold_back(&mut run, arm, if arm == "smol-1kb" { 10 } else { 0 }, 8_000);
    }
    assert_eq!(signs(&run), []);
    let mut run = quiet();
    hold_back(&mut run, "smol-1kb", 2, 8_000);
    assert_eq!(signs(&run), []);
    // On servers without a plan the gap is the baseline's own.
    let mut run = quiet();
    run.on_real_servers();
    hold_back(&mut run, "smol-1kb", 10, 8_000);
    expect_one(&run, "smol-1kb", Sign::HeldBack);
}

#[test]
fn a_fast_model_on_a_busy_machine_is_no_client_that_holds_tokens_back() {
    const FAST_NS: u64 = 1_000_000;
    // Gaps of a millisecond. The machine keeps every arm waiting now and then: tokens come in bursts, and the first is late
    // in half of the trials of some.
    let busy = |late: &dyn Fn(&TrialRow) -> u64| {
        let mut run = quiet();
        run.on_real_servers();
        let rows: Vec<(u32, u64, bool)> =
            run.trials.iter().map(|trial| (trial.trial, late(trial), trial.arm != "tokio-default")).collect();
        for (trial, late, in_bursts) in rows {
            for row in run.requests.iter_mut().filter(|row| row.trial == trial) {
                row.ttft_ns = row.ttft_ns.map(|ns| ns + late);
                row.e2e_ns = row.ttft_ns.map(|ns| ns + 299 * FAST_NS);
                row.itl_p50_ns = Some(if in_bursts { FAST_NS / 10 } else { FAST_NS });
            }
        }
        run
    };
    let ms = 1_000_000;
    // Less than a time slice, although four gaps.
    assert_eq!(signs(&busy(&|t| if t.arm == "smol" { 4 * ms } else { 0 })), []);
    // A median of ten gaps, and a quarter of the trials without any.
    let now_and_then = |t: &TrialRow| if t.arm == "smol" && !t.block.is_multiple_of(3) { 10 * ms } else { 0 };
    assert_eq!(signs(&busy(&now_and_then)), []);
    // The baseline under its second label shows half of it.
    let machine = |t: &TrialRow| match t.arm.as_str() {
        "smol" => 20 * ms,
        "tokio-default#2" => 10 * ms,
        _ => 0,
    };
    assert_eq!(signs(&busy(&machine)), []);
    // It is never accused itself.
    assert_eq!(signs(&busy(&|t| if t.arm == "tokio-default#2" { 50 * ms } else { 0 })), []);
    // What holds tokens back is still seen.
    let held = busy(&|t| if t.arm == "smol-1kb" { 10 * ms } else { 0 });
    expect_one(&held, "smol-1kb", Sign::HeldBack);
    // A baseline that hardly gets its tokens one by one is none to compare with.
    let mut unsteady = held;
    change_requests(&mut unsteady, "tokio-default", |row| row.itl_p50_ns = Some(FAST_NS * 4 / 10));
    assert_eq!(signs(&unsteady), []);
}

/// Agent 1 of every trial takes half the time, with the tokens that it then has.
fn uneven(run: &mut Synthetic, tokens: u64) {
    for row in run.agents.iter_mut().filter(|row| row.agent == 1) {
        row.end_ns = row.start_ns.zip(row.end_ns).map(|(start, end)| start + (end - start) / 2);
    }
    run.requests.iter_mut().filter(|row| row.agent == 1).for_each(|row| row.output_tokens = Some(tokens));
    change_agents(run, "", |_| {});
}

#[test]
fn unequal_work_is_named_with_what_asked_for_it() {
    let mut run = quiet();
    uneven(&mut run, 150);
    expect_all(&run, Sign::Uneven(UnevenCause::Lengths));
    expect_caveat(
        &run,
        Some("balance 0.75: response lengths differ (150 against 300 tokens): ratio_tr115 (7"),
    );
    run.plan.iter_mut().for_each(|p| p.length = Length::Free);
    expect_all(&run, Sign::Uneven(UnevenCause::FreeLength));
    expect_caveat(
        &run,
        Some("response lengths differ, as they were left to the model (150 against 300 tokens)"),
    );
    expect_on_page(&run, "two simulated Ollama servers with two agents (response lengths left to the model)");
    run.plan.iter_mut().for_each(|p| (p.length, p.tokens) = (Length::Fixed, "300,150".into()));
    expect_all(&run, Sign::Uneven(UnevenCause::Planned));
    expect_caveat(&run, None);
    let mut run = quiet();
    uneven(&mut run, 300);
    expect_all(&run, Sign::Uneven(UnevenCause::Pace));
    expect_on_page(&run, "balance 0.75: responses of equal length take different times alone");
}

#[test]
fn trials_with_a_late_simulator_tell_nothing_of_the_client() {
    let mut run = quiet();
    run.slow_down("smol", 2.0, |_| true);
    change_trials(&mut run, "smol", |t| t.server_late_p99_ns = Some(GAP_NS));
    assert_eq!(signs(&run), []);
}

#[test]
fn two_trials_are_no_fingerprint_and_three_are() {
    for (blocks, expected) in [(2, 0), (3, 1)] {
        let mut run = Synthetic::make(&Recipe { blocks, ..Recipe::default() });
        one_by_one(&mut run, "smol");
        assert_eq!(signs(&run).len(), expected, "{blocks} blocks");
    }
}

#[test]
fn a_bad_moment_in_less_than_half_of_the_trials_is_no_fingerprint() {
    let mut run = quiet();
    run.slow_down("smol", 1.6, |_| true);
    let mut sound = quiet();
    let bad: Vec<u32> = run.trials.iter().filter(|t| t.block < 5).map(|t| t.trial).collect();
    for (row, slow) in sound.agents.iter_mut().zip(&run.agents).filter(|(row, _)| bad.contains(&row.trial)) {
        *row = slow.clone();
    }
    assert_eq!(signs(&sound), []);
}

#[test]
fn the_example_bears_none() {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../data/example");
    assert_eq!(signs_of(&load(&example).unwrap()), []);
    assert!(!page_of(&quiet()).contains("overlap 0."));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]
    /// Up to a CV of 5 % for each agent's duration, the most that real servers showed, and up to 64 agents.
    #[test]
    fn noise_bears_none(seed: u64, noise in 0.0..0.05, blocks in 3u32..13, agents in 1u32..64) {
        let run = Synthetic::make(&Recipe { seed, noise, blocks, agents: vec![agents], ..Recipe::default() });
        prop_assert_eq!(signs(&run), []);
    }
}
