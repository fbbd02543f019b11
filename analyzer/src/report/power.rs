//! What this run could see, and what it would take to see more.

use super::{escape, format, words};
use crate::analysis::Analysis;

pub(super) fn section(analysis: &Analysis) -> String {
    let mut text = "## Power\n\n".to_owned();
    if analysis.family == 0 {
        return text + "No contrast of efficiency in this run.\n\n";
    }
    let titles = [
        "cell",
        "arm",
        "blocks",
        "half-width of the interval, pp",
        "detectable with probability 0.8, pp",
        "more blocks to settle it",
    ];
    text += &words::head(&titles, 2);
    let pp = |fraction: Option<f64>| {
        fraction
            .map_or(format::NONE.to_owned(), |f| format::fixed(f * 100.0, format::decimals_for(f * 100.0)))
    };
    for cell in &analysis.cells {
        for contrast in &cell.contrasts {
            text += &words::row(&[
                escape::markdown(&cell.name),
                escape::markdown(&contrast.arm),
                contrast.n.to_string(),
                pp(contrast.smallest_visible()),
                pp(contrast.mean.detectable),
                contrast.more_blocks.map_or(format::NONE.to_owned(), |n| format!("about {n}")),
            ]);
        }
    }
    text + &format!(
        "\nIntervals against the baseline are at {} %: 1 - .05/{} over the {} of efficiency in this run. \
         Detectable: paired t at .05, one contrast alone. Each equivalence rests on its own 90 % interval.\n\n",
        format::level(analysis.level),
        analysis.family,
        format::plural(analysis.family, "contrast"),
    )
}
