//! The key of OpenAI-type servers, in the header of every request of every arm and client.

use crate::spec::on_simulator;
use end_to_end::{arms, binary, clients};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::sync::{Arc, Mutex};
use tandem_records::{Api, Client, TrialSpec};

const KEY: &str = "sk-tandem-0123456789";
const STREAM: &str = "data: {\"choices\":[{\"delta\":{\"content\":\"one\"}}]}\n\ndata: {\"choices\":[{\"delta\":{\"content\":\" two\"}}]}\n\ndata: [DONE]\n\n";

/// The header `Authorization` of every request so far.
type Keys = Arc<Mutex<Vec<String>>>;

fn server() -> (String, Keys) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let keys = Keys::default();
    let seen = keys.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let seen = seen.clone();
            std::thread::spawn(move || drop(serve(stream, &seen)));
        }
    });
    (url, keys)
}

fn serve(mut stream: TcpStream, keys: &Keys) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    loop {
        let (mut line, mut key, mut length, mut is_head) = (String::new(), String::new(), 0, false);
        while reader.read_line(&mut line)? > 2 {
            is_head |= line.starts_with("HEAD ");
            if let Some((name, value)) = line.trim().split_once(": ") {
                match name.to_lowercase().as_str() {
                    "authorization" => key = value.to_owned(),
                    "content-length" => length = value.parse().unwrap_or(0),
                    _ => {}
                }
            }
            line.clear();
        }
        if line.is_empty() {
            return Ok(());
        }
        reader.read_exact(&mut vec![0; length])?;
        keys.lock().expect("no panic inside").push(key);
        let body = if is_head { "" } else { STREAM };
        write!(stream, "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", STREAM.len())?;
    }
}

#[test]
fn it_is_sent_to_servers_of_openais_kind_and_shown_nowhere() {
    let all =
        arms().into_iter().flat_map(|arm| clients(&arm).iter().map(move |client| (arm.clone(), *client)));
    for (arm, client) in all {
        for (api, wanted) in [(Api::Openai, format!("Bearer {KEY}")), (Api::Ollama, String::new())] {
            let (url, keys) = server();
            let spec = TrialSpec { api, client: Some(client), ..on_simulator(&[url], &[2]) };
            let args = spec.to_args();
            let output = Command::new(binary(&arm))
                .args(&args)
                .env("TANDEM_API_KEY", KEY)
                .output()
                .expect("it starts");
            let name = format!("{arm} {client} {api}");
            let keys = keys.lock().expect("no panic inside").clone();
            assert!(!keys.is_empty() && keys.iter().all(|key| *key == wanted), "{name}: {keys:?}");
            let text = [output.stdout, output.stderr].concat();
            assert!(!String::from_utf8_lossy(&text).contains(KEY), "{name}");
        }
    }
    let bad = Command::new(binary("smol"))
        .args(
            TrialSpec {
                api: Api::Openai,
                client: Some(Client::Hyper),
                ..on_simulator(&["http://127.0.0.1:9".into()], &[2])
            }
            .to_args(),
        )
        .env("TANDEM_API_KEY", format!("{KEY}\n"))
        .output()
        .expect("it starts");
    let said = String::from_utf8_lossy(&bad.stderr).into_owned();
    assert!(bad.status.code() == Some(2) && said.contains("TANDEM_API_KEY") && !said.contains(KEY), "{said}");
}
