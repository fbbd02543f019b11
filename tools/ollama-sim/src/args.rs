//! The command line of `ollama-sim`.

use crate::fault::{self, Fault};
use crate::{Capacity, Config, LogTo, Profile};
use clap::{Parser, ValueEnum};
use std::net::SocketAddr;
use std::path::PathBuf;

/// Ollama's HTTP API with seeded tokens on absolute deadlines.
///
/// Prints one JSON line with its base URLs, serves until SIGTERM or SIGINT, then prints its report: how late
/// its own writes were. Every JSON object it sends ends with `sim_write_ns`, the monotonic time of the write.
/// A request without num_predict, or with one of 0 or less, gets the configured number of tokens; with
/// --length-spread a number around it, always the same for the same request.
#[derive(Debug, Parser)]
#[command(name = "ollama-sim", version)]
pub struct Args {
    /// Address to listen on; repeat for more ports; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
    pub listen: Vec<SocketAddr>,
    /// Pace, which the options below override
    #[arg(long, value_enum, default_value_t = Profile::Fast)]
    pub profile: Profile,
    /// Milliseconds from request to the earliest first token
    #[arg(long, value_name = "MS", value_parser = milliseconds)]
    pub ttft_ms: Option<u64>,
    /// Milliseconds between tokens
    #[arg(long, value_name = "MS", value_parser = milliseconds)]
    pub itl_ms: Option<u64>,
    /// Largest random delay of a token as a share of the gap, 0 to 0.5
    #[arg(long, value_name = "SHARE", value_parser = share)]
    pub jitter: Option<f64>,
    /// Response length when a request names none
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub tokens: Option<u32>,
    /// Share by which lengths spread around it when a request names none, 0 to 0.9
    #[arg(long, value_name = "SHARE", value_parser = spread)]
    pub length_spread: Option<f64>,
    /// What streams at once do to each other
    #[arg(long, value_enum, default_value_t = CapacityName::Independent)]
    pub capacity: CapacityName,
    /// Slowdown of two streams with --capacity shared; the study measured 2.6
    #[arg(long, value_name = "F", default_value_t = 2.6, value_parser = factor)]
    pub factor: f64,
    /// Model name that exists; repeat for more; others get 404
    #[arg(long, value_name = "NAME", default_value = "sim")]
    pub model: Vec<String>,
    /// Seed of text and schedule
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Tokens per write, each still its own HTTP chunk
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=4096))]
    pub coalesce: u32,
    /// Bytes of text in every token; natural text of many lengths when absent
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=4096))]
    pub token_bytes: Option<u32>,
    /// Leave out sim_write_ns: bytes exactly as Ollama's
    #[arg(long)]
    pub no_write_stamp: bool,
    /// CSV file that gets one line per stream: when its request came and when its tokens were written
    #[arg(long, value_name = "FILE")]
    pub log: Option<PathBuf>,
    /// Every token's write in that file too
    #[arg(long, requires = "log")]
    pub log_tokens: bool,
    /// What goes wrong: KIND[=VALUE][@CONDITION,…]; --help lists them
    #[arg(long = "fault", value_name = "SPEC", long_help = fault::help())]
    pub faults: Vec<Fault>,
    /// Receive SIGTERM when the parent's starting thread ends, so that a killed driver leaves no process
    #[arg(long)]
    pub exit_with_parent: bool,
}

/// Names of the capacity modes on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CapacityName {
    /// Every stream as if alone
    Independent,
    /// One GPU behind all ports
    Shared,
    /// One stream at a time per port, silent queue
    Serial,
}

impl Args {
    /// The configuration these arguments ask for.
    pub fn config(&self) -> Config {
        let mut pacing = self.profile.pacing();
        if let Some(ttft) = self.ttft_ms {
            pacing.ttft_ns = ttft;
        }
        if let Some(itl) = self.itl_ms {
            pacing.itl_ns = itl;
        }
        if let Some(jitter) = self.jitter {
            pacing.jitter = jitter;
        }
        if let Some(tokens) = self.tokens {
            pacing.tokens = tokens;
        }
        if let Some(spread) = self.length_spread {
            pacing.length_spread = spread;
        }
        Config {
            pacing,
            capacity: match self.capacity {
                CapacityName::Independent => Capacity::Independent,
                CapacityName::Shared => Capacity::Shared { factor: self.factor },
                CapacityName::Serial => Capacity::Serial,
            },
            models: self.model.clone(),
            seed: self.seed,
            coalesce: self.coalesce,
            token_bytes: self.token_bytes,
            write_stamp: !self.no_write_stamp,
            log: self.log.clone().map(|file| LogTo { file, tokens: self.log_tokens }),
            faults: self.faults.clone(),
        }
    }
}

/// Milliseconds as text to whole nanoseconds.
fn milliseconds(text: &str) -> Result<u64, String> {
    /// A day: longer is a slip of the unit.
    const MOST: f64 = 86_400_000.0;
    match text.parse::<f64>() {
        Ok(ms) if (0.0..=MOST).contains(&ms) => Ok((ms * 1e6).round() as u64),
        _ => Err("use milliseconds from 0 to 86400000, like 0.92".into()),
    }
}

fn share(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(share) if (0.0..=0.5).contains(&share) => Ok(share),
        _ => Err("use a share of the gap from 0 to 0.5".into()),
    }
}

fn spread(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(share) if (0.0..=0.9).contains(&share) => Ok(share),
        _ => Err("use a share of the length from 0 to 0.9".into()),
    }
}

fn factor(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(factor) if (1.0..=1000.0).contains(&factor) => Ok(factor),
        _ => Err("use a slowdown from 1 to 1000, like 2.6".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(args: &[&str]) -> Config {
        Args::try_parse_from(std::iter::once(&"ollama-sim").chain(args)).unwrap().config()
    }

    #[test]
    fn options_override_the_profile_and_leave_the_rest() {
        let config = config(&["--profile", "tr115", "--itl-ms", "0.5", "--capacity", "shared"]);
        assert_eq!(config.pacing.itl_ns, 500_000);
        assert_eq!(config.pacing.ttft_ns, Profile::Tr115.pacing().ttft_ns);
        assert_eq!(config.capacity, Capacity::Shared { factor: 2.6 });
    }

    #[test]
    fn lengths_spread_only_when_asked_to() {
        assert_eq!(config(&[]).pacing.length_spread, 0.0);
        assert_eq!(config(&["--length-spread", "0.9"]).pacing.length_spread, 0.9);
    }

    #[test]
    fn fast_is_the_study_ten_times_faster() {
        let (fast, study) = (Profile::Fast.pacing(), Profile::Tr115.pacing());
        assert_eq!((fast.ttft_ns * 10, fast.itl_ns * 10), (study.ttft_ns, study.itl_ns));
        assert!(Profile::Instant.pacing().is_instant());
    }

    #[test]
    fn values_out_of_range_are_refused() {
        for bad in [
            ["--jitter", "0.6"],
            ["--length-spread", "0.91"],
            ["--length-spread", "-0.1"],
            ["--length-spread", "NaN"],
            ["--itl-ms", "-1"],
            ["--factor", "0.9"],
            ["--tokens", "0"],
            ["--token-bytes", "0"],
            ["--token-bytes", "4097"],
            ["--ttft-ms", "NaN"],
        ] {
            assert!(Args::try_parse_from(["ollama-sim", bad[0], bad[1]]).is_err(), "{bad:?}");
        }
    }
}
