//! The charts on odd data: which trials stand for a cell, honest counts, and nothing outside the frame.

use crate::common::{ARMS, GAP_NS, Recipe, Synthetic};
use crate::read_back;
use analyzer::analysis::{Activity, Analysis, Settings, analyse, examples, lanes};
use analyzer::charts::{Chart, draw_all};
use std::path::Path;
use tandem_records::{DelaySource, Phase, RequestRow, Status};

/// Charts of a data set, kept in the folder that KEEP_CHARTS names to be looked at.
fn charts(name: &str, run: &Synthetic, check: impl FnOnce(&Analysis, &[Chart])) {
    let read = read_back(run);
    let settings = Settings::new(&read.manifest, None, None, None).unwrap();
    let analysis = analyse(&read, settings).unwrap();
    let charts = draw_all(&analysis).unwrap();
    if let Some(keep) = std::env::var_os("KEEP_CHARTS") {
        let folder = Path::new(&keep).join(name);
        std::fs::create_dir_all(&folder).unwrap();
        for chart in &charts {
            std::fs::write(folder.join(chart.file), &chart.svg).unwrap();
        }
    }
    check(&analysis, &charts);
}

fn svg<'a>(charts: &'a [Chart], file: &str) -> &'a str {
    &charts.iter().find(|chart| chart.file == file).unwrap_or_else(|| panic!("no {file}")).svg
}

/// The texts of a chart, without line breaks.
fn texts(svg: &str) -> Vec<String> {
    let parts = svg.split("<text ").skip(1);
    parts.map(|part| part.split_once('>').unwrap().1.split('<').next().unwrap().trim().to_owned()).collect()
}

/// Asserts that no text leaves the frame or runs into another on its line.
fn texts_have_room(svg: &str, chart: &str) {
    let value = |part: &str, name: &str| -> String {
        part.split_once(&format!(" {name}=\"")).unwrap().1.split('"').next().unwrap().to_owned()
    };
    let number = |part: &str, name: &str| value(part, name).parse::<f64>().unwrap();
    let frame: f64 = value(svg, "viewBox").split(' ').nth(2).unwrap().parse().unwrap();
    let mut spans: Vec<(i64, f64, f64, String)> = svg
        .split("<text")
        .skip(1)
        .zip(texts(svg))
        .map(|(part, text)| {
            let shown =
                ["&lt;", "&gt;", "&amp;", "&quot;", "&apos;"].iter().fold(text, |t, e| t.replace(e, "x"));
            // About the widths of DejaVu Sans, the widest of the usual fonts.
            let em = |c: char| match c {
                'W' => 1.0,
                ' ' | '.' | ',' | ':' | ';' | '/' | 'i' | 'j' | 'l' | 't' | 'f' | 'r' | '-' => 0.35,
                _ => 0.62,
            };
            let ems: f64 = shown.chars().map(em).sum();
            let (x, width) = (number(part, "x"), ems * number(part, "font-size"));
            let left = match value(part, "text-anchor").as_str() {
                "start" => x,
                "middle" => x - width / 2.0,
                _ => x - width,
            };
            (number(part, "y") as i64, left, left + width, shown)
        })
        .collect();
    spans.sort_by(|a, b| (a.0, a.1).partial_cmp(&(b.0, b.1)).unwrap());
    for (_, left, right, text) in &spans {
        assert!(*left >= 0.0 && *right <= frame, "{text:?} leaves the frame of {chart}");
    }
    for pair in spans.windows(2).filter(|pair| pair[0].0 == pair[1].0) {
        assert!(pair[0].2 <= pair[1].1, "{:?} runs into {:?} in {chart}", pair[0].3, pair[1].3);
    }
}

/// Concurrent requests that a change names.
fn concurrent(run: &mut Synthetic) -> impl Iterator<Item = &mut RequestRow> {
    run.requests.iter_mut().filter(|r| r.phase == Phase::Concurrent)
}

/// Gives every arm's label another text.
fn rename(run: &mut Synthetic, name: impl Fn(&str) -> String) {
    run.plan.iter_mut().for_each(|row| row.arm = name(&row.arm));
    run.trials.iter_mut().for_each(|row| row.arm = name(&row.arm));
    run.manifest.baseline = name(&run.manifest.baseline);
}

