//! Pieces and tokens, queues at servers, prompts that were read again or cut.

use crate::common::{GAP_NS, Recipe, Synthetic, TOKENS, TTFT_NS};
use crate::{caveats, expect_on_page, own_error, page_of, read_back, sentence, with_analysis};
use analyzer::analysis::{Metric, Settings, Sign, SlowCause, analyse};
use tandem_records::{Cache, Capacity, Phase, RequestRow, ServerKind, TokensFrom};

const MS: u64 = 1_000_000;

fn quiet() -> Synthetic {
    Synthetic::make(&Recipe::default())
}

/// The median of a quantity in the baseline's trials of the first cell.
fn median(run: &Synthetic, metric: Metric) -> Option<f64> {
    let run = read_back(run);
    let settings = Settings::new(&run.manifest, None, None, None).unwrap();
    let analysis = analyse(&run, settings).unwrap();
    analysis.cells[0].arm("tokio-default").unwrap().spread(metric).map(|spread| spread.median)
}

fn caveats_of(run: &Synthetic) -> String {
    let mut text = String::new();
    with_analysis(run, |analysis| text = caveats(analysis).unwrap_or_default());
    text
}

fn sentence_of(run: &Synthetic) -> String {
    let mut text = String::new();
    with_analysis(run, |analysis| text = sentence(analysis));
    text
}

/// Every response comes in so many pieces, whatever its tokens.
fn in_pieces(run: &mut Synthetic, pieces: u64) {
    run.requests.iter_mut().for_each(|row| row.pieces = Some(pieces));
}

#[test]
fn a_piece_of_a_token_is_not_worth_a_word() {
    let page = page_of(&quiet());
    assert!(!page.contains("piece held") && !page.contains("thinking") && !page.contains("queued"), "{page}");
}

#[test]
fn where_a_piece_holds_several_tokens_times_per_token_stay_and_the_report_says_so() {
    let mut run = quiet();
    let per_token = [Metric::Tpot, Metric::TokensPerSecond, Metric::CpuPerToken, Metric::SwitchesPerToken];
    let before = per_token.map(|metric| median(&run, metric).unwrap());
    in_pieces(&mut run, TOKENS / 4);
    assert_eq!(per_token.map(|metric| median(&run, metric).unwrap()), before);
    let said =
        "a piece held 4.0 tokens: tokens come several at a time; gaps are between pieces, TPOT is per token";
    expect_on_page(&run, &format!("\n- {said}.\n"));
    expect_on_page(&run, "Medians over trials. Gaps are between pieces, TPOT is per token.\n");
    assert!(caveats_of(&run).contains("a piece held 4.0 tokens, so gaps are between pieces"));
    // One server of the two writes every token apart.
    run.requests.iter_mut().filter(|row| row.agent == 0).for_each(|row| row.pieces = Some(TOKENS));
    expect_on_page(&run, "- a piece held 1.0 to 4.0 tokens");
    // Half the tokens in as many pieces: a token takes twice as long.
    run.requests.iter_mut().for_each(|row| row.output_tokens = Some(TOKENS / 2));
    let slower = median(&run, Metric::Tpot).unwrap() / before[0];
    assert!((slower - 2.0).abs() < 0.01, "{slower}");
}

#[test]
fn a_token_without_a_piece_is_no_burst() {
    let mut run = quiet();
    run.requests.iter_mut().for_each(|row| row.output_tokens = Some(TOKENS + 1));
    expect_on_page(&run, "- the servers counted 86688 tokens in 86400 pieces: gaps are between pieces");
    assert_eq!(caveats_of(&run), "");
    // In short responses it is a tenth of all tokens, and still the end of the text.
    run.requests.iter_mut().for_each(|row| (row.pieces, row.output_tokens) = (Some(10), Some(11)));
    expect_on_page(&run, "- the servers counted 3168 tokens in 2880 pieces: gaps");
}

#[test]
fn a_response_in_one_piece_has_no_time_per_token() {
    let mut run = quiet();
    in_pieces(&mut run, 1);
    assert_eq!(median(&run, Metric::Tpot), None);
    assert!(median(&run, Metric::TokensPerSecond).is_some());
}

