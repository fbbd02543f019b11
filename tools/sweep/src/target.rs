//! What a run measures against: simulators of its own, or servers that are already there.

use crate::address::{addresses, authority, is_one_server};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use tandem_records::{Api, ServerKind};

/// Where `--servers ollama` looks: two Ollama servers, as the study ran them.
pub const OLLAMA_URLS: [&str; 2] = ["http://127.0.0.1:11434", "http://127.0.0.1:11435"];
/// Model name of the simulators when none is named.
pub const SIM_MODEL: &str = "sim";
/// Simulator ports when a set names no number.
const SIM_SERVERS: u32 = 2;

/// What a run measures against.
#[derive(Debug, Clone, PartialEq)]
pub enum Target {
    /// Simulators that the driver starts.
    Sim {
        /// Dialect that overrides the plan's.
        api: Option<Api>,
    },
    /// Servers that run already.
    Real {
        /// Base URLs.
        urls: Vec<String>,
        /// Dialect that overrides the plan's.
        api: Option<Api>,
    },
}

impl Target {
    /// Reads the value of `--servers`.
    ///
    /// # Errors
    /// Neither `sim`, `ollama` nor a list of base URLs, or a URL that stands there twice; the message lists what
    /// is valid.
    pub fn parse(servers: &str, api: Option<Api>) -> Result<Target, String> {
        match servers {
            "sim" => Ok(Target::Sim { api }),
            "ollama" => Ok(Target::Real { urls: OLLAMA_URLS.map(String::from).to_vec(), api }),
            list => {
                let urls = list.split(',').map(|url| base_url(url.trim())).collect::<Result<Vec<_>, _>>()?;
                named_once(&urls)?;
                Ok(Target::Real { urls, api })
            }
        }
    }

    /// Whether the servers ran before.
    pub fn is_real(&self) -> bool {
        matches!(self, Target::Real { .. })
    }

    /// Servers of a set that asks for `wanted`.
    ///
    /// # Errors
    /// More are wanted than were given.
    pub fn server_count(&self, wanted: Option<u32>) -> Result<u32, String> {
        match self {
            Target::Sim { .. } => Ok(wanted.unwrap_or(SIM_SERVERS)),
            Target::Real { urls, .. } => {
                let given = urls.len() as u32;
                let wanted = wanted.unwrap_or(given);
                if wanted <= given {
                    return Ok(wanted);
                }
                Err(format!(
                    "servers: needs {wanted}, --servers gives {given}; add URLs, separated by commas"
                ))
            }
        }
    }

    /// Dialect of a set that asks for `wanted`.
    pub fn api(&self, wanted: Option<Api>) -> Api {
        let (Target::Sim { api } | Target::Real { api, .. }) = self;
        api.or(wanted).unwrap_or(Api::Ollama)
    }

    /// Kind of the servers when this dialect is spoken to them.
    pub fn kind(&self, api: Api) -> ServerKind {
        match (self, api) {
            (Target::Sim { .. }, _) => ServerKind::Sim,
            (Target::Real { .. }, Api::Ollama) => ServerKind::Ollama,
            (Target::Real { .. }, Api::Openai) => ServerKind::Openai,
        }
    }

    /// Servers that are not on loopback.
    pub fn beyond_loopback(&self) -> Vec<&str> {
        let Target::Real { urls, .. } = self else { return Vec::new() };
        let is_far = |url: &&str| addresses(url).iter().any(|address| !address.ip().is_loopback());
        urls.iter().map(String::as_str).filter(is_far).collect()
    }

    /// The value of `--servers` that gives this target.
    pub fn as_argument(&self) -> String {
        match self {
            Target::Sim { .. } => "sim".to_string(),
            Target::Real { urls, .. } if *urls == OLLAMA_URLS => "ollama".to_string(),
            Target::Real { urls, .. } => urls.join(","),
        }
    }
}

/// A server is one however often and by whatever name it is named: rows and arms would count it differently.
fn named_once(urls: &[String]) -> Result<(), String> {
    for (at, url) in urls.iter().enumerate() {
        if let Some(first) = urls[..at].iter().find(|first| is_one_server(first, url)) {
            let before = if authority(first).eq_ignore_ascii_case(&authority(url)) {
                String::new()
            } else {
                format!(", before as {first}")
            };
            return Err(format!("server {url} is named twice{before}; name it once: agents share it"));
        }
    }
    Ok(())
}

