//! What servers do with two streams at once, measured: parallel slots of one server, one GPU behind two.

use super::Finding;
use super::effort::{Effort, fitting};
use super::servers::on_cpus_here;
use super::steps::Steps;
use crate::servers::{Facts, Failure, Question, Stream, count_slots, fitted};
use tandem_records::{Api, RequestOptions};

/// Slowdown from which two servers count as sharing, and up to which they do not.
const SHARED: f64 = 1.3;
const APART: f64 = 1.1;
/// Nothing makes two servers faster together than alone: below this the machine changed meanwhile.
const FASTER: f64 = 0.9;
/// What sharing means, and what to do about it.
const ON_ONE_GPU: &str = "efficiency will show this sharing, not the runtimes: put each server on its own GPU (CUDA_VISIBLE_DEVICES), or compare runtimes on the simulators";
pub(super) const ON_CPUS: &str = "efficiency will show this sharing, not the runtimes: use a GPU for each server, other machines, or compare runtimes on the simulators";
/// Tokens of the first streams, which load the model and tell how fast it is.
const FIRST_TOKENS: u32 = 8;

/// The measured findings; a server that does not stream is one of them.
pub(super) fn findings(there: &[Facts], model: &str, steps: &Steps) -> Vec<Finding> {
    let mut asks = Vec::new();
    let mut timed = Vec::new();
    let mut found = Vec::new();
    for facts in there {
        steps.begin(&format!("first streams of {}, longer where the model is loaded first", facts.url));
        let check = format!("stream of {}", facts.url);
        // The first stream may load the model; the second tells how long the others will take.
        let question = question(facts, model);
        let first = fitted(facts, question, |question| question.ask(0, steps.left(), |_| false));
        let both = first.map_err(|error| error.to_string()).and_then(|fitted| {
            let ask = Ask { question: fitted.question, steps };
            let second = ask.stream(FIRST_TOKENS, 1).map_err(|failure| failure.to_string())?;
            Ok((ask, second, fitted.notes))
        });
        match both {
            Ok((ask, second, notes)) => {
                found.extend(notes.into_iter().map(|note| {
                    Finding::warning(
                        &check,
                        note,
                        "a sweep does without it, too, or says what its trials need",
                    )
                }));
                asks.push(ask);
                timed.push(second);
            }
            Err(why) => found.push(Finding::problem(
                &check,
                why,
                "try it by hand (curl), name another model, or give it more time (--limit-s)",
            )),
        }
    }
    if asks.len() < there.len() {
        return found;
    }
    let first_s = timed.iter().map(Stream::first_s).fold(0.0, f64::max);
    let gap_s = timed.iter().filter_map(Stream::gap_s).fold(0.0, f64::max);
    let Some(effort) = fitting(asks.len(), first_s, gap_s, steps.left()) else {
        found.push(Finding::unknown(
            "streams at once",
            format!(
                "not looked at: {first_s:.1} s for a first token and {gap_s:.2} s for each further one do not fit into the time \
                 that is left; --limit-s gives more"
            ),
        ));
        return found;
    };
    found.extend(asks.iter().map(|ask| slots(ask, effort)));
    if let [a, b, ..] = asks.as_slice() {
        let are_on_cpus = on_cpus_here(there, model).len() > 1;
        found.push(one_gpu(a, b, effort, are_on_cpus));
    }
    found
}

fn question(facts: &Facts, model: &str) -> Question {
    Question {
        url: facts.url.clone(),
        api: facts.api,
        endpoint: facts.api.usual_endpoint(),
        model: model.to_string(),
        options: RequestOptions::new(),
        leave_out: Vec::new(),
        limit: Some(FIRST_TOKENS),
    }
}

/// How a server is asked.
struct Ask<'a> {
    question: Question,
    steps: &'a Steps,
}

impl Ask<'_> {
    fn of(&self, tokens: u32) -> Question {
        Question { limit: Some(tokens), ..self.question.clone() }
    }

    fn stream(&self, tokens: u32, number: u32) -> Result<Stream, Failure> {
        self.of(tokens).ask(number, self.steps.left(), |_| false)
    }
}

fn together(a: &Ask<'_>, b: &Ask<'_>, tokens: u32) -> Result<(Stream, Stream), String> {
    std::thread::scope(|scope| {
        let other = scope.spawn(|| b.stream(tokens, 1));
        let one = a.stream(tokens, 0);
        let other = other.join().map_err(|_| "the stream panicked".to_owned())?;
        let what = |failure: Failure| failure.to_string();
        Ok((one.map_err(what)?, other.map_err(what)?))
    })
}

fn slots(ask: &Ask<'_>, effort: Effort) -> Finding {
    let Question { url, api, .. } = &ask.question;
    let check = format!("parallel slots of {url}");
    ask.steps.begin(&format!("two streams at once of {url}"));
    match count_slots(&ask.of(effort.tokens), 2, ask.steps.left(), || false) {
        Err(failure) => Finding::unknown(check, failure.to_string()),
        Ok(slots) if slots.streams > 1 => Finding::ok(check, "two streams at once"),
        Ok(_) => {
            let more = match api {
                Api::Ollama => "OLLAMA_NUM_PARALLEL=2 gives two",
                Api::Openai => "the server's own options give more",
            };
            Finding::ok(check, format!("one: a second stream waits for the first ({more})"))
        }
    }
}

fn one_gpu(a: &Ask<'_>, b: &Ask<'_>, effort: Effort, are_on_cpus: bool) -> Finding {
    let check = "one GPU behind both";
    let ratios = (1..=effort.rounds)
        .map(|number| {
            a.steps.begin(&format!(
                "each server alone and both together, round {number} of {} with {} tokens",
                effort.rounds, effort.tokens
            ));
            round(a, b, effort.tokens)
        })
        .collect::<Result<Vec<_>, _>>();
    match ratios {
        Err(why) => Finding::unknown(check, why),
        Ok(ratios) => judged(check, ratios, are_on_cpus),
    }
}

/// How much longer the gaps of both are together than alone: the smaller of the two, because both must slow down.
fn round(a: &Ask<'_>, b: &Ask<'_>, tokens: u32) -> Result<f64, String> {
    let gap = |stream: Stream| stream.gap_s().ok_or_else(|| "too few tokens to time".to_owned());
    let alone = |ask: &Ask<'_>| ask.stream(tokens, 0).map_err(|failure| failure.to_string());
    let alone = (gap(alone(a)?)?, gap(alone(b)?)?);
    let (of_a, of_b) = together(a, b, tokens)?;
    Ok((gap(of_a)? / alone.0).min(gap(of_b)? / alone.1))
}

fn judged(check: &str, mut ratios: Vec<f64>, are_on_cpus: bool) -> Finding {
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
            format!("{}: {seen}", if are_on_cpus { "they share CPUs, not a GPU" } else { "yes" }),
            if are_on_cpus { ON_CPUS } else { ON_ONE_GPU },
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
            let finding = judged("x", ratios, false);
            assert!(finding.state == state && finding.seen.starts_with(start), "{finding:?}");
        }
    }
}
