//! What servers do with two streams at once, measured: parallel slots of one server, one GPU behind two.

use super::Finding;
use super::effort::{Effort, fitting};
use super::steps::Steps;
use crate::servers::{Failure, Question, Stream, count_slots};
use tandem_records::{Api, RequestOptions};

/// Slowdown from which two servers count as sharing, and up to which they do not.
const SHARED: f64 = 1.3;
const APART: f64 = 1.1;
/// Nothing makes two servers faster together than alone: below this the machine changed meanwhile.
const FASTER: f64 = 0.9;
/// Tokens of the first streams, which load the model and tell how fast it is.
const FIRST_TOKENS: u32 = 8;

/// The measured findings; a server that does not stream is one of them.
pub(super) fn findings(urls: &[String], api: Api, model: &str, steps: &Steps) -> Vec<Finding> {
    let ask = Ask { api, model, steps };
    let mut problems = Vec::new();
    let mut timed = Vec::new();
    for url in urls {
        steps.begin(&format!("first streams of {url}, longer where the model is loaded first"));
        // The first stream may load the model; the second tells how long the others will take.
        match ask.stream(url, FIRST_TOKENS, 0).and_then(|_| ask.stream(url, FIRST_TOKENS, 1)) {
            Ok(stream) => timed.push(stream),
            Err(why) => problems.push(Finding::problem(
                format!("stream of {url}"),
                format!("{FIRST_TOKENS} tokens of {model} do not come: {}", why.what),
                "try it by hand (curl), name another model, or give it more time (--limit-s)",
            )),
        }
    }
    if !problems.is_empty() {
        return problems;
    }
    let first_s = timed.iter().map(Stream::first_s).fold(0.0, f64::max);
    let gap_s = timed.iter().filter_map(Stream::gap_s).fold(0.0, f64::max);
    let Some(effort) = fitting(urls.len(), first_s, gap_s, steps.left()) else {
        let seen = format!(
            "{:.1} s for a first token and {gap_s:.2} s for each further one are too slow for the time that is left",
            first_s
        );
        return vec![Finding::unknown("streams at once", format!("{seen}; --limit-s gives more"))];
    };
    let mut found: Vec<Finding> = urls.iter().map(|url| slots(url, &ask, effort)).collect();
    if let [a, b, ..] = urls {
        found.push(one_gpu(a, b, &ask, effort));
    }
    found
}

/// How servers are asked.
struct Ask<'a> {
    api: Api,
    model: &'a str,
    steps: &'a Steps,
}

impl Ask<'_> {
    fn question(&self, url: &str, tokens: u32) -> Question {
        Question {
            url: url.to_string(),
            api: self.api,
            endpoint: self.api.usual_endpoint(),
            model: self.model.to_string(),
            options: RequestOptions::new(),
            leave_out: Vec::new(),
            limit: Some(tokens),
        }
    }

    fn stream(&self, url: &str, tokens: u32, number: u32) -> Result<Stream, Failure> {
        self.question(url, tokens).ask(number, self.steps.left(), |_| false)
    }

    fn together(&self, a: &str, b: &str, tokens: u32) -> Result<(Stream, Stream), String> {
        std::thread::scope(|scope| {
            let other = scope.spawn(|| self.stream(b, tokens, 1));
            let one = self.stream(a, tokens, 0);
            let other = other.join().map_err(|_| "the stream panicked".to_owned())?;
            let what = |failure: Failure| failure.to_string();
            Ok((one.map_err(what)?, other.map_err(what)?))
        })
    }
}

fn slots(url: &str, ask: &Ask<'_>, effort: Effort) -> Finding {
    let check = format!("parallel slots of {url}");
    ask.steps.begin(&format!("two streams at once of {url}"));
    match count_slots(&ask.question(url, effort.tokens), 2, ask.steps.left()) {
        Err(failure) => Finding::unknown(check, failure.to_string()),
        Ok(slots) if slots.streams > 1 => Finding::ok(check, "two streams at once"),
        Ok(_) => {
            let more = match ask.api {
                Api::Ollama => "OLLAMA_NUM_PARALLEL=2 gives two",
                Api::Openai => "the server's own options give more",
            };
            Finding::ok(check, format!("one: a second stream waits for the first ({more})"))
        }
    }
}

