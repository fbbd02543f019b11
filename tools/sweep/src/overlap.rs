//! Windows of a trial on the machine's clock, and how many streams were open at once.

use tandem_records::{AgentRow, Phase, RequestRow};

/// From the first release to the last end of the measured phases; `None` when nothing was measured to its end.
pub fn measured_window(agents: &[AgentRow]) -> Option<(u64, u64)> {
    window(agents, |phase| phase != Phase::Warmup)
}

/// From the release to the last end of the concurrent phase.
pub fn concurrent_window(agents: &[AgentRow]) -> Option<(u64, u64)> {
    window(agents, |phase| phase == Phase::Concurrent)
}

fn window(agents: &[AgentRow], within: impl Fn(Phase) -> bool) -> Option<(u64, u64)> {
    let rows = || agents.iter().filter(|row| within(row.phase));
    let from = rows().map(|row| row.release_ns).min()?;
    let to = rows().filter_map(|row| row.end_ns).max()?;
    Some((from, to))
}

/// Most requests of the concurrent phase under way at once, from sending to the last byte. A request that ends
/// at the instant another begins does not overlap it. `None` without a complete request.
pub fn streams_open_max(requests: &[RequestRow]) -> Option<u32> {
    let mut changes: Vec<(u64, i32)> = Vec::new();
    for row in requests.iter().filter(|row| row.phase == Phase::Concurrent) {
        if let Some(e2e) = row.e2e_ns {
            changes.extend([(row.start_ns, 1), (row.start_ns + e2e, -1)]);
        }
    }
    changes.sort_unstable(); // at equal times ends (-1) come before starts (+1)
    let (mut open, mut most) = (0, 0);
    for (_, change) in &changes {
        open += change;
        most = most.max(open);
    }
    (!changes.is_empty()).then_some(most as u32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use tandem_records::{AgentRow, Role, SCHEMA_VERSION, Status};

    fn request(start_ns: u64, e2e_ns: Option<u64>) -> RequestRow {
        let agent = AgentRow {
            schema_version: SCHEMA_VERSION,
            run_id: "r".into(),
            trial: 0,
            attempt: 1,
            phase: Phase::Concurrent,
            agent: 0,
            role: Role::Collector,
            server: "http://127.0.0.1:1".into(),
            status: Status::Ok,
            release_ns: 0,
            start_ns: None,
            end_ns: None,
            local_ns: None,
            files_read: None,
            files_skipped: None,
            structured: None,
        };
        RequestRow { start_ns, e2e_ns, ..RequestRow::of(&agent, 0) }
    }

    #[test]
    fn touching_streams_do_not_overlap() {
        assert_eq!(streams_open_max(&[request(0, Some(10)), request(10, Some(10))]), Some(1));
        assert_eq!(
            streams_open_max(&[request(0, Some(11)), request(10, Some(10)), request(5, None)]),
            Some(2)
        );
        assert_eq!(streams_open_max(&[request(5, None)]), None);
    }

    proptest! {
        #[test]
        fn the_sweep_line_agrees_with_counting_at_every_start(spans in proptest::collection::vec((0u64..50, 1u64..30), 1..20)) {
            let rows: Vec<_> = spans.iter().map(|&(start, length)| request(start, Some(length))).collect();
            let counted = spans.iter().map(|&(at, _)| {
                spans.iter().filter(|&&(start, length)| start <= at && at < start + length).count() as u32
            });
            prop_assert_eq!(streams_open_max(&rows), counted.max());
        }
    }
}
