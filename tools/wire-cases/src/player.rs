//! A server on loopback that answers as a case says.

use crate::{Case, Step};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

/// How long an answer waits for another request to come, where a case answers requests at the same time differently.
const MEET: Duration = Duration::from_millis(50);
/// How long such an answer counts as open after its last byte.
const PART: Duration = Duration::from_millis(100);

/// A server that plays one case on 127.0.0.1 until it is dropped.
pub struct Player {
    address: SocketAddr,
    state: Arc<State>,
}

struct State {
    case: Case,
    /// Requests by POST that are not yet answered.
    open: AtomicUsize,
    ended: AtomicBool,
}

impl Player {
    /// Starts to listen on a free port.
    ///
    /// # Errors
    /// No port is free.
    pub fn start(case: &Case) -> io::Result<Player> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let state = State { case: case.clone(), open: AtomicUsize::new(0), ended: AtomicBool::new(false) };
        let state = Arc::new(state);
        let shared = state.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if shared.ended.load(Ordering::SeqCst) {
                    return;
                }
                let shared = shared.clone();
                // A client that goes away before the end of an answer is part of many cases.
                thread::spawn(move || drop(serve(&stream, &shared)));
            }
        });
        Ok(Player { address, state })
    }

    /// Base URL, with the host that the case names.
    pub fn url(&self) -> String {
        match &self.state.case.host {
            Some(host) => format!("http://{host}:{}", self.address.port()),
            None => format!("http://{}", self.address),
        }
    }
}

impl Drop for Player {
    fn drop(&mut self) {
        self.state.ended.store(true, Ordering::SeqCst);
        // Wakes the thread that accepts, which sees the flag and closes the port.
        let _ = TcpStream::connect(self.address);
    }
}

fn serve(stream: &TcpStream, state: &State) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream);
    while let Some(request) = Request::read(&mut reader)? {
        let is_post = request.method == "POST";
        let waits = is_post && state.case.answer("post concurrent").is_some();
        state.open.fetch_add(usize::from(is_post), Ordering::SeqCst);
        if waits {
            thread::sleep(MEET);
        }
        let together = state.open.load(Ordering::SeqCst) > 1;
        let played = play(stream, &steps(&state.case, &request, together));
        if waits {
            thread::sleep(PART);
        }
        state.open.fetch_sub(usize::from(is_post), Ordering::SeqCst);
        if !played? {
            return Ok(());
        }
    }
    Ok(())
}

/// True where the connection goes on.
fn play(mut stream: &TcpStream, steps: &[Step]) -> io::Result<bool> {
    for step in steps {
        match step {
            Step::Send(bytes) => stream.write_all(bytes)?,
            Step::Pause(time) => thread::sleep(*time),
            Step::Close => {
                stream.shutdown(Shutdown::Both)?;
                return Ok(false);
            }
        }
    }
    Ok(true)
}

/// The answer to a request: the section that names it, or what a usual server says.
fn steps(case: &Case, request: &Request, together: bool) -> Vec<Step> {
    let body = String::from_utf8_lossy(&request.body);
    let names = |section: &&str| section.strip_prefix("post with ").is_some_and(|text| body.contains(text));
    let key = match request.method.as_str() {
        "HEAD" => "head".to_owned(),
        "GET" => format!("get {}", request.path),
        _ => match case.sections().find(names) {
            Some(section) => section.to_owned(),
            None if together && case.answer("post concurrent").is_some() => "post concurrent".to_owned(),
            None if body.replace(' ', "").contains("\"stream\":false") => "post nostream".to_owned(),
            None => "post".to_owned(),
        },
    };
    case.answer(&key).map_or_else(|| vec![Step::Send(usual_answer(&key))], <[Step]>::to_vec)
}

