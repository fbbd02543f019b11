use std::num::NonZeroUsize;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::resampling::stream_rng;
use super::studentized::{KEY, Sampler};
use super::*;
use crate::stats::mean::mean_t;
use crate::stats::{Interval, StatsError, mean};

const SKEWED: [f64; 12] = [0.1, 0.3, 0.2, 0.9, 0.15, 0.4, 2.5, 0.05, 0.6, 0.35, 1.2, 0.25];

fn threads(n: usize) -> NonZeroUsize {
    NonZeroUsize::new(n).unwrap()
}

#[test]
fn the_number_of_threads_changes_no_bit() {
    for resamples in [1_000, 10_000, 10_007] {
        let resampling = Resampling { resamples, seed: 7 };
        let one = bootstrap_t_on(threads(1), &SKEWED, 0.95, resampling).unwrap();
        for n in [2, 3, 7, 64, 1000] {
            assert_eq!(bootstrap_t_on(threads(n), &SKEWED, 0.95, resampling).unwrap(), one);
        }
    }
}

#[test]
fn the_draws_are_pinned() {
    // A change here changes every published interval: it must be meant, and said in the notes of the version.
    let deviations: Vec<f64> = (0..12).map(f64::from).collect();
    let mut sampler = Sampler::new(&deviations);
    sampler.draw(&mut stream_rng(&KEY, 115, 0));
    assert_eq!(sampler.drawn, [8.0, 7.0, 8.0, 5.0, 3.0, 4.0, 6.0, 3.0, 4.0, 5.0, 2.0, 2.0]);
}

#[test]
fn the_seed_decides_and_nothing_else() {
    let with_seed =
        |seed| bootstrap_t(&SKEWED, 0.95, Resampling { seed, ..Resampling::default() }).unwrap().unwrap();
    assert_eq!(with_seed(1), with_seed(1));
    assert_ne!(with_seed(1), with_seed(2));
}

#[test]
fn equal_values_give_a_point_and_too_few_give_nothing() {
    let default = Resampling::default();
    assert_eq!(bootstrap_t(&[0.1; 9], 0.95, default).unwrap(), Some(Interval::point(0.1)));
    for n in 0..LEAST_N {
        assert_eq!(bootstrap_t(&SKEWED[..n], 0.95, default).unwrap(), None, "n = {n}");
        assert_eq!(bootstrap_t(&vec![1.0; n], 0.95, default).unwrap(), None, "n = {n}");
    }
    assert!(bootstrap_t(&SKEWED[..LEAST_N], 0.95, default).unwrap().is_some());
}

#[test]
fn one_value_apart_from_all_others_supports_no_interval() {
    // 36 % of the resamples miss the odd value and have no variance: a bound would be infinite.
    let mut values = vec![1.0; 20];
    values[3] = 2.0;
    assert_eq!(bootstrap_t(&values, 0.95, Resampling::default()).unwrap(), None);
}

#[test]
fn a_constant_resample_at_the_mean_is_no_evidence_and_beside_it_is_infinite() {
    let mut rng = stream_rng(&KEY, 1, 0);
    let t_of = |deviations: &[f64], rng: &mut ChaCha8Rng| Sampler::new(deviations).t(rng);
    assert_eq!(t_of(&[0.0; 6], &mut rng), 0.0);
    assert_eq!(t_of(&[0.5; 6], &mut rng), f64::INFINITY);
    assert_eq!(t_of(&[-0.3; 6], &mut rng), f64::NEG_INFINITY);
}

#[test]
fn a_skewed_sample_has_a_longer_interval_on_its_long_side() {
    let mean = mean::mean(&SKEWED).unwrap().unwrap();
    let ci = bootstrap_t(&SKEWED, 0.95, Resampling::default()).unwrap().unwrap();
    assert!(ci.contains(mean));
    assert!(ci.hi - mean > 1.5 * (mean - ci.lo), "{ci:?}");
    // Mirrored data, mirrored interval (up to resampling noise).
    let mirrored: Vec<f64> = SKEWED.iter().map(|v| -v).collect();
    let back = bootstrap_t(&mirrored, 0.95, Resampling::default()).unwrap().unwrap();
    assert!((back.lo + ci.hi).abs() < 0.15 * ci.half_width());
}

#[test]
fn scale_and_offset_carry_over() {
    let ci = bootstrap_t(&SKEWED, 0.95, Resampling::default()).unwrap().unwrap();
    let moved: Vec<f64> = SKEWED.iter().map(|v| 1e6 + 1e3 * v).collect();
    let moved = bootstrap_t(&moved, 0.95, Resampling::default()).unwrap().unwrap();
    assert!((moved.lo - (1e6 + 1e3 * ci.lo)).abs() < 1e-4);
    assert!((moved.hi - (1e6 + 1e3 * ci.hi)).abs() < 1e-4);
}

#[test]
fn unsound_input_is_an_error() {
    assert!(bootstrap_t(&[1.0, 2.0, f64::NAN, 3.0, 4.0], 0.95, Resampling::default()).is_err());
    assert!(bootstrap_t(&SKEWED, 95.0, Resampling::default()).is_err());
    let few = Resampling { resamples: 20, seed: 1 };
    assert_eq!(
        bootstrap_t(&SKEWED, 0.95, few),
        Err(StatsError::TooFewResamples { resamples: 20, needed: 40 })
    );
}

/// Uniform numbers in (0, 1) from a stream that no resampling uses.
fn uniforms() -> impl FnMut() -> f64 {
    let mut rng = ChaCha8Rng::from_seed([42; 32]);
    move || ((rng.next_u64() >> 12) as f64 + 0.5) * 2f64.powi(-52)
}

#[test]
fn on_bounded_skewed_data_it_covers_the_mean_more_often_than_students_interval() {
    // The cube of a uniform number has mean 1/4. 2,000 samples: a share near .94 has a standard error of .005.
    const SAMPLES: usize = 2_000;
    let mut uniform = uniforms();
    let (mut bootstrap, mut student) = (0, 0);
    for seed in 0..SAMPLES {
        let sample: Vec<f64> = (0..10).map(|_| uniform().powi(3)).collect();
        let resampling = Resampling { resamples: 1_000, seed: seed as u64 };
        let covers = |ci: Option<Interval>| usize::from(ci.unwrap().contains(0.25));
        bootstrap += covers(bootstrap_t(&sample, 0.95, resampling).unwrap());
        student += covers(mean_t(&sample, 0.95).unwrap().unwrap().ci);
    }
    let [bootstrap, student] = [bootstrap, student].map(|hits| hits as f64 / SAMPLES as f64);
    assert!((0.92..=0.975).contains(&bootstrap), "coverage {bootstrap}");
    assert!(student < bootstrap, "student {student}, bootstrap-t {bootstrap}");
}
