//! The limit of open files, which is the limit of agents: each has a connection.

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use tandem_records::files_needed;

/// Raises the soft limit to the hard one. Shells start with 1024 for the sake of select(2), which nothing here uses.
pub(crate) fn raise_limit() {
    if let Ok((_, hard)) = getrlimit(Resource::RLIMIT_NOFILE) {
        // Where it is refused, the old limit stands and the check below says so.
        let _ = setrlimit(Resource::RLIMIT_NOFILE, hard, hard);
    }
}

/// Checks that so many agents can have their connections.
///
/// # Errors
/// The limit, the number of agents that fit, and the remedy.
pub(crate) fn check(agents: u32) -> Result<(), String> {
    let limit = getrlimit(Resource::RLIMIT_NOFILE).map_or(u64::MAX, |(soft, _)| soft);
    enough(agents, limit)
}

fn enough(agents: u32, limit: u64) -> Result<(), String> {
    let needed = files_needed(agents);
    if needed <= limit {
        return Ok(());
    }
    let fit = limit.saturating_sub(files_needed(0));
    Err(format!(
        "--agents {agents} needs {needed} open files, the limit is {limit}: {fit} agents fit; raise the hard limit (ulimit -Hn) or ask for fewer"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_names_the_number_that_fits() {
        assert_eq!(enough(10_000, 10_064), Ok(()));
        let refused = enough(10_000, 4_096).expect_err("too many");
        assert_eq!(
            refused,
            "--agents 10000 needs 10064 open files, the limit is 4096: 4032 agents fit; raise the hard limit (ulimit -Hn) or ask for fewer"
        );
        assert_eq!(enough(4_032, 4_096), Ok(()));
        assert!(enough(1, 10).expect_err("too many").contains(": 0 agents fit"));
    }

    #[test]
    fn the_soft_limit_becomes_the_hard_one() {
        raise_limit();
        let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE).expect("Linux has this limit");
        assert_eq!(soft, hard);
    }
}
