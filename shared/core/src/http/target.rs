//! A server's address.

use super::RequestError;
use crate::Runtime;
use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use tandem_records::ApiKey;

/// A base URL that is not `http://host:port`.
#[derive(Debug, thiserror::Error)]
#[error("server '{url}': {reason}; write it as http://127.0.0.1:11434")]
pub struct InvalidUrl {
    url: String,
    reason: String,
}

/// A server, resolved once so that no measurement contains a name lookup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Base URL without a final slash, as it stands in the rows.
    pub url: String,
    /// Value of the Host header.
    pub host: String,
    /// Where to connect, in the resolver's order; the address that answered last comes first.
    addresses: Vec<SocketAddr>,
    /// Key that every request carries; `None` for servers that want none.
    pub key: Option<ApiKey>,
}

impl Target {
    /// Reads `http://host:port`; port 80 where none is named.
    ///
    /// # Errors
    /// Another scheme, a path, or a name that does not resolve.
    pub fn parse(url: &str) -> Result<Self, InvalidUrl> {
        let fail = |reason: &str| InvalidUrl { url: url.to_string(), reason: reason.to_string() };
        let uri: hyper::Uri = url.parse().map_err(|e| fail(&format!("not a URL ({e})")))?;
        if uri.scheme_str() != Some("http") {
            return Err(fail("only http:// is measured"));
        }
        if uri.path() != "/" && !uri.path().is_empty() || uri.query().is_some() {
            return Err(fail("a base URL has no path"));
        }
        let authority = uri.authority().ok_or_else(|| fail("no host"))?;
        if authority.as_str().contains('@') {
            return Err(fail("credentials do not belong in a URL"));
        }
        let port = uri.port_u16().unwrap_or(80);
        let name = authority.host().trim_start_matches('[').trim_end_matches(']');
        let found =
            (name, port).to_socket_addrs().map_err(|e| fail(&format!("cannot resolve the host ({e})")))?;
        let mut addresses: Vec<SocketAddr> = Vec::new();
        found.for_each(|address| {
            if !addresses.contains(&address) {
                addresses.push(address)
            }
        });
        if addresses.is_empty() {
            return Err(fail("the host has no address"));
        }
        Ok(Target {
            url: url.trim_end_matches('/').to_string(),
            host: authority.as_str().to_string(),
            addresses,
            key: None,
        })
    }

    /// Where to connect, the most promising first; at least one.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// Notes that this address, by its place in [`Target::addresses`], has answered.
    pub fn reached(&mut self, place: usize) {
        self.addresses[..=place].rotate_right(1);
    }

    /// Opens a connection: the addresses of a name are tried in their order.
    ///
    /// # Errors
    /// None can be reached: what the first one said.
    pub(crate) async fn connect<R: Runtime>(&mut self) -> Result<R::Stream, RequestError> {
        let mut first_error = None;
        for place in 0..self.addresses.len() {
            match R::connect(self.addresses[place]).await {
                Ok(stream) => {
                    self.reached(place);
                    return Ok(stream);
                }
                Err(error) => {
                    first_error.get_or_insert(error);
                }
            }
        }
        Err(self.unreachable(&first_error.unwrap_or_else(|| io::ErrorKind::AddrNotAvailable.into())))
    }

    /// What a request to a server that cannot be reached ends with.
    pub fn unreachable(&self, error: &io::Error) -> RequestError {
        RequestError::from_io(&format!("connect to {}", self.host), error)
    }

    /// Name or address in the URL, without the port.
    pub fn name(&self) -> &str {
        let name =
            self.host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()));
        name.map_or(self.host.as_str(), |(name, _)| name).trim_start_matches('[').trim_end_matches(']')
    }

    /// The same server with a key.
    pub fn with_key(self, key: Option<ApiKey>) -> Self {
        Target { key, ..self }
    }

    /// The header lines that every request to it has, each with its line end.
    pub fn header_lines(&self) -> String {
        let key = self.key.as_ref().map(|key| format!("authorization: {}\r\n", key.authorization()));
        format!("host: {}\r\n{}", self.host, key.unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::Target;

    #[test]
    fn a_base_url_becomes_an_address() {
        let target = Target::parse("http://127.0.0.1:11434/").unwrap();
        assert_eq!(
            (target.addresses()[0].to_string().as_str(), target.name()),
            ("127.0.0.1:11434", "127.0.0.1")
        );
        assert_eq!(
            (target.url.as_str(), target.host.as_str()),
            ("http://127.0.0.1:11434", "127.0.0.1:11434")
        );
        let six = Target::parse("http://[::1]:80").unwrap();
        assert_eq!((six.addresses()[0].to_string().as_str(), six.name()), ("[::1]:80", "::1"));
        assert_eq!(Target::parse("http://[::1]").unwrap().name(), "::1");
        assert_eq!(Target::parse("http://localhost").unwrap().name(), "localhost");
        assert_eq!(target.header_lines(), "host: 127.0.0.1:11434\r\n");
        let target = target.with_key(tandem_records::ApiKey::new("k").ok());
        assert_eq!(target.header_lines(), "host: 127.0.0.1:11434\r\nauthorization: Bearer k\r\n");
    }

    #[test]
    fn anything_else_names_the_remedy() {
        for bad in [
            "https://127.0.0.1:1",
            "127.0.0.1:1",
            "http://127.0.0.1:1/api",
            "http://u:p@127.0.0.1:1",
            "nonsense",
        ] {
            let message = Target::parse(bad).unwrap_err().to_string();
            assert!(message.contains(bad) && message.contains("write it as http://"), "{message}");
        }
    }
}
