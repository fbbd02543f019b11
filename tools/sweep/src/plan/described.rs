//! What the study says of its five arms, for sets that leave client or read size to the arm.

use tandem_records::Client;

/// The study's arms with the client that it gave each.
const STUDY: &[(&str, Client)] = &[
    ("tokio-default", Client::Reqwest),
    ("tokio-localset", Client::Reqwest),
    ("async-std", Client::Reqwest),
    ("smol", Client::Reqwest),
    ("smol-1kb", Client::Hyper),
];

/// The client that the study gave this arm.
///
/// # Errors
/// The names of the study's arms, when this is none of them.
pub fn study_client(arm: &str) -> Result<Client, String> {
    STUDY
        .iter()
        .find(|(name, _)| *name == arm)
        .map(|(_, client)| *client)
        .ok_or_else(|| STUDY.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", "))
}

/// The read cap in bytes that an arm has on hyper when a set names none. It is written into plan.csv only:
/// the arm is not told, and the trial's row says what it really had.
pub fn default_read_cap(arm: &str, client: Client) -> u32 {
    if arm == "smol-1kb" && client == Client::Hyper { 1024 } else { 0 }
}

/// True where an arm is known to lack this client.
pub(crate) fn lacks(arm: &str, client: Client) -> bool {
    arm == "smol-1kb" && client == Client::Reqwest
}
