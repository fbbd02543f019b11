//! What the study says of its five arms, for sets with the client `as-described`.

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