#[test]
fn the_goodput_of_a_response_in_one_piece_is_judged_by_its_first_piece() {
    let slo = analyzer::metrics::Slo { ttft_ns: Some(1e9), itl_ns: Some(1.0) };
    let share = |run: &Synthetic| {
        let rows: Vec<RequestRow> = run.requests.iter().filter(|row| row.trial == 0).cloned().collect();
        slo.goodput(&rows, 1e9).unwrap().share
    };
    let mut run = quiet();
    assert_eq!(share(&run), 0.0);
    in_pieces(&mut run, 1);
    assert_eq!(share(&run), 1.0);
}

#[test]
fn a_server_that_does_not_tell_its_tokens_is_named() {
    let mut run = quiet();
    let first = run.manifest.servers[0].url.clone();
    let of_first = |row: &&mut RequestRow| row.server == first;
    run.requests.iter_mut().filter(of_first).for_each(|row| row.tokens_from = Some(TokensFrom::Pieces));
    expect_on_page(
        &run,
        "- in 144 of 288 responses the server did not tell its tokens: pieces were counted as tokens, and a piece may hold several.",
    );
    assert!(caveats_of(&run).contains("in 144 responses the server did not tell its tokens"));
}

/// Six of ten pieces are thinking; the first of the answer comes so much later than the first.
fn thinks(run: &mut Synthetic, later_ns: u64) {
    for row in &mut run.requests {
        row.thinking_pieces = Some(TOKENS * 6 / 10);
        row.first_answer_ns = row.ttft_ns.map(|ns| ns + later_ns);
    }
}

#[test]
fn where_responses_think_the_first_answer_stands_beside_the_first_token() {
    let mut run = quiet();
    assert_eq!(median(&run, Metric::FirstAnswer), None, "the same as the first token");
    assert!(!page_of(&run).contains("first answer"));
    thinks(&mut run, 180 * GAP_NS);
    let (first, answer) = (median(&run, Metric::Ttft).unwrap(), median(&run, Metric::FirstAnswer).unwrap());
    assert_eq!(answer - first, (180 * GAP_NS) as f64);
    expect_on_page(&run, "- 51840 of 86400 pieces were thinking.\n");
    expect_on_page(&run, "| arm | TTFT, ms | first answer, ms | TPOT, ms |");
    expect_on_page(&run, "| smol | time to first token of the answer | 12 | × 1.00");
    run.requests.iter_mut().filter(|row| row.trial < 6).for_each(|row| row.first_answer_ns = None);
    expect_on_page(&run, "pieces were thinking; 24 of 288 responses had no answer.");
}

/// Real servers with warm prompts that took `alone` to evaluate alone and `together` together, ns.
fn prompts(alone: u64, together: u64) -> Synthetic {
    let mut run = quiet();
    run.on_real_servers();
    for row in &mut run.requests {
        row.prompt_eval_ns = Some(if row.phase == Phase::Concurrent { together } else { alone });
    }
    run
}

/// Why the first cell is invalid.
fn why_invalid(run: &Synthetic) -> Option<String> {
    let mut why = None;
    with_analysis(run, |analysis| why = analysis.cells[0].why_invalid());
    why
}

#[test]
fn prompts_that_were_read_again_make_a_cell_invalid_and_the_first_screen_says_why() {
    let mut run = prompts(900_000, 340 * MS);
    let why = "prompts were read again together: 0.9 ms alone, 340 ms together; the server's slots may hold fewer prompts than agents; use cache = cold";
    assert_eq!(why_invalid(&run).as_deref(), Some(why));
    let sentence = sentence_of(&run);
    assert!(sentence.contains(&format!("with two agents, no verdict can be given: {why}.")), "{sentence}");
    assert!(!sentence.contains("equivalent"), "{sentence}");
    let page = page_of(&run);
    assert!(page.contains("**Invalid: prompts were read again together"), "{page}");
    assert!(!page.contains("- smol: equivalent"), "{page}");
    assert!(page.contains("| none (!) |"), "{page}");
    assert!(page.contains("the cell is invalid: prompts were read again together"), "{page}");
    // The cause, where the slots are known.
    run.manifest.servers.iter_mut().for_each(|server| server.slots = Some(1));
    assert!(why_invalid(&run).unwrap().ends_with("340 ms together; use cache = cold"), "each has a slot");
    run.trials.iter_mut().for_each(|trial| trial.servers = 1);
    assert!(
        why_invalid(&run).unwrap().contains("the server's slots hold fewer prompts than agents (1 for 2)")
    );
}

