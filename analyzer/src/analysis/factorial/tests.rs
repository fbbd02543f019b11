//! How often effects that are there are found, and effects that are not.

use super::effect::{adjust, effects};
use super::*;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

const FACTORS: [Factor; 3] = [Factor::Runtime, Factor::Client, Factor::Agents];
const BLOCKS: usize = 12;

fn bridge() -> Bridge {
    Bridge { client: 1, bridged: vec![2, 3], direct: vec![0, 1] }
}

/// Effects on four runtimes, two clients and two numbers of agents: a sum of `truth` for each combination, with blocks and
/// skewed noise.
fn drawn(seed: u64, truth: fn(usize, usize, usize) -> f64) -> Vec<Effect> {
    let layout = Layout::new(vec![4, 2, 2]);
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut unit = || (random.next_u32() as f64 + 0.5) / 4_294_967_296.0;
    let rows: Vec<Vec<Option<f64>>> = (0..BLOCKS)
        .map(|_| {
            let block = unit();
            let value = |c: usize| truth(layout.level(c, 0), layout.level(c, 1), layout.level(c, 2));
            // Exponential noise: now and then a trial is far off, always on the same side.
            (0..16).map(|c| Some(value(c) + block - 0.1 * unit().ln())).collect()
        })
        .collect();
    let mut found = effects(&layout, &FACTORS, Some(&bridge()), &[(Quantity::CpuPerToken, rows)]).unwrap();
    adjust(found.iter_mut()).unwrap();
    found
}

fn of(effect: &Effect) -> Estimated {
    effect.estimates[0].1.unwrap()
}

#[test]
fn intervals_hold_the_truth_as_often_as_they_say() {
    let with = |yes: bool, size: f64| if yes { size } else { 0.0 };
    let truth = |subject: &Subject| match *subject {
        Subject::Main { factor: 0, level } => with(level == 1, 0.2),
        Subject::Main { factor: 1, .. } => 0.5,
        Subject::Bridge { .. } => 0.3,
        Subject::Interaction { levels: [(0, arm), (1, _)] } => with(arm >= 2, 0.3),
        _ => 0.0,
    };
    let (mut held, mut all) = (0, 0);
    for seed in 0..300 {
        let effects = drawn(seed, |arm, client, _| {
            let with = |yes: bool, size: f64| if yes { size } else { 0.0 };
            with(arm == 1, 0.2) + with(client == 1, 0.5) + with(client == 1 && arm >= 2, 0.3)
        });
        for effect in &effects {
            held += usize::from(of(effect).ci.unwrap().contains(f64::exp(truth(&effect.subject))));
            all += 1;
        }
        let bridge = effects.iter().find(|e| e.subject == Subject::Bridge { client: 1, arm: None });
        assert!(of(bridge.unwrap()).is_established(), "seed {seed}");
    }
    // The exact interval of twelve blocks covers 95.8 %.
    let coverage = f64::from(held as u32) / f64::from(all as u32);
    assert!((0.94..0.975).contains(&coverage), "{coverage}");
}

#[test]
fn where_nothing_differs_hardly_a_run_finds_anything() {
    let runs = 400;
    let wrong =
        (0..runs).filter(|seed| drawn(1000 + seed, |_, _, _| 0.0).iter().any(|e| of(e).is_established()));
    let wrong = wrong.count();
    assert!(wrong <= 32, "{wrong} of {runs} runs; twenty are allowed on average");
}