/// A base URL without a trailing slash: plain HTTP to a host that is not somewhere on the internet.
fn base_url(url: &str) -> Result<String, String> {
    let wrong = |why: &str| {
        format!("--servers: {url:?} {why}; valid are sim, ollama, or URLs like http://127.0.0.1:11434")
    };
    let named = url.strip_prefix("http://").ok_or_else(|| wrong("is no http:// URL"))?.trim_end_matches('/');
    if named.is_empty() || named.contains(['/', '?', '#', '@']) {
        return Err(wrong("must be a host and a port only"));
    }
    let address = authority(url);
    let port = address.rsplit(':').next().unwrap_or_default();
    port.parse::<u16>().map_err(|_| wrong("has no valid port"))?;
    // A name that does not resolve is left to the server check, which says so with its remedy.
    for ip in addresses(url).iter().map(|address| address.ip().to_canonical()) {
        if is_of_cloud_metadata(ip) {
            return Err(wrong(&format!(
                "is {ip}, an address of the kind that cloud metadata services have, and no model server"
            )));
        }
        if !is_local(ip) {
            return Err(wrong(&format!("is {ip}, outside loopback and local networks")));
        }
    }
    Ok(format!("http://{named}"))
}

/// An address in its canonical form: an IPv4 address that is written as one of IPv6 is judged as what it is.
fn is_local(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.is_loopback() || ip.is_private() || shared_range(ip.octets()),
        IpAddr::V6(ip) => ip.is_loopback() || ip.is_unique_local(),
    }
}

/// The addresses at which a cloud machine is told its credentials: link-local ones (169.254.0.0/16, fe80::/10), where no model server is, and
/// two in ranges of private networks (AWS, Alibaba Cloud).
fn is_of_cloud_metadata(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.is_link_local() || ip == Ipv4Addr::new(100, 100, 100, 200),
        IpAddr::V6(ip) => {
            ip.is_unicast_link_local() || ip == Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254)
        }
    }
}

/// 100.64.0.0/10 (RFC 6598), which private overlay networks use.
fn shared_range(octets: [u8; 4]) -> bool {
    octets[0] == 100 && (64..128).contains(&octets[1])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_are_sim_ollama_or_local_urls() {
        assert_eq!(Target::parse("ollama", None).unwrap().as_argument(), "ollama");
        let two = Target::parse("http://127.0.0.1:1/, http://192.168.1.2:8080", None).unwrap();
        assert_eq!(two.as_argument(), "http://127.0.0.1:1,http://192.168.1.2:8080");
        assert_eq!(two.beyond_loopback(), ["http://192.168.1.2:8080"]);
        for (wrong, why) in [
            ("simulator", "no http:// URL"),
            ("https://127.0.0.1:1", "no http:// URL"),
            ("http://127.0.0.1:99999", "no valid port"),
            ("http://127.0.0.1:1/api", "host and a port only"),
            ("http://8.8.8.8:80", "outside loopback"),
            ("http://[::ffff:8.8.8.8]:80", "is 8.8.8.8, outside loopback"),
            ("http://0.0.0.0:80", "outside loopback"),
            ("http://169.254.169.254", "is 169.254.169.254, an address of the kind"),
            ("http://169.254.0.1:11434", "cloud metadata"),
            ("http://[::ffff:169.254.169.254]:80", "is 169.254.169.254, an address of the kind"),
            ("http://[::ffff:a9fe:a9fe]:80", "is 169.254.169.254, an address of the kind"),
            ("http://[fe80::1]:80", "cloud metadata"),
            ("http://[febf::1]:80", "cloud metadata"),
            ("http://[fd00:ec2::254]:80", "cloud metadata"),
            ("http://100.100.100.200", "cloud metadata"),
        ] {
            let message = Target::parse(wrong, None).unwrap_err();
            assert!(message.contains(why) && message.contains("valid are sim, ollama"), "{message}");
        }
    }

    #[test]
    fn a_server_is_named_once() {
        for (list, named) in [
            ("http://127.0.0.1:1,http://127.0.0.1:1/", "http://127.0.0.1:1 is named twice"),
            ("http://127.0.0.1:2,http://127.0.0.1:1,http://127.0.0.1:1", "http://127.0.0.1:1 is named twice"),
            ("http://127.0.0.1,http://127.0.0.1:80", "http://127.0.0.1:80 is named twice"),
            ("http://localhost:1,http://LOCALHOST:1", "http://LOCALHOST:1 is named twice"),
            (
                "http://127.0.0.1:1,http://localhost:1",
                "http://localhost:1 is named twice, before as http://127.0.0.1:1",
            ),
            (
                "http://[::1]:1,http://127.0.0.1:1",
                "http://127.0.0.1:1 is named twice, before as http://[::1]:1",
            ),
        ] {
            let wanted = format!("server {named}; name it once: agents share it");
            assert_eq!(Target::parse(list, None), Err(wanted));
        }
        assert!(Target::parse("http://127.0.0.1:8,http://127.0.0.1:80,http://127.0.0.1:8080", None).is_ok());
    }
}
