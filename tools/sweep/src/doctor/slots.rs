//! What servers do with two streams at once, measured: parallel slots of one server, one GPU behind two.

use super::Finding;
use super::stream::{Stream, TOKENS, stream};
use tandem_records::Api;

/// Alone and together by turns, so that a change of the machine hits both.
const ROUNDS: usize = 3;
/// Slowdown from which two servers count as sharing, and up to which they do not.
const SHARED: f64 = 1.3;
const APART: f64 = 1.1;

/// The measured findings; a server that does not stream is one of them.
pub(super) fn findings(urls: &[String], api: Api, model: &str) -> Vec<Finding> {
    let ask = |url: &str| stream(url, api, model);
    let mut found = Vec::new();
    for url in urls {
        // The first stream may load the model; it is not timed.
        if let Err(why) = ask(url) {
            found.push(Finding::problem(
                format!("stream of {url}"),
                format!("{TOKENS} tokens of {model} do not come: {why}"),
                "try it by hand (curl), or name another model",
            ));
        }
    }
    if !found.is_empty() {
        return found;
    }
    found.extend(urls.iter().map(|url| slots(url, &ask)));
    if let [a, b, ..] = urls {
        found.push(one_gpu(a, b, &ask));
    }
    found
}

type Ask<'a> = dyn Fn(&str) -> Result<Stream, String> + Sync + 'a;

fn together(a: &str, b: &str, ask: &Ask<'_>) -> Result<(Stream, Stream), String> {
    std::thread::scope(|scope| {
        let other = scope.spawn(|| ask(b));
        let one = ask(a);
        let other = other.join().map_err(|_| "the stream panicked".to_owned())?;
        Ok((one?, other?))
    })
}

fn slots(url: &str, ask: &Ask<'_>) -> Finding {
    let check = format!("parallel slots of {url}");
    match together(url, url, ask) {
        Err(why) => Finding::unknown(check, why),
        Ok((one, other)) if one.overlap(&other) > 0.5 => Finding::ok(check, "two streams at once"),
        Ok(_) => {
            Finding::ok(check, "one: a second stream waits for the first (OLLAMA_NUM_PARALLEL=2 gives two)")
        }
    }
}

fn one_gpu(a: &str, b: &str, ask: &Ask<'_>) -> Finding {
    let check = "one GPU behind both";
    let ratios = (0..ROUNDS).map(|_| round(a, b, ask)).collect::<Result<Vec<_>, _>>();
    match ratios {
        Err(why) => Finding::unknown(check, why),
        Ok(ratios) => judged(check, ratios),
    }
}

/// How much longer the gaps of both are together than alone: the smaller of the two, because both must slow down.
fn round(a: &str, b: &str, ask: &Ask<'_>) -> Result<f64, String> {
    let gap = |stream: Stream| stream.gap_s().ok_or_else(|| "too few tokens to time".to_owned());
    let alone = (gap(ask(a)?)?, gap(ask(b)?)?);
    let (of_a, of_b) = together(a, b, ask)?;
    Ok((gap(of_a)? / alone.0).min(gap(of_b)? / alone.1))
}

fn judged(check: &str, mut ratios: Vec<f64>) -> Finding {
    ratios.sort_by(f64::total_cmp);
    let (least, most) = (ratios[0], ratios[ratios.len() - 1]);
    let median = ratios[ratios.len() / 2];
    let seen = format!(
        "together both are slower by ×{median:.2} ({least:.2} to {most:.2} in {} rounds)",
        ratios.len()
    );
    if !median.is_finite() {
        Finding::unknown(check, "the tokens came too fast to be timed")
    } else if least >= SHARED {
        Finding::warning(
            check,
            format!("yes: {seen}"),
            "efficiency will show this sharing, not the runtimes: put each server on its own GPU (CUDA_VISIBLE_DEVICES), or compare runtimes on the simulators",
        )
    } else if most <= APART {
        Finding::ok(check, format!("no: {seen}"))
    } else {
        Finding::warning(check, format!("cannot tell: {seen}"), "look again on a quiet machine")
    }
}

#[cfg(test)]
mod tests {
    use super::super::State;
    use super::*;

    #[test]
    fn sharing_is_only_said_where_all_rounds_agree() {
        for (ratios, state, start) in [
            (vec![1.9, 1.7, 2.1], State::Warning, "yes: together both are slower by ×1.90 (1.70 to 2.10"),
            (vec![1.0, 0.98, 1.05], State::Ok, "no: "),
            (vec![1.0, 1.9, 2.0], State::Warning, "cannot tell: "),
            (vec![f64::NAN], State::Unknown, "the tokens came too fast"),
        ] {
            let finding = judged("x", ratios);
            assert!(finding.state == state && finding.seen.starts_with(start), "{finding:?}");
        }
    }
}