#[test]
fn an_invalid_cell_beside_the_headline_has_no_verdict_either() {
    let mut run = Synthetic::make(&Recipe { agents: vec![2, 4], ..Recipe::default() });
    run.on_real_servers();
    let four: Vec<u32> =
        run.trials.iter().filter(|trial| trial.agents == 4).map(|trial| trial.trial).collect();
    let of_four = |row: &&mut RequestRow| four.contains(&row.trial) && row.phase == Phase::Concurrent;
    // Agents 2 and 3 have no solo phase of their own.
    for row in run.requests.iter_mut().filter(of_four).filter(|row| row.agent > 1) {
        row.prompt_eval_ns = Some(10 * TTFT_NS);
    }
    let sentence = sentence_of(&run);
    assert!(
        sentence.contains("In the one other cell: no verdict. In like-for-like/stream/chimera_homo/a4, no verdict can be given: prompts were read again together: 40 ms alone, 400 ms together"),
        "{sentence}"
    );
}

#[test]
fn prompts_that_differ_without_weight_or_by_the_servers_speed_are_sound() {
    // A hundredth of 1.54 s: five times as long, and nothing in it.
    assert_eq!(why_invalid(&prompts(3 * MS, 15 * MS)), None);
    assert!(why_invalid(&prompts(3 * MS, 20 * MS)).is_some());
    assert_eq!(why_invalid(&prompts(400 * MS, 490 * MS)), None);
    assert!(why_invalid(&prompts(400 * MS, 510 * MS)).is_some());
    let why = why_invalid(&prompts(400 * MS, 310 * MS)).unwrap();
    assert!(
        why.starts_with("prompts were read anew alone and not together: 400 ms alone, 310 ms together"),
        "{why}"
    );
    assert_eq!(why_invalid(&prompts(400 * MS, 330 * MS)), None);
    // Servers on one machine: tokens and prompts take twice as long together.
    let mut run = prompts(400 * MS, 800 * MS);
    for row in run.requests.iter_mut().filter(|row| row.phase == Phase::Concurrent) {
        let after_first = row.e2e_ns.unwrap() - row.ttft_ns.unwrap();
        row.e2e_ns = row.e2e_ns.map(|ns| ns + after_first);
    }
    assert_eq!(why_invalid(&run), None);
    // A cold prompt is in no cache.
    let mut run = prompts(900_000, 340 * MS);
    run.plan.iter_mut().for_each(|row| row.cache = Cache::Cold);
    assert_eq!(why_invalid(&run), None);
    // A simulator with slots holds prompts, too.
    let mut run = prompts(900_000, 340 * MS);
    run.plan.iter_mut().for_each(|row| (row.server_kind, row.cache) = (ServerKind::Sim, Cache::None));
    assert!(why_invalid(&run).unwrap().ends_with("; give the simulator more slots"));
    let mut run = prompts(900_000, 340 * MS);
    run.requests.iter_mut().filter(|row| row.trial % 12 < 5).for_each(|row| row.prompt_eval_ns = Some(MS));
    assert!(why_invalid(&run).is_some(), "in over half of the blocks");
}

/// Four agents on two servers of one slot each: the second pair of agents begins when the first has ended.
fn one_slot() -> Synthetic {
    let mut run = Synthetic::make(&Recipe { agents: vec![4], ..Recipe::default() });
    run.on_real_servers();
    run.manifest.servers.iter_mut().for_each(|server| server.slots = Some(1));
    for trial in &mut run.trials {
        let mine = |phase: Phase, row: u32| phase == Phase::Concurrent && row == trial.trial;
        let mut last = 0;
        for row in run.agents.iter_mut().filter(|row| mine(row.phase, row.trial)) {
            if row.agent > 1 {
                row.end_ns = row.end_ns.map(|ns| ns + TTFT_NS + TOKENS * GAP_NS);
            }
            last = last.max(row.end_ns.unwrap() - row.release_ns);
        }
        trial.makespan_ns = Some(last);
        for row in run.requests.iter_mut().filter(|row| mine(row.phase, row.trial) && row.agent > 1) {
            // A little more than the first pair takes.
            let wait = TTFT_NS + TOKENS * GAP_NS + 10 * MS;
            (row.ttft_ns, row.e2e_ns) = (row.ttft_ns.map(|ns| ns + wait), row.e2e_ns.map(|ns| ns + wait));
        }
    }
    run
}

