//! What this run could see, and what it would take to see more.

use super::{escape, format, words};
use crate::analysis::{Analysis, Cell, Contrast, DETECTION, Families, Family};
use crate::stats::verdict::Verdict;

pub(super) fn section(analysis: &Analysis) -> String {
    let mut text = "## Power\n\n".to_owned();
    if analysis.families.of_efficiency() == 0 {
        return text + "No contrast of efficiency in this run.\n\n";
    }
    text += &explained(analysis);
    let titles = [
        "cell",
        "arm",
        "A/A sd, pp",
        "planned: detectable, pp",
        "complete blocks",
        "attained: detectable, pp",
        "half-width, pp",
        "more blocks to equivalence",
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
                pp(cell.control_sd),
                pp(contrast.power.planned),
                contrast.n.to_string(),
                pp(contrast.power.attained),
                contrast.smallest_visible().map_or_else(|| needs(cell), |half| pp(Some(half))),
                to_equivalence(contrast),
            ]);
        }
    }
    text + "\n"
}

/// What the columns mean.
fn explained(analysis: &Analysis) -> String {
    let blocks = format::plural(analysis.run.manifest.blocks as usize, "block");
    let detection = format::trimmed(DETECTION * 100.0);
    let margin = words::margin(analysis.settings.margin);
    format!(
        "{}\n\n\
         - *Planned*: the true difference that the {blocks} of the plan detect with probability {detection} %, by a paired t \
         test at that level, if the arm's differences vary like those of the baseline to itself (*A/A sd*, measured in this \
         cell).\n\
         - *Attained*: the same with the blocks that are complete and the standard deviation of the arm's own differences.\n\
         - *Half-width*: of the robust interval that the verdict rests on, the smallest difference that would have excluded 0.\n\
         - *More blocks to equivalence*: after about how many more the interval would lie inside {margin}, if the \
         estimate stayed; 0 where it does, – where the estimate itself lies outside, has no interval, or two blocks or more stand apart \
         from the rest, which more blocks would not mend.\n\n",
        families(analysis)
    )
}

/// Which intervals decide, and what they promise together.
pub(super) fn families(analysis: &Analysis) -> String {
    let Families { primary, others, open } = &analysis.families;
    let one = |family: &Family, of: &str| {
        let Family { contrasts, level, .. } = *family;
        (contrasts > 0).then(|| {
            format!("{} % over {} {of}", format::level(level), format::plural(contrasts, "comparison"))
        })
    };
    let chosen = match analysis.run.manifest.plan.primary_cell {
        Some(_) => "in the primary cell, which the plan names",
        None => "in the primary cell, chosen without a look at results because the plan names none",
    };
    let all = [
        one(primary, chosen),
        one(others, "in the other cells, a secondary family of their own"),
        one(open, "of open loops"),
    ];
    format!(
        "One interval decides in both directions, on a difference and on equivalence. Its level is that of a family: {}. The \
         families share 5 %, so at most one run in twenty claims anything false, of either kind.",
        all.into_iter().flatten().collect::<Vec<_>>().join("; ")
    )
}

fn needs(cell: &Cell) -> String {
    format!("needs >= {} blocks", cell.family.least_blocks)
}

fn to_equivalence(contrast: &Contrast) -> String {
    match contrast.power.to_equivalence {
        Some(0) => "0".to_owned(),
        Some(n) => format!("about {n}"),
        None if contrast.verdict == Verdict::Relevant => "– (relevant)".to_owned(),
        None => format::NONE.to_owned(),
    }
}
