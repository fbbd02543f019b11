//! The command line of `ollama-sim`.

use crate::fault::{self, Fault};
use crate::options::go_duration;
use crate::{Capacity, Config, LogTo, Ollama, Profile};
use clap::error::ErrorKind;
use clap::{CommandFactory, Parser, ValueEnum};
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
    /// Milliseconds from request to the earliest first token; with --prompt-eval-ms from the read prompt
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
    /// Streams that a port serves at once; the others wait for the head of their response, as with Ollama's
    /// OLLAMA_NUM_PARALLEL; without a limit when absent
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=4096))]
    pub slots: Option<u32>,
    /// Milliseconds to read a prompt that its slot does not hold; a slot holds its last prompt, which takes a hundredth.
    /// The time to first token begins then. When absent, reading is a part of it
    #[arg(long, value_name = "MS", value_parser = milliseconds)]
    pub prompt_eval_ms: Option<u64>,
    /// Milliseconds to load a model that is not resident: at first, after an unload or a keep-alive's end, and for another
    /// num_ctx
    #[arg(long, value_name = "MS", default_value = "0", value_parser = milliseconds)]
    pub load_ms: u64,
    /// Milliseconds that every request waits for its runner though nothing is loaded, as on a busy machine:
    /// load_duration tells them, /api/ps does not
    #[arg(long, value_name = "MS", default_value = "0", value_parser = milliseconds)]
    pub false_load_ms: u64,
    /// How long a model stays resident after a request that does not say it, as Ollama's OLLAMA_KEEP_ALIVE: 5m, 0, -1s
    #[arg(long, value_name = "DURATION", default_value = "5m", value_parser = go_duration, allow_hyphen_values = true)]
    pub keep_alive: i64,
    /// Bytes that a resident model takes, as /api/ps tells them
    #[arg(long, value_name = "BYTES", default_value_t = 0)]
    pub size: u64,
    /// Bytes of these on a GPU: 0 is a model on the CPU
    #[arg(long, value_name = "BYTES", default_value_t = 0)]
    pub size_vram: u64,
    /// Tokens of every response that are thinking, from its first one on: part of its length. `think` and
    /// reasoning_effort turn it off. When absent, the models cannot think
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub thinking: Option<u32>,
    /// Ollama version whose bytes are written, where versions differ
    #[arg(long, value_enum, default_value_t = Ollama::V0_32_15)]
    pub ollama: Ollama,
    /// Model name that exists; repeat for more; others get 404
    #[arg(long, value_name = "NAME", default_value = "sim")]
    pub model: Vec<String>,
    /// Seed of text and schedule
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Tokens in one JSON object or event, whose text they share; it is written when the last of them is due
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=4096))]
    pub tokens_per_piece: u32,
    /// Objects or events per write, each still its own HTTP chunk
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
    /// The same as --slots 1: one stream at a time per port
    Serial,
}

impl Args {
    /// Checks what no argument tells alone.
    ///
    /// # Errors
    /// Arguments that contradict each other.
    pub fn check(self) -> Result<Args, clap::Error> {
        let wrong = |message| Err(Args::command().error(ErrorKind::ArgumentConflict, message));
        let serial = self.capacity == CapacityName::Serial;
        if serial && self.slots.is_some() {
            return wrong("--capacity serial is --slots 1; drop one of the two");
        }
        if self.prompt_eval_ms.is_some() && self.slots.is_none() && !serial {
            return wrong(
                "--prompt-eval-ms needs --slots N, which hold the prompts; Ollama's default is --slots 1",
            );
        }
        Ok(self)
    }

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
                CapacityName::Independent | CapacityName::Serial => Capacity::Independent,
                CapacityName::Shared => Capacity::Shared { factor: self.factor },
            },
            slots: if self.capacity == CapacityName::Serial { Some(1) } else { self.slots },
            prompt_eval_ns: self.prompt_eval_ms,
            load_ns: self.load_ms,
            false_load_ns: self.false_load_ms,
            keep_alive_ns: self.keep_alive,
            size_bytes: self.size,
            size_vram_bytes: self.size_vram,
            thinking: self.thinking,
            ollama: self.ollama,
            models: self.model.clone(),
            seed: self.seed,
            tokens_per_piece: self.tokens_per_piece,
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
    fn serial_is_one_slot() {
        assert_eq!(config(&["--capacity", "serial"]), config(&["--slots", "1"]));
        assert_eq!(config(&[]).slots, None);
    }

    #[test]
    fn what_contradicts_itself_is_refused_with_the_remedy() {
        let check =
            |args: &[&str]| Args::try_parse_from(std::iter::once(&"ollama-sim").chain(args)).unwrap().check();
        for (args, part) in [
            (["--capacity", "serial", "--slots", "2"].as_slice(), "drop one of the two"),
            (&["--prompt-eval-ms", "20"], "needs --slots N"),
        ] {
            let message = check(args).unwrap_err().to_string();
            assert!(message.contains(part), "{message}");
        }
        assert!(check(&["--capacity", "serial", "--prompt-eval-ms", "20"]).is_ok());
        assert!(check(&["--capacity", "shared", "--slots", "2", "--prompt-eval-ms", "20"]).is_ok());
    }

    #[test]
    fn a_keep_alive_is_one_of_gos_durations() {
        for (text, ns) in [("0", 0), ("1m30s", 90_000_000_000), ("-1s", -1_000_000_000)] {
            assert_eq!(config(&["--keep-alive", text]).keep_alive_ns, ns);
        }
        assert_eq!(config(&[]).keep_alive_ns, 300_000_000_000);
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
            ["--slots", "0"],
            ["--thinking", "0"],
            ["--tokens-per-piece", "0"],
            ["--prompt-eval-ms", "-1"],
            ["--keep-alive", "soon"],
            ["--ollama", "0.1"],
            ["--token-bytes", "0"],
            ["--token-bytes", "4097"],
            ["--ttft-ms", "NaN"],
        ] {
            assert!(Args::try_parse_from(["ollama-sim", bad[0], bad[1]]).is_err(), "{bad:?}");
        }
    }
}