#[test]
fn requests_in_the_queue_of_a_server_are_counted_and_named() {
    let mut run = one_slot();
    with_analysis(&run, |analysis| {
        let queue = analysis.cells[0].queue.unwrap();
        assert_eq!((queue.queued, queue.requests, queue.at_once_per_server), (144, 288, 1));
        assert_eq!(analysis.fingerprints.len(), 6);
        let queued = Sign::Slowed(SlowCause::Queued { slots: Some(1) });
        assert!(analysis.fingerprints.iter().all(|found| found.sign == queued));
        let own = own_error(analysis);
        assert!(own.contains("delivered concurrency 100 % (least 100 %, 72 trials); generated at once 50 % (least 50 %, 72 trials)"), "{own}");
    });
    let said = "isolation 0.50: agents waited in a server's queue, not in the client: the server ran them one after the other (slots: 1)";
    assert!(caveats_of(&run).contains(said), "{}", caveats_of(&run));
    expect_on_page(&run, &format!("- all arms: {said}."));
    expect_on_page(
        &run,
        "- 144 of 288 requests of the concurrent phase were queued, as their first piece came after the end of another stream: the server ran them one after the other (slots: 1).",
    );
    assert!(!page_of(&run).contains("cannot tell which"));
    // The same from a simulator that was told to serve one stream at a time: no caveat, as the plan asks for it.
    run.plan.iter_mut().for_each(|row| row.capacity = Some(Capacity::Serial));
    run.trials.iter_mut().for_each(|row| row.capacity = Some(Capacity::Serial));
    expect_on_page(&run, "the server ran them one after the other, as the plan asks.");
    assert!(!caveats_of(&run).contains("queue"));
}

#[test]
fn a_server_with_several_slots_runs_as_many_at_once() {
    let mut run = one_slot();
    run.manifest.servers.iter_mut().for_each(|server| server.slots = None);
    // All on one server: agents 0 and 1 together, then 2 and 3.
    run.requests.iter_mut().for_each(|row| row.server = "http://127.0.0.1:40000".into());
    expect_on_page(&run, "not in the client: the server ran at most 2 of them at once.");
    // The plan's own simulators with two slots.
    run.manifest
        .servers
        .iter_mut()
        .for_each(|server| (server.kind, server.slots) = (ServerKind::Sim, Some(2)));
    run.plan.iter_mut().for_each(|row| row.server_kind = ServerKind::Sim);
    run.trials.iter_mut().for_each(|row| row.server_kind = ServerKind::Sim);
    expect_on_page(&run, "the server ran at most 2 of them at once, as the plan asks.");
}

#[test]
fn streams_that_run_side_by_side_are_not_queued() {
    let mut run = quiet();
    run.on_real_servers();
    let unqueued = |run: &Synthetic| {
        with_analysis(run, |analysis| assert_eq!(analysis.cells[0].queue, None));
    };
    unqueued(&run);
    // All on one server, one agent with a longer prompt than the other's whole response: alone it takes as long.
    for row in &mut run.requests {
        row.server = "http://127.0.0.1:40000".into();
        if row.agent == 1 {
            row.ttft_ns = row.ttft_ns.map(|ns| ns + 2_000 * MS);
            row.e2e_ns = row.e2e_ns.map(|ns| ns + 2_000 * MS);
        }
    }
    unqueued(&run);
    // A simulator without slots lets no stream wait.
    let mut run = one_slot();
    run.manifest.servers.iter_mut().for_each(|server| server.slots = None);
    run.trials.iter_mut().for_each(|row| row.server_kind = ServerKind::Sim);
    unqueued(&run);
}

#[test]
fn prompts_that_fill_the_context_are_named_per_cell() {
    let mut run = quiet();
    run.trials.iter_mut().for_each(|row| row.context_length = Some(4096));
    assert!(!page_of(&run).contains("prompts were cut"));
    run.requests.iter_mut().filter(|row| row.agent == 1).for_each(|row| row.prompt_tokens = Some(4096));
    expect_on_page(&run, "- prompts were cut: 4096 of 4096 tokens (in 144 of 288 requests).");
    assert_eq!(caveats_of(&run), "prompts were cut: 4096 of 4096 tokens, in 1 cell (see the cells).");
    run.requests.iter_mut().for_each(|row| row.prompt_tokens = Some(4095));
    assert!(!page_of(&run).contains("prompts were cut"));
}