fn usual_answer(key: &str) -> Vec<u8> {
    let (status, body) = match key {
        "head" => ("200 OK", ""),
        "get /v1/models" => ("200 OK", r#"{"object":"list","data":[{"id":"m","owned_by":"x"}]}"#),
        "get /api/version" => ("200 OK", r#"{"version":"0.12.3"}"#),
        "get /api/tags" => ("200 OK", r#"{"models":[{"name":"m:latest","digest":"d"}]}"#),
        "get /api/ps" => ("200 OK", r#"{"models":[{"name":"m:latest","size_vram":1,"context_length":1}]}"#),
        "post nostream" => ("200 OK", r#"{"model":"m","response":"","done":true,"done_reason":"load"}"#),
        _ => ("404 Not Found", "not found"),
    };
    format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

struct Request {
    method: String,
    path: String,
    body: Vec<u8>,
}

impl Request {
    /// The next request; `None` where the client has closed.
    fn read(reader: &mut impl BufRead) -> io::Result<Option<Request>> {
        let first = line(reader)?;
        let mut words = first.split(' ').map(str::to_owned);
        let (Some(method), Some(path)) = (words.next(), words.next()) else { return Ok(None) };
        let (mut length, mut chunked) = (0, false);
        loop {
            let field = line(reader)?.to_ascii_lowercase();
            match field.split_once(':') {
                Some(("content-length", value)) => length = value.trim().parse().unwrap_or(0),
                Some(("transfer-encoding", _)) => chunked = true,
                Some(_) => {}
                None => break,
            }
        }
        let mut body = Vec::new();
        if chunked {
            while let size @ 1.. = usize::from_str_radix(line(reader)?.trim(), 16).unwrap_or(0) {
                reader.by_ref().take(size as u64).read_to_end(&mut body)?;
                line(reader)?;
            }
            line(reader)?;
        } else {
            reader.by_ref().take(length).read_to_end(&mut body)?;
        }
        Ok(Some(Request { method, path, body }))
    }
}

/// A line without its end; empty at the end of the stream.
fn line(reader: &mut impl BufRead) -> io::Result<String> {
    let mut line = Vec::new();
    reader.read_until(b'\n', &mut line)?;
    Ok(String::from_utf8_lossy(&line).trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::parse;

    /// What comes back for these bytes of one connection.
    fn answers(player: &Player, requests: &str) -> String {
        let mut stream = TcpStream::connect(player.address).unwrap();
        stream.write_all(requests.as_bytes()).unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        let mut text = Vec::new();
        stream.read_to_end(&mut text).unwrap();
        String::from_utf8(text).unwrap()
    }

    fn post(body: &str) -> String {
        format!("POST /x HTTP/1.1\r\nContent-Length: {}\r\n\r\n{body}", body.len())
    }

    #[test]
    fn a_request_gets_the_section_that_names_it_or_the_usual_answer() {
        let case = parse("f", b"[post]\n1\n@pause 1\n2\n[post with seed]\n3\n[get /a]\n4\n@close\n5\n");
        let player = Player::start(&case).unwrap();
        assert_eq!(answers(&player, &(post("{}") + &post("{\"seed\"}"))), "123");
        let chunked = "POST /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nsee\r\n1\r\nd\r\n0\r\n\r\n";
        assert_eq!(answers(&player, &(chunked.to_owned() + &post(""))), "312");
        let closed = "GET /a HTTP/1.1\r\n\r\n".to_owned() + &post("{}");
        assert_eq!(answers(&player, &closed), "4", "nothing is answered after @close");
        for (request, wanted) in [
            ("HEAD / HTTP/1.1\r\n\r\n", "200 OK\r\nContent-Length: 0\r\n\r\n"),
            ("GET /v1/models HTTP/1.1\r\n\r\n", "\"id\":\"m\""),
            ("GET /api/ps HTTP/1.1\r\n\r\n", "size_vram"),
            ("GET /other HTTP/1.1\r\n\r\n", "404 Not Found\r\nContent-Length: 9\r\n\r\nnot found"),
            (&post("{\"stream\": false}"), "done_reason"),
        ] {
            assert!(answers(&player, request).contains(wanted), "{request}");
        }
    }

    #[test]
    fn requests_at_the_same_time_get_the_section_for_them() {
        let player = Player::start(&parse("f", b"[post]\nalone\n[post concurrent]\ntogether\n")).unwrap();
        assert_eq!(answers(&player, &post("")), "alone");
        // The later of two always finds the earlier one open; whether the earlier one sees the later is up to the machine.
        let both = thread::scope(|scope| {
            let two: Vec<_> = (0..2).map(|_| scope.spawn(|| answers(&player, &post("")))).collect();
            two.into_iter().map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
        });
        assert!(both.contains(&"together".to_owned()), "{both:?}");
    }

    #[test]
    fn a_player_that_is_dropped_closes_its_port() {
        let player = Player::start(&parse("f", b"[post]\n1\n")).unwrap();
        let address = player.address;
        assert_eq!(player.url(), format!("http://{address}"));
        drop(player);
        while TcpStream::connect(address).is_ok() {
            thread::sleep(Duration::from_millis(1));
        }
    }
}
