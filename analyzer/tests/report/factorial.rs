//! Factors apart: effects that were put in come out again, in the analysis, on the page and in the summary.

use crate::common::{Recipe, Synthetic};
use crate::hostile_text::NASTY;
use crate::{page_of, with_analysis};
use analyzer::analysis::{Analysis, Effect, Estimated, Factor, Factorial, Part, Quantity, Subject};
use analyzer::predictions::{embedded, judge_all};
use analyzer::report::summary_json;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use tandem_records::{Client, PlanRow, Status, TrialRow};

/// A set that crosses these levels, reqwest without a read cap only.
struct Crossed {
    arms: Vec<&'static str>,
    clients: Vec<Client>,
    caps: Vec<u32>,
    coalesce: Vec<u32>,
    token_bytes: Vec<u32>,
    agents: Vec<u32>,
    blocks: u32,
    /// Logarithm of a trial's CPU time per token, apart from block and noise.
    effect: fn(&TrialRow) -> f64,
}

impl Default for Crossed {
    fn default() -> Self {
        Crossed {
            arms: vec!["tokio-default", "tokio-default#2", "tokio-localset", "async-std", "smol"],
            clients: vec![Client::Hyper, Client::Reqwest],
            caps: vec![0],
            coalesce: vec![1],
            token_bytes: vec![5],
            agents: vec![2, 16],
            blocks: 12,
            effect: known,
        }
    }
}

/// smol costs e^0.1, reqwest e^0.4, the bridge e^0.25 on top, 16 agents e^-0.2.
fn known(row: &TrialRow) -> f64 {
    let with = |yes: bool, size: f64| if yes { size } else { 0.0 };
    with(row.runtime == "smol", 0.1)
        + with(row.client == Client::Reqwest, 0.4)
        + with(!row.bridge.is_empty(), 0.25)
        + with(row.agents == 16, -0.2)
}

impl Crossed {
    fn make(&self) -> Synthetic {
        let mut sets = Vec::new();
        for (client, cap) in self.clients.iter().flat_map(|c| self.caps.iter().map(move |cap| (c, cap))) {
            for (co, tb) in
                self.coalesce.iter().flat_map(|co| self.token_bytes.iter().map(move |tb| (co, tb)))
            {
                if *client == Client::Hyper || *cap == 0 {
                    let name: &'static str = format!("{client}/{cap}/{co}/{tb}").leak();
                    sets.push((name, *client));
                }
            }
        }
        let (arms, agents, blocks) = (self.arms.clone(), self.agents.clone(), self.blocks);
        let mut run = Synthetic::make(&Recipe { sets, arms, agents, blocks, ..Recipe::default() });
        let levels = |set: &str| -> Vec<u32> { set.split('/').skip(1).map(|n| n.parse().unwrap()).collect() };
        for row in &mut run.plan {
            let of = levels(&row.set);
            (row.read_cap_bytes, row.coalesce, row.token_bytes) = (Some(of[0]), Some(of[1]), Some(of[2]));
            row.set = "crossed".into();
        }
        let mut random = ChaCha8Rng::seed_from_u64(7);
        // Sum of twelve uniform numbers minus 6: near enough to a normal one.
        let mut normal = || (0..12).map(|_| random.next_u32() as f64 / u32::MAX as f64).sum::<f64>() - 6.0;
        for row in &mut run.trials {
            let of = levels(&row.set);
            (row.read_cap_bytes, row.coalesce, row.token_bytes) = (Some(of[0]), Some(of[1]), Some(of[2]));
            row.set = "crossed".into();
            let block = 0.1 * f64::from(row.block % 5);
            let tokens = row.delay_tokens.unwrap() as f64;
            row.cpu_ns =
                Some((tokens * 20_000.0 * ((self.effect)(row) + block + 0.05 * normal()).exp()) as u64);
            row.voluntary_switches = Some((tokens * (0.05 * normal()).exp()) as u64);
            row.delay_p50_ns = Some(48_000);
            row.delay_p99_ns = Some((150_000.0 * (block + 0.05 * normal()).exp()) as u64);
        }
        run
    }
}

