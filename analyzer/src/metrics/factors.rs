//! Efficiency and its exact factorisation.

/// What one trial says of running agents together. All are fractions without unit.
///
/// With S_i the duration of agent i alone, C_i the same with all others, W the makespan (last end minus
/// release) and n agents. Source of the factorisation: the definitions multiply out, see [`factorise`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Factors {
    /// sum S / W.
    pub speedup: f64,
    /// E = speedup / n. May exceed 1 and is never clamped.
    pub efficiency: f64,
    /// sum S / (n max S): the ceiling that unequal work sets.
    pub balance: f64,
    /// max C / W: agents that wait for each other in the client lower it.
    pub overlap: f64,
    /// max S / max C: servers or clients that slow each other lower it.
    pub isolation: f64,
    /// sum C / (n W): the published study's number, which never looks at a solo run.
    pub ratio_tr115: f64,
    /// Mean of C_i / S_i (average normalised turnaround time).
    pub antt: f64,
    /// Largest C_i / S_i.
    pub slowdown_max: f64,
}

/// Factors of a trial from durations in one unit: `solo[i]` and `concurrent[i]` of agent i, and the makespan.
///
/// E = balance x overlap x isolation = (sum S / (n max S)) (max C / W) (max S / max C) = sum S / (n W),
/// in every trial, up to rounding. None where a duration is missing, zero or not finite: then no factor exists.
pub fn factorise(solo: &[f64], concurrent: &[f64], makespan: f64) -> Option<Factors> {
    let sound = |v: &f64| v.is_finite() && *v > 0.0;
    if solo.is_empty() || solo.len() != concurrent.len() {
        return None;
    }
    if !solo.iter().chain(concurrent).chain([&makespan]).all(sound) {
        return None;
    }
    let n = solo.len() as f64;
    let sum_s: f64 = solo.iter().sum();
    let sum_c: f64 = concurrent.iter().sum();
    let max_s = solo.iter().copied().fold(0.0, f64::max);
    let max_c = concurrent.iter().copied().fold(0.0, f64::max);
    let slowdowns = || solo.iter().zip(concurrent).map(|(s, c)| c / s);
    let speedup = sum_s / makespan;
    Some(Factors {
        speedup,
        efficiency: speedup / n,
        balance: sum_s / (n * max_s),
        overlap: max_c / makespan,
        isolation: max_s / max_c,
        ratio_tr115: sum_c / (n * makespan),
        antt: slowdowns().sum::<f64>() / n,
        slowdown_max: slowdowns().fold(0.0, f64::max),
    })
}
