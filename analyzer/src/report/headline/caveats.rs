//! What else a reader has to know before believing the numbers, only where there is something.

use crate::analysis::{Analysis, Flagged};
use crate::report::{fingerprints, format, order, revisions, streams};

/// One line of plain text; none when every check passed.
pub fn caveats(analysis: &Analysis) -> Option<String> {
    let found = &analysis.consistency;
    let mut parts = Vec::new();
    let Flagged { flagged, of } = found.arms;
    if flagged > 0 {
        parts.push(format!("equal seeds gave different texts in {flagged} of {of} comparisons between arms"));
    }
    let Flagged { flagged, of } = found.digests;
    if flagged > 0 {
        parts.push(format!(
            "the servers gave another text together than alone in {flagged} of {}",
            format::plural(of, "request")
        ));
    }
    let Flagged { flagged, of } = found.prompt_eval;
    if flagged > 0 {
        parts.push(format!(
            "prompts took under 0.8 or over 1.25 times as long to evaluate together as alone for {flagged} of {}",
            format::plural(of, "agent")
        ));
    }
    if !parts.is_empty() {
        parts = vec![format!("{} (see Checks)", parts.join("; "))];
    }
    parts.extend(streams::caveats(analysis));
    parts.extend(fingerprints::caveat(analysis));
    parts.extend(
        order::found_over_the_run(analysis).into_iter().map(|found| format!("{found} (see Run order)")),
    );
    let revisions = revisions::warnings(&analysis.run.manifest);
    if !revisions.is_empty() {
        parts.push("the numbers cannot be tied to one clean source revision (see Provenance)".to_owned());
    }
    (!parts.is_empty()).then(|| format!("{}.", parts.join("; ")))
}
