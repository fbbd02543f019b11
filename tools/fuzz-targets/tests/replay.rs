//! Every target on its seeds and on changed ones: the same changes on every machine.

use fuzz_targets::TARGETS;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Bytes that parsers trip over.
const AWKWARD: &[&[u8]] = &[
    b"\n",
    b"\r",
    b"\r\n",
    b"\n\ndata: ",
    b"event: error\n",
    b"data: [DONE]\n\n",
    b"\xef\xbb\xbf",
    b"\0",
    b"\"",
    b"\\",
    b"\\u00",
    b"{",
    b"}",
    b",",
    b"-1",
    b"99999999999999999999",
    b"1e999",
    b"NaN",
    b"\xff",
    b"\xe2\x80\xae",
    b"<script>",
];

fn changed(seeds: &[Vec<u8>], random: &mut ChaCha8Rng) -> Vec<u8> {
    let mut bytes = seeds[random.random_range(0..seeds.len())].clone();
    for _ in 0..random.random_range(1..6) {
        let at = random.random_range(0..=bytes.len());
        match random.random_range(0..6) {
            0 if at < bytes.len() => bytes[at] ^= 1 << random.random_range(0..8),
            1 => bytes.truncate(at),
            2 => {
                let to = (at + random.random_range(0..40)).min(bytes.len());
                bytes.drain(at..to);
            }
            3 => {
                let to = (at + random.random_range(0..40)).min(bytes.len());
                let again = bytes[at..to].to_vec();
                bytes.splice(at..at, again);
            }
            4 => {
                let other = &seeds[random.random_range(0..seeds.len())];
                let from = random.random_range(0..=other.len());
                bytes.truncate(at);
                bytes.extend_from_slice(&other[from..]);
            }
            _ => {
                let piece = AWKWARD[random.random_range(0..AWKWARD.len())];
                bytes.splice(at..at, piece.iter().copied());
            }
        }
    }
    bytes
}

fn replay(name: &str) {
    let target = fuzz_targets::target(name);
    let seeds = (target.seeds)();
    assert!(!seeds.is_empty());
    seeds.iter().chain(&fuzz_targets::regressions(name)).for_each(|input| (target.run)(input));
    let mut random = ChaCha8Rng::seed_from_u64(115);
    for number in 0..target.tries {
        let input = changed(&seeds, &mut random);
        let run = std::panic::catch_unwind(|| (target.run)(&input));
        assert!(
            run.is_ok(),
            "{name}, change {number}: {:?}",
            String::from_utf8_lossy(&input[..input.len().min(3000)])
        );
    }
}

macro_rules! replays {
    ($($name:ident),+ $(,)?) => {
        $(#[test] fn $name() { replay(stringify!($name)); })+

        #[test]
        fn every_target_is_replayed_here_and_has_a_binary_for_libfuzzer() {
            let here = [$(stringify!($name)),+];
            let names: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
            assert_eq!(names, here);
            for name in names {
                let file = format!("{}/../../fuzz/fuzz_targets/{name}.rs", env!("CARGO_MANIFEST_DIR"));
                let text = std::fs::read_to_string(&file).unwrap_or_else(|e| panic!("{file}: {e}"));
                assert!(text.contains(&format!("target(\"{name}\")")), "{file}");
            }
        }
    };
}

replays!(ndjson, sse, chunked, head, plan, fault, manifest, trials_csv, any_csv, study_csv, token_stamps);