fn long_name(arm: &str) -> String {
    let (name, again) = arm.split_once('#').map_or((arm, ""), |(name, _)| (name, "#2"));
    format!("{name}-with-a-name-of-about-eighty-characters-WWWWWWWWWWWWWWWWWWWWWWWWWWW{again}")
}

/// The same times in every trial.
fn constant() -> Synthetic {
    let mut run = Synthetic::make(&Recipe { noise: 0.0, ..Recipe::default() });
    for row in &mut run.agents {
        let start = row.release_ns + 10_000;
        (row.start_ns, row.end_ns) = (Some(start), Some(start + 1_540_000_000));
    }
    for row in &mut run.requests {
        (row.itl_p50_ns, row.itl_p99_ns) = (Some(GAP_NS), Some(GAP_NS));
        (row.delay_p50_ns, row.delay_p99_ns) = (Some(50_000), Some(50_000));
    }
    run.pool_delays();
    run
}

/// Four agents of which two wait for a permit.
fn permits() -> Synthetic {
    let mut run = Synthetic::make(&Recipe { agents: vec![4], blocks: 6, ..Recipe::default() });
    for row in run.agents.iter_mut().filter(|a| a.phase == Phase::Concurrent && a.agent > 1) {
        (row.start_ns, row.end_ns) =
            (row.start_ns.map(|n| n + 1_545_000_000), row.end_ns.map(|n| n + 1_545_000_000));
    }
    let waiting = run.requests.iter_mut().filter(|r| r.phase == Phase::Concurrent && r.agent > 1);
    waiting.for_each(|r| r.start_ns += 1_545_000_000);
    run
}

/// Data of every odd kind, by a name.
fn odd() -> Vec<(&'static str, Synthetic)> {
    let of = |recipe: Recipe| Synthetic::make(&recipe);
    let usual = || of(Recipe::default());
    let nine = [
        "tokio-default",
        "tokio-default#2",
        "tokio-localset",
        "async-std",
        "smol",
        "smol-1kb",
        "glommio",
        "monoio",
        "compio",
    ];
    let mut long = usual();
    rename(&mut long, long_name);
    for cell in long.plan.iter_mut().map(|p| &mut p.cell).chain(long.trials.iter_mut().map(|t| &mut t.cell)) {
        *cell = format!("{cell}/{}", "another-factor-with-a-long-name/".repeat(4));
    }
    let mut hostile = usual();
    rename(&mut hostile, |arm| {
        let nasty = "<script>&\"'\u{202e}\u{1b}[31m\n日本語";
        arm.split_once('#').map_or(format!("{arm}{nasty}"), |(arm, _)| format!("{arm}{nasty}#2"))
    });
    let mut spread = usual();
    spread.slow_down("smol", 500.0, |_| true);
    spread.slow_down("async-std", 0.25, |_| true);
    let mut outlier = usual();
    let last = outlier.trials.iter().rposition(|t| t.arm == "smol").unwrap();
    let number = outlier.trials[last].trial;
    let late = outlier.agents.iter_mut().filter(|a| a.trial == number && a.phase == Phase::Concurrent);
    late.for_each(|row| row.end_ns = row.end_ns.map(|ns| ns + 60_000_000_000));
    concurrent(&mut outlier)
        .filter(|r| r.trial == number)
        .for_each(|r| r.delay_p99_ns = Some(50_000_000_000));
    outlier.pool_delays();
    let mut real = usual();
    real.on_real_servers();
    for row in &mut real.requests {
        (row.delay_p50_ns, row.delay_p99_ns, row.delay_source) = (None, None, DelaySource::None);
    }
    real.pool_delays();
    let mut reports = usual();
    let mut second = reports.requests.clone();
    for (row, again) in reports.requests.iter_mut().zip(&mut second) {
        let whole = row.e2e_ns.unwrap();
        row.start_ns += whole / 10;
        row.e2e_ns = Some(whole / 3);
        again.call = 1;
        again.start_ns += whole / 2;
        again.e2e_ns = Some(whole / 3);
    }
    reports.requests.extend(second);
    vec![
        ("usual", usual()),
        ("one-block", of(Recipe { blocks: 1, ..Recipe::default() })),
        ("one-arm", of(Recipe { arms: vec!["tokio-default"], ..Recipe::default() })),
        ("nine-arms", of(Recipe { arms: nine.to_vec(), agents: vec![2, 4, 8], ..Recipe::default() })),
        (
            "many-agents",
            of(Recipe { agents: vec![256], blocks: 2, arms: ARMS[..3].to_vec(), ..Recipe::default() }),
        ),
        ("many-blocks", of(Recipe { blocks: 240, ..Recipe::default() })),
        ("long-names", long),
        ("hostile-names", hostile),
        ("spread", spread),
        ("outlier", outlier),
        ("constant", constant()),
        ("real-servers", real),
        ("reports", reports),
        ("permits", permits()),
    ]
}

