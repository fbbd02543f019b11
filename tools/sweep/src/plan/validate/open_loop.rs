//! When the requests of a set start by a schedule of their own.

use super::super::SetFile;
use super::rules::{Checked, distinct, require};
use tandem_records::{Client, RATES_PER_S, Workload};

pub(super) fn check_rate(set: &SetFile) -> Checked {
    let Some(rates) = &set.rate else {
        return require(set.arrivals.is_none(), || {
            "arrivals: needs a rate, in requests per second; add rate or drop it".into()
        });
    };
    require(!rates.is_empty(), || "rate: at least one value is needed, in requests per second".into())?;
    distinct("rate", rates.iter().map(f64::to_string))?;
    for rate in rates.iter() {
        require(RATES_PER_S.contains(rate), || {
            let (least, most) = (RATES_PER_S.start(), RATES_PER_S.end());
            format!("rate: {rate}; valid are {least} to {most} requests per second")
        })?;
    }
    require(set.workload != Workload::Report, || {
        "rate: starts one request an agent, and workload report makes two; valid are stream and flood".into()
    })?;
    let closed = set.client_of.iter().find(|(_, client)| **client == Client::Httpx);
    closed.map_or(Ok(()), |(arm, _)| {
        Err(format!("rate: {arm} knows no open loop; take it out of this set's arms"))
    })
}