fn estimate(factorial: &Factorial, quantity: Quantity, wanted: impl Fn(&Subject) -> bool) -> Estimated {
    let found: Vec<&Effect> = factorial.effects.iter().filter(|effect| wanted(&effect.subject)).collect();
    assert_eq!(found.len(), 1, "{found:?}");
    found[0].estimates.iter().find(|(there, _)| *there == quantity).unwrap().1.unwrap()
}

/// Main effect of a level on the CPU time per token.
fn main(factorial: &Factorial, factor: Factor, name: &str) -> Estimated {
    let place = factorial.crossed.iter().position(|(there, _)| *there == factor).unwrap();
    let number = factorial.crossed[place].1.iter().position(|level| level.name == name).unwrap();
    estimate(factorial, Quantity::CpuPerToken, |subject| {
        *subject == Subject::Main { factor: place, level: number }
    })
}

/// The interval is narrow and the truth no further from the estimate than it is wide: what a single interval misses in one
/// case of twenty lies beside it.
fn recovers(estimated: Estimated, log: f64) {
    let ci = estimated.ci.unwrap();
    let width = (ci.hi / ci.lo).ln();
    assert!(width < 0.14 && (estimated.ratio.ln() - log).abs() <= width, "{estimated:?} {}", log.exp());
}

#[test]
fn known_effects_and_the_bridge_come_out_within_their_intervals() {
    with_analysis(&Crossed::default().make(), |analysis| {
        let [factorial] = analysis.factorials.as_slice() else { panic!("{:?}", analysis.factorials) };
        let names: Vec<&str> = factorial.crossed.iter().map(|(factor, _)| factor.key()).collect();
        assert_eq!(names, ["runtime", "client", "agents"]);
        assert_eq!((factorial.combinations, factorial.counted, factorial.left_out), (16, 192, 0));
        let runtimes: Vec<&str> = factorial.crossed[0].1.iter().map(|level| level.name.as_str()).collect();
        assert_eq!(runtimes[0], "tokio-default");
        assert!(!runtimes.contains(&"tokio-default#2"), "the repeated arm is no level");

        recovers(main(factorial, Factor::Runtime, "smol"), 0.1);
        recovers(main(factorial, Factor::Runtime, "async-std"), 0.0);
        recovers(main(factorial, Factor::Runtime, "tokio-localset"), 0.0);
        recovers(main(factorial, Factor::Client, "reqwest"), 0.4);
        recovers(main(factorial, Factor::Agents, "16"), -0.2);
        let bridge = |arm: Option<usize>| {
            estimate(factorial, Quantity::CpuPerToken, |subject| {
                *subject == Subject::Bridge { client: 1, arm }
            })
        };
        recovers(bridge(None), 0.25);
        for arm in &factorial.bridge.as_ref().unwrap().bridged {
            recovers(bridge(Some(*arm)), 0.25);
        }
        assert!(bridge(None).is_established());
        assert!(!main(factorial, Factor::Runtime, "tokio-localset").is_established());
    });
}

