//! Clients of a set's arms, and how they read.

use super::super::described::study_client;
use super::super::{ClientChoice, SetFile};
use super::rules::{Checked, distinct, require};

pub(super) fn check_clients(set: &SetFile) -> Checked {
    require(!set.client.is_empty(), || "client: valid are hyper, lean, reqwest, as-described".into())?;
    distinct("client", set.client.iter())?;
    for arm in set.arms.iter().filter(|arm| !set.client_of.contains_key(*arm)) {
        if set.client.contains(&ClientChoice::AsDescribed) {
            study_client(arm).map_err(|study| {
                format!("client: as-described is known for the study's arms only ({study}); name hyper, lean or reqwest for {arm}")
            })?;
        }
    }
    for arm in set.client_of.keys() {
        require(set.arms.contains(arm), || {
            format!("client_of: {arm} is no arm of this set; its arms are {}", set.arms.join(", "))
        })?;
    }
    let reqwest_only = set.client.iter().all(|client| *client == ClientChoice::Reqwest)
        && !set.client_of.values().any(|client| client.keeps_receive_stamps());
    require(set.receive_stamps != Some(true) || !reqwest_only, || {
        "receive_stamps: reqwest keeps none; drop it or use hyper or lean as client".into()
    })?;
    let Some(caps) = &set.read_cap else { return Ok(()) };
    require(!caps.is_empty(), || "read_cap: at least one value is needed; 0 is uncapped".into())?;
    distinct("read_cap", caps.iter())?;
    require(!set.client.contains(&ClientChoice::AsDescribed), || {
        "read_cap: as-described fixes the read size; name hyper, lean or reqwest as client".into()
    })?;
    require(!set.client.contains(&ClientChoice::Reqwest) || caps.contains(&0), || {
        "read_cap: reqwest reads uncapped only; add 0 or drop reqwest".into()
    })?;
    let other = set.client_of.iter().find(|(_, client)| !client.has_read_cap());
    match other {
        Some((arm, client)) if caps.iter().any(|cap| *cap > 0) => {
            Err(format!("read_cap: {arm} uses {client} by client_of, which reads uncapped only; valid is 0"))
        }
        _ => Ok(()),
    }
}
