//! Where a base URL leads: which servers are one, and which run on this machine.

use std::net::{IpAddr, SocketAddr, TcpListener, ToSocketAddrs};

/// Host and port of a base URL, port 80 where it names none.
pub(crate) fn authority(url: &str) -> String {
    let authority = url.trim_start_matches("http://").trim_end_matches('/');
    let port = authority.rsplit(']').next().unwrap_or(authority); // an IPv6 address has colons of its own
    if port.contains(':') { authority.to_string() } else { format!("{authority}:80") }
}

/// Every address that the URL's name has; empty where it does not resolve.
pub(crate) fn addresses(url: &str) -> Vec<SocketAddr> {
    authority(url).to_socket_addrs().map_or_else(|_| Vec::new(), Iterator::collect)
}

/// Whether both URLs lead to one server: the same text, an address in common, or one port of 127.0.0.1 and ::1, which
/// programs that listen on this machine serve alike.
pub(crate) fn is_one_server(a: &str, b: &str) -> bool {
    let key = |address: SocketAddr| match address.ip() {
        IpAddr::V6(ip) if ip.is_loopback() => SocketAddr::from(([127, 0, 0, 1], address.port())),
        _ => address,
    };
    let (of_a, of_b) = (addresses(a), addresses(b));
    let in_common = of_a.iter().any(|one| of_b.iter().any(|other| key(*one) == key(*other)));
    in_common || authority(a).eq_ignore_ascii_case(&authority(b))
}

/// Whether a server is on this machine: an address of its name is loopback or this machine's own; `None` where the name
/// does not resolve.
pub(crate) fn is_on_this_machine(url: &str) -> Option<bool> {
    let addresses = addresses(url);
    let is_own = |ip: IpAddr| ip.is_loopback() || TcpListener::bind((ip, 0)).is_ok();
    (!addresses.is_empty()).then(|| addresses.iter().any(|address| is_own(address.ip())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_addresses_of_one_port_are_one_server() {
        for (a, b, one) in [
            ("http://localhost:7", "http://127.0.0.1:7", true),
            ("http://127.0.0.1:7", "http://[::1]:7", true),
            ("http://localhost:7", "http://[::1]:7", true),
            ("http://127.0.0.1", "http://localhost:80/", true),
            ("http://no-such-host.invalid:7", "http://NO-such-host.invalid:7", true),
            ("http://localhost:7", "http://localhost:8", false),
            ("http://127.0.0.1:7", "http://127.0.0.2:7", false),
            ("http://no-such-host.invalid:7", "http://other-host.invalid:7", false),
        ] {
            assert_eq!((is_one_server(a, b), is_one_server(b, a)), (one, one), "{a} {b}");
        }
    }

    #[test]
    fn a_port_is_read_after_an_ipv6_address() {
        assert_eq!(authority("http://[::1]"), "[::1]:80");
        assert_eq!(authority("http://[::1]:9/"), "[::1]:9");
    }

    #[test]
    fn loopback_is_this_machine_and_a_test_network_is_not() {
        assert_eq!(is_on_this_machine("http://127.0.0.1:7"), Some(true));
        assert_eq!(is_on_this_machine("http://[2001:db8::1]:7"), Some(false)); // RFC 3849: for documentation
        assert_eq!(is_on_this_machine("http://no-such-host.invalid:7"), None);
    }
}