#[test]
fn shares_are_those_of_the_effects_and_add_up() {
    with_analysis(&Crossed::default().make(), |analysis| {
        let shares = analysis.factorials[0].shares_of(Quantity::CpuPerToken).unwrap();
        let share = |part: Part| shares.parts.iter().find(|share| share.part == part).unwrap().share;
        assert!((shares.parts.iter().map(|share| share.share).sum::<f64>() - 1.0).abs() < 1e-9);
        assert!((shares.combinations + shares.blocks + shares.residual - 1.0).abs() < 1e-9);
        // Without the bridge: runtimes 0, 0, 0, .1; clients 0, .4; agents 0, -.2. With it the runtimes' means are 0, 0, .125,
        // .225, the clients' 0, .525, and every combination is .25 / 4 away from additivity.
        let (runtime, client, agents) =
            (0.1f64.powi(2) * 3.0 / 16.0, 0.4f64.powi(2) / 4.0, 0.2f64.powi(2) / 4.0);
        let all = 0.0354f64 / 4.0 + 0.525f64.powi(2) / 4.0 + agents + (0.25f64 / 4.0).powi(2);
        let bridge = all - runtime - client - agents;
        for (part, wanted) in [
            (Part::Main(Factor::Runtime), runtime / all),
            (Part::Main(Factor::Client), client / all),
            (Part::Main(Factor::Agents), agents / all),
            (Part::Bridge, bridge / all),
            (Part::Pair(Factor::Client, Factor::Agents), 0.0),
            (Part::Higher, 0.0),
        ] {
            assert!((share(part) - wanted).abs() < 0.03, "{part:?}: {} and not {wanted}", share(part));
        }
    });
}

#[test]
fn what_differs_in_nothing_but_noise_is_not_established() {
    with_analysis(&Crossed::default().make(), |analysis| {
        let factorial = &analysis.factorials[0];
        for quantity in [Quantity::Switches, Quantity::DelayP99] {
            let estimates = factorial.effects.iter().flat_map(|effect| &effect.estimates);
            let of =
                estimates.filter(|(there, _)| *there == quantity).filter_map(|(_, estimated)| *estimated);
            assert_eq!(of.filter(Estimated::is_established).count(), 0, "{quantity:?}");
        }
        assert!(factorial.shares_of(Quantity::DelayP50).is_none(), "it is the same in all trials");
    });
    let page = page_of(&Crossed { effect: |_| 0.0, ..Crossed::default() }.make());
    assert!(page.contains("CPU time per token varies no more than noise gives (F test, p = "), "{page}");
}

#[test]
fn the_chapter_stands_after_the_cells_and_begins_with_the_answer() {
    let page = page_of(&Crossed::default().make());
    let chapter = page.split("## Factors apart\n\n").nth(1).unwrap();
    assert!(
        chapter.starts_with(
            "**Of the variation of CPU time per token between the 16 combinations of set crossed, "
        ),
        "{chapter}"
    );
    let first = chapter.lines().next().unwrap();
    assert!(first.contains("% is the HTTP client, ") && first.contains(" % the Tokio bridge"), "{first}");
    assert!(chapter.contains("### crossed: runtime × HTTP client × agents\n"), "{chapter}");
    assert!(chapter.contains("| bridge | 1 | "), "{chapter}");
    assert!(chapter.contains("| runtime × HTTP client, the rest | 2 | ("), "{chapter}");
    assert!(
        chapter.contains("| reqwest against hyper | **×1.4")
            || chapter.contains("| reqwest against hyper | **×1.5")
    );
    assert!(chapter.contains("| reqwest on smol | **×1.2") || chapter.contains("| reqwest on smol | **×1.3"));
    assert!(chapter.contains("| smol with reqwest | "));
    assert!(
        page.find("\n## crossed").is_none()
            && page.find("## hyper/").unwrap() < page.find("## Factors apart").unwrap()
    );
    assert!(page.find("## Factors apart").unwrap() < page.find("## Power").unwrap());
}

fn buffers() -> Crossed {
    Crossed {
        arms: vec!["tokio-default", "tokio-default#2", "smol"],
        caps: vec![0, 1024, 8192],
        coalesce: vec![1, 64],
        token_bytes: vec![5, 256],
        agents: vec![2],
        effect: |row| {
            let small = row.read_cap_bytes == Some(1024);
            known(row) + if small && row.coalesce == Some(64) { 0.3 } else { 0.0 }
        },
        ..Crossed::default()
    }
}