#[test]
fn odd_data_give_whole_charts() {
    for (name, run) in odd() {
        charts(name, &run, |_, charts| {
            for chart in charts {
                for bad in ["NaN", "inf\"", "<script", "\u{1b}", "\u{202e}"] {
                    assert!(!chart.svg.contains(bad), "{bad:?} in {name}/{}", chart.file);
                }
                texts_have_room(&chart.svg, &format!("{name}/{}", chart.file));
            }
        });
    }
}

#[test]
fn the_example_trials_are_the_nearest_to_the_median_and_the_lowest() {
    charts("usual", &Synthetic::make(&Recipe::default()), |analysis, _| {
        let cell = analysis.headline().unwrap();
        let found = examples(&analysis.outcomes, cell).unwrap();
        let efficiency =
            |place: usize| analysis.outcomes[place].counted().unwrap().factors.unwrap().efficiency;
        let mut all: Vec<f64> = (0..analysis.run.trials.len()).map(efficiency).collect();
        let typical = all.iter().map(|e| (e - found.median).abs()).fold(f64::INFINITY, f64::min);
        assert_eq!((efficiency(found.typical) - found.median).abs(), typical);
        all.sort_by(f64::total_cmp);
        assert_eq!(efficiency(found.worst), all[0]);
        assert_eq!(found.median, (all[35] + all[36]) / 2.0);
    });
}

#[test]
fn of_equal_trials_the_first_is_shown_and_those_that_do_not_count_never() {
    let mut run = constant();
    run.fail(0, Status::Timeout, "no answer");
    run.trials[1].server_late_p99_ns = Some(GAP_NS);
    charts("equal", &run, |analysis, charts| {
        let found = examples(&analysis.outcomes, analysis.headline().unwrap()).unwrap();
        assert_eq!((found.typical, found.worst), (2, 2));
        let timeline = texts(svg(charts, "timeline.svg"));
        assert!(timeline.iter().any(|t| t.starts_with("Typical and worst: trial 2, ")), "{timeline:?}");
    });
}

#[test]
fn without_a_trial_that_counts_nothing_stands_for_the_cell() {
    let mut run = Synthetic::make(&Recipe { blocks: 1, ..Recipe::default() });
    (0..6).for_each(|trial| run.fail(trial, Status::Refused, "no server"));
    charts("failed", &run, |analysis, charts| {
        assert!(examples(&analysis.outcomes, analysis.headline().unwrap()).is_none());
        assert!(charts.is_empty());
    });
}

#[test]
fn a_lane_tells_every_moment_from_the_release_to_the_last_end() {
    let mut run = permits();
    // A request without a first token, and one that says more than its agent's time.
    concurrent(&mut run)
        .filter(|r| r.agent == 1)
        .for_each(|r| (r.ttft_ns, r.e2e_ns) = (None, Some(1_000_000)));
    concurrent(&mut run).filter(|r| r.agent == 2).for_each(|r| r.e2e_ns = Some(u64::MAX));
    charts("lanes", &run, |analysis, _| {
        let (trial, outcome) = (&analysis.run.trials[0], &analysis.outcomes[0]);
        let metrics = outcome.counted().unwrap();
        let all = lanes(trial, metrics, 12);
        for lane in &all {
            assert_eq!(lane.spans[0].from_ns, 0);
            assert_eq!(lane.spans.last().unwrap().to_ns, metrics.makespan_ns as u64);
            assert!(lane.spans.windows(2).all(|pair| pair[0].to_ns == pair[1].from_ns), "{lane:?}");
            assert!(lane.spans.iter().all(|span| span.from_ns < span.to_ns));
        }
        let long = |agent: usize| -> Vec<Activity> {
            let spans = all[agent].spans.iter().filter(|s| s.to_ns - s.from_ns >= 900_000);
            spans.map(|span| span.activity).collect()
        };
        use Activity::*;
        assert_eq!(long(0), [FirstToken, Tokens, Others]);
        assert_eq!(long(1), [FirstToken, OwnWork, Others]);
        assert_eq!(long(2)[..3], [Start, FirstToken, Tokens]);
        let slowdown = metrics.factors.unwrap().slowdown_max;
        let largest = all.iter().map(|lane| lane.slowdown()).fold(0.0, f64::max);
        assert!((largest - slowdown).abs() < 1e-12);
        let two = lanes(trial, metrics, 2);
        assert_eq!(two.iter().map(|lane| lane.agent).collect::<Vec<_>>(), [2, 3]);
    });
}

