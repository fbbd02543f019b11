//! The tests over all groups.

use super::super::object::Object;
use crate::report::format;

/// Below this many values a group, chi-squared is a poor likeness of the distribution of H.
const LEAST_N_OF_KRUSKAL: usize = 5;

/// `all groups: Welch F(2, 43.6) = 1.23, p = 0.30`, one line per design; nothing where two groups say it all.
pub(super) fn lines(object: &Object) -> String {
    if object.groups.len() < 3 {
        return String::new();
    }
    let omnibus = &object.omnibus;
    let mut tests = Vec::new();
    let f = |name: &str, f: Option<f64>, df1: Option<f64>, df2: Option<f64>, p: Option<f64>| {
        let (f, df1, df2, p) = (f?, df1?, df2?, p?);
        let (f, df2) = (format::significant(f), format::trimmed((df2 * 10.0).round() / 10.0));
        Some(format!("{name} F({}, {df2}) = {f}, p {}", format::trimmed(df1), equals(p)))
    };
    let chi = |name: &str, value: Option<f64>, df: Option<f64>, p: Option<f64>| {
        let (value, df, p) = (format::significant(value?), format::trimmed(df?), p?);
        Some(format!("{name}({df}) = {value}, p {}", equals(p)))
    };
    let welch = &omnibus.welch_anova;
    tests.push(f("Welch", welch.f, welch.df1, welch.df2, welch.p));
    let kruskal = &omnibus.kruskal_wallis;
    tests.push(if object.groups.iter().any(|(_, group)| group.n < LEAST_N_OF_KRUSKAL) {
        Some(format!("Kruskal-Wallis needs >= {LEAST_N_OF_KRUSKAL} per group"))
    } else {
        chi("Kruskal-Wallis H", kruskal.h, kruskal.df, kruskal.p)
    });
    if let Some(rcbd) = &omnibus.rcbd {
        tests.push(f("within blocks", rcbd.f, rcbd.df1, rcbd.df2, rcbd.p));
    }
    if let Some(friedman) = &omnibus.friedman {
        let df = (object.groups.len() - 1) as f64;
        tests.push(chi("Friedman chi-squared", friedman.chi2, Some(df), friedman.p));
    }
    let tests: Vec<String> = tests.into_iter().flatten().collect();
    if tests.is_empty() { String::new() } else { format!("\n  all groups: {}\n", tests.join("; ")) }
}

fn equals(p: f64) -> String {
    let p = format::p_value(p);
    if p.starts_with('<') { p } else { format!("= {p}") }
}