#[test]
fn a_client_without_read_caps_is_compared_where_it_has_trials_and_the_rest_is_said() {
    let run = buffers().make();
    with_analysis(&run, |analysis| {
        let [caps, clients] = analysis.factorials.as_slice() else { panic!("{:?}", analysis.factorials) };
        assert_eq!((caps.combinations, clients.combinations), (24, 16));
        assert_eq!(caps.left_out, 8 * 12, "reqwest: two arms, two writes, two sizes");
        assert_eq!(clients.left_out, 2 * 2 * 2 * 2 * 12, "hyper at two caps");
        assert!(caps.bridge.is_none() && clients.bridge.is_some());
        recovers(main(caps, Factor::ReadCap, "1024"), 0.15);
        recovers(main(caps, Factor::ReadCap, "8192"), 0.0);
        recovers(main(clients, Factor::TokenBytes, "256"), 0.0);
        let together = estimate(caps, Quantity::CpuPerToken, |subject| {
            *subject == Subject::Interaction { levels: [(1, 1), (2, 1)] }
        });
        recovers(together, 0.3);
    });
    let page = page_of(&run);
    assert!(page.contains(
        "left out: 96 trials of the set whose levels have not every combination (HTTP client held at hyper)."
    ));
    assert!(page.contains("| reads of at most 1024 B with 64 per write | **×1.3"), "{page}");
}

#[test]
fn failed_trials_take_their_partners_along_and_the_rest_is_estimated() {
    let mut run = Crossed::default().make();
    for trial in (0..run.trials.len() as u32).step_by(17) {
        run.fail(trial, Status::Refused, "connection refused");
    }
    with_analysis(&run, |analysis| {
        let factorial = &analysis.factorials[0];
        assert!(factorial.not_counted >= 10 && factorial.counted + factorial.not_counted == 192);
        let shares = factorial.shares_of(Quantity::CpuPerToken).unwrap();
        assert_eq!((shares.missing, shares.blocks_analysed), (factorial.not_counted, 12));
        recovers(main(factorial, Factor::Client, "reqwest"), 0.4);
    });
    assert!(page_of(&run).contains("estimated for the shares (Yates)"));
    // An arm that never works leaves a smaller design.
    let mut run = Crossed::default().make();
    let broken: Vec<u32> = run
        .trials
        .iter()
        .filter(|t| t.arm == "smol" && t.client == Client::Reqwest)
        .map(|t| t.trial)
        .collect();
    broken.into_iter().for_each(|trial| run.fail(trial, Status::Refused, "connection refused"));
    with_analysis(&run, |analysis| {
        let sizes: Vec<usize> = analysis.factorials.iter().map(|f| f.combinations).collect();
        assert_eq!(sizes, [12, 8], "three runtimes by two clients, then four by hyper");
    });
}

#[test]
fn the_floor_is_no_level() {
    let mut run = Crossed::default().make();
    run.manifest.floor = Some("async-std".into());
    with_analysis(&run, |analysis| {
        assert_eq!(analysis.factorials[0].crossed[0].1.len(), 3);
    });
}

#[test]
fn few_blocks_have_shares_and_no_intervals() {
    let run = Crossed { blocks: 4, ..Crossed::default() }.make();
    with_analysis(&run, |analysis| {
        let found = main(&analysis.factorials[0], Factor::Client, "reqwest");
        assert_eq!((found.blocks, found.ci, found.p_adjusted), (4, None, None));
    });
    assert!(page_of(&run).contains("[needs >= 6]"));
    let one = Crossed { blocks: 1, ..Crossed::default() }.make();
    with_analysis(&one, |analysis| assert!(analysis.factorials.is_empty()));
}

#[test]
fn circumstances_that_are_no_factors_are_kept_apart() {
    let mut run = Crossed { clients: vec![Client::Hyper], ..Crossed::default() }.make();
    run.trials.iter_mut().filter(|row| row.block >= 6).for_each(|row| row.configuration = "other".into());
    with_analysis(&run, |analysis| {
        let sets: Vec<&str> = analysis.factorials.iter().map(|f| f.set.as_str()).collect();
        assert_eq!(sets, ["crossed", "crossed, configuration other"]);
    });
}

