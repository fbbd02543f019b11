//! Faults: what a server that dies, stalls or lies does to its clients, on demand and reproducibly.
//!
//! A fault is `KIND[=VALUE][@CONDITION,…]`: what goes wrong ([`Kind`]) and for which requests ([`When`]). Without any
//! nothing of this is on a stream's path but one look at an empty option per write.

mod answers;
mod endless;
mod kind;
mod ledger;
mod struck;
mod when;
mod writes;

pub(crate) use answers::Instead;
pub use kind::Kind;
pub(crate) use ledger::Faults;
pub(crate) use struck::{After, Struck};
pub use when::When;

use serde::Deserialize;
use std::fmt::{self, Display};
use std::str::FromStr;

/// One fault.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(try_from = "String")]
pub struct Fault {
    /// What goes wrong.
    pub kind: Kind,
    /// The kind's number, where it has one.
    pub value: Option<u64>,
    /// Which requests it strikes.
    pub when: When,
}

impl FromStr for Fault {
    type Err = String;

    fn from_str(spec: &str) -> Result<Fault, String> {
        let (what, when) = spec.split_once('@').map_or((spec, ""), |(what, when)| (what, when));
        let (name, value) = what.split_once('=').map_or((what, None), |(name, value)| (name, Some(value)));
        let kind = Kind::named(name)?;
        let value = value.map(|text| kind.read_value(text)).transpose()?.or(kind.default_value());
        Ok(Fault { kind, value, when: When::read(when)? })
    }
}

impl TryFrom<String> for Fault {
    type Error = String;

    fn try_from(spec: String) -> Result<Fault, String> {
        spec.parse()
    }
}

impl Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.name())?;
        if let Some(value) = self.value {
            write!(f, "={value}")?;
        }
        self.when.fmt(f)
    }
}

/// Kinds and conditions, for `--help`.
pub fn help() -> String {
    let mut text = String::from(
        "A fault, KIND[=VALUE][@CONDITION,…]; repeat for more, the first that fits strikes\n\nKinds:\n",
    );
    for kind in Kind::ALL {
        text += &format!("  {:<18} {}\n", kind.usage(), kind.meaning());
    }
    text += "\nConditions, all of which must hold; without any every request is struck:\n";
    for (usage, meaning) in when::CONDITIONS {
        text += &format!("  {usage:<18} {meaning}\n");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_wrong_fault_is_refused_with_what_would_be_right() {
        for (spec, part) in [
            ("melt", "no fault is called \"melt\"; kinds: refuse, slow-headers, "),
            ("reset=3", "reset takes no value"),
            ("pause=soon", "pause=soon: use a whole number of milliseconds"),
            (
                "reset@moon=1",
                "no condition is called \"moon\"; conditions: request, token, p, from, until, port",
            ),
            ("reset@p=2", "p=2: use a share from 0 to 1"),
            ("reset@request=0", "request=0: use a whole number from 1"),
            ("reset@from=9,until=3", "from=9 is not before until=3"),
        ] {
            let error = spec.parse::<Fault>().unwrap_err();
            assert!(error.starts_with(part), "{spec}: {error}");
        }
    }

    proptest! {
        #[test]
        fn what_is_printed_reads_back(
            kind in prop::sample::select(Kind::ALL.to_vec()),
            value in 1u64..1_000_000,
            request in prop::option::of(1u64..1000),
            token in prop::option::of(0u32..1000),
            share in prop::option::of(0.0f64..=1.0),
            from_ms in prop::option::of(0u64..500),
            until_ms in prop::option::of(500u64..9999),
            port in prop::option::of(0usize..9),
        ) {
            let value = kind.takes_value().then_some(value);
            let fault = Fault { kind, value, when: When { request, token, share, from_ms, until_ms, port } };
            prop_assert_eq!(fault.to_string().parse::<Fault>(), Ok(fault));
        }
    }
}