fn one_gpu(a: &str, b: &str, ask: &Ask<'_>, effort: Effort) -> Finding {
    let check = "one GPU behind both";
    let ratios = (1..=effort.rounds)
        .map(|number| {
            ask.steps.begin(&format!(
                "each server alone and both together, round {number} of {} with {} tokens",
                effort.rounds, effort.tokens
            ));
            round(a, b, ask, effort.tokens)
        })
        .collect::<Result<Vec<_>, _>>();
    match ratios {
        Err(why) => Finding::unknown(check, why),
        Ok(ratios) => judged(check, ratios),
    }
}

/// How much longer the gaps of both are together than alone: the smaller of the two, because both must slow down.
fn round(a: &str, b: &str, ask: &Ask<'_>, tokens: u32) -> Result<f64, String> {
    let gap = |stream: Stream| stream.gap_s().ok_or_else(|| "too few tokens to time".to_owned());
    let alone = |url: &str| ask.stream(url, tokens, 0).map_err(|failure| failure.to_string());
    let alone = (gap(alone(a)?)?, gap(alone(b)?)?);
    let (of_a, of_b) = ask.together(a, b, tokens)?;
    Ok((gap(of_a)? / alone.0).min(gap(of_b)? / alone.1))
}

fn judged(check: &str, mut ratios: Vec<f64>) -> Finding {
    ratios.sort_by(f64::total_cmp);
    let (Some(&least), Some(&most)) = (ratios.first(), ratios.last()) else {
        return Finding::unknown(check, "nothing was measured");
    };
    let median = ratios[ratios.len() / 2];
    let rounds = match ratios.len() {
        1 => "1 round".to_string(),
        rounds => format!("{rounds} rounds"),
    };
    let seen =
        format!("together gaps are ×{median:.2} as long as alone ({least:.2} to {most:.2} in {rounds})");
    if !(least.is_finite() && most.is_finite()) {
        Finding::unknown(check, "the tokens came too fast to be timed")
    } else if least >= SHARED {
        Finding::warning(
            check,
            format!("yes: {seen}"),
            "efficiency will show this sharing, not the runtimes: put each server on its own GPU (CUDA_VISIBLE_DEVICES), or compare runtimes on the simulators",
        )
    } else if least >= FASTER && most <= APART {
        Finding::ok(check, format!("no: {seen}"))
    } else {
        let why = if least < FASTER {
            "faster together than alone, so the machine changed meanwhile"
        } else {
            "the rounds do not agree"
        };
        Finding::unknown(check, format!("cannot tell: {seen}; {why}: look again on a quiet machine"))
    }
}

#[cfg(test)]
mod tests {
    use super::super::State;
    use super::*;

    #[test]
    fn sharing_is_only_said_where_all_rounds_agree() {
        for (ratios, state, start) in [
            (
                vec![1.9, 1.7, 2.1],
                State::Warning,
                "yes: together gaps are ×1.90 as long as alone (1.70 to 2.10",
            ),
            (vec![1.0, 0.98, 1.05], State::Ok, "no: "),
            (vec![1.0], State::Ok, "no: together gaps are ×1.00 as long as alone (1.00 to 1.00 in 1 round)"),
            (vec![1.0, 1.9, 2.0], State::Unknown, "cannot tell: "),
            (vec![1.2, 1.2, 1.2], State::Unknown, "cannot tell: "),
            // Both were printed as "no".
            (vec![0.0, 0.98, 1.05], State::Unknown, "cannot tell: "),
            (vec![0.8, 0.8, 0.8], State::Unknown, "cannot tell: "),
            (vec![f64::NAN], State::Unknown, "the tokens came too fast"),
            (vec![1.0, f64::INFINITY], State::Unknown, "the tokens came too fast"),
            (vec![], State::Unknown, "nothing was measured"),
        ] {
            let finding = judged("x", ratios);
            assert!(finding.state == state && finding.seen.starts_with(start), "{finding:?}");
        }
    }
}