#[test]
fn a_run_that_crosses_nothing_has_no_chapter() {
    let run = Synthetic::make(&Recipe::default());
    assert!(!page_of(&run).contains("Factors apart"));
    with_analysis(&run, |analysis| assert_eq!(summary(analysis)["factorials"], serde_json::json!([])));
    // Each arm with a client of its own: runtime and client cannot be told apart.
    let mut run = Synthetic::make(&Recipe::default());
    let own = |arm: &str| if arm.starts_with("smol") { Client::Hyper } else { Client::Reqwest };
    run.plan.iter_mut().for_each(|row: &mut PlanRow| row.client = own(&row.arm));
    run.trials.iter_mut().for_each(|row| row.client = own(&row.arm));
    with_analysis(&run, |analysis| assert!(analysis.factorials.is_empty()));
}

fn summary(analysis: &Analysis) -> serde_json::Value {
    let hypotheses = embedded().unwrap();
    let judged = judge_all(analysis, &hypotheses).unwrap();
    serde_json::from_str(&summary_json(analysis, &judged, "make report").unwrap()).unwrap()
}

#[test]
fn the_summary_holds_the_same_numbers() {
    with_analysis(&Crossed::default().make(), |analysis| {
        let (shown, factorial) = (&summary(analysis)["factorials"][0], &analysis.factorials[0]);
        assert_eq!(
            shown["factors"][1],
            serde_json::json!({"factor": "client", "levels": ["hyper", "reqwest"]})
        );
        assert_eq!((&shown["combinations"], &shown["trials_counted"]), (&16.into(), &192.into()));
        let parts: Vec<&str> = shown["variation"][0]["parts"]
            .as_array()
            .unwrap()
            .iter()
            .map(|part| part["part"].as_str().unwrap())
            .collect();
        assert_eq!(
            parts,
            [
                "runtime",
                "client",
                "agents",
                "bridge",
                "runtime:client",
                "runtime:agents",
                "client:agents",
                "higher"
            ]
        );
        assert_eq!(shown["effects"].as_array().unwrap().len(), factorial.effects.len());
        let bridge =
            shown["effects"].as_array().unwrap().iter().find(|effect| effect["kind"] == "bridge").unwrap();
        assert_eq!(bridge["levels"], serde_json::json!([{"factor": "client", "level": "reqwest"}]));
        let wanted =
            estimate(factorial, Quantity::CpuPerToken, |s| *s == Subject::Bridge { client: 1, arm: None });
        let ratio = bridge["estimates"][0]["ratio"].as_f64().unwrap();
        assert!((ratio / wanted.ratio - 1.0).abs() < 1e-8);
    });
}

#[test]
fn hostile_names_stay_text() {
    let mut run = Crossed::default().make();
    run.plan.iter_mut().for_each(|row| row.set = NASTY.into());
    run.trials.iter_mut().for_each(|row| row.set = NASTY.into());
    let arms =
        run.plan.iter_mut().map(|row| &mut row.arm).chain(run.trials.iter_mut().map(|row| &mut row.arm));
    arms.filter(|arm| *arm == "smol").for_each(|arm| *arm = NASTY.into());
    let page = page_of(&run);
    let chapter = page.split("## Factors apart").nth(1).unwrap().split("## Power").next().unwrap();
    for (markup, escaped) in [("<script", "&#60;script"), ("](http:", "\\](http&#58;"), ("x|y", "x&#124;y")] {
        assert!(!chapter.contains(markup) && chapter.contains(escaped), "{markup} in {chapter}");
    }
    assert!(chapter.contains("on x&#124;y"), "the arm, too: {chapter}");
}