#[test]
fn a_timeline_says_how_many_agents_it_leaves_out() {
    let recipe = Recipe { agents: vec![256], blocks: 2, arms: ARMS[..3].to_vec(), ..Recipe::default() };
    charts("many-agents", &Synthetic::make(&recipe), |_, charts| {
        let timeline = texts(svg(charts, "timeline.svg"));
        let told = timeline.iter().filter(|t| t.ends_with("the 12 agents that ended last, 244 not shown"));
        assert_eq!(told.count(), 2, "{timeline:?}");
        assert_eq!(timeline.iter().filter(|t| t.starts_with("agent ")).count(), 24);
    });
}

#[test]
fn what_a_curve_cannot_show_is_counted() {
    let mut run = Synthetic::make(&Recipe::default());
    for (number, row) in concurrent(&mut run).enumerate() {
        match number % 48 {
            0 => row.delay_p50_ns = Some(0),
            1 => row.itl_p99_ns = None,
            _ => {}
        }
    }
    charts("counted", &run, |_, charts| {
        let notes = texts(svg(charts, "ecdf.svg"));
        let has = |note: &str| assert!(notes.iter().any(|text| text == note), "{note:?} in {notes:?}");
        has("3 of 144 at or below 0 not drawn");
        has("144 requests, from the server&apos;s stamp");
        has("141 requests");
        has("3 of 144 not measured");
    });
}

#[test]
fn a_delay_that_nobody_measured_is_not_drawn() {
    let mut run = Synthetic::make(&Recipe::default());
    run.requests.iter_mut().for_each(|r| (r.delay_p50_ns, r.delay_source) = (None, DelaySource::None));
    for (number, row) in concurrent(&mut run).enumerate() {
        row.delay_source = if number % 2 == 0 { DelaySource::Sim } else { DelaySource::Kernel };
    }
    charts("delay", &run, |_, charts| {
        let notes = texts(svg(charts, "ecdf.svg"));
        let wanted = [
            "not measured",
            "from the kernel&apos;s stamp",
            "from the server&apos;s stamp",
            "not comparable",
        ];
        assert!(wanted.iter().all(|text| notes.iter().any(|note| note == text)), "{notes:?}");
    });
    run.requests.clear();
    charts("no-requests", &run, |_, charts| assert!(charts.iter().all(|chart| chart.file != "ecdf.svg")));
}

#[test]
fn a_curve_of_many_requests_is_thinned_and_says_so() {
    let recipe = Recipe { agents: vec![1500], blocks: 1, arms: ARMS[..2].to_vec(), ..Recipe::default() };
    charts("many-requests", &Synthetic::make(&recipe), |_, charts| {
        let svg = svg(charts, "ecdf.svg");
        assert!(svg.contains("each step is at most 5 requests"), "{}", &svg[..900]);
        assert!(svg.len() < 200_000, "{} bytes", svg.len());
    });
}

#[test]
fn equal_rows_give_equal_bytes() {
    let run = read_back(&Synthetic::make(&Recipe::default()));
    let drawn = || {
        let settings = Settings::new(&run.manifest, None, None, None).unwrap();
        draw_all(&analyse(&run, settings).unwrap()).unwrap()
    };
    assert_eq!(drawn(), drawn());
}
