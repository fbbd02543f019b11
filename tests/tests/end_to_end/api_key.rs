//! The key of OpenAI-type servers, in the header of every request of every arm and client.

use crate::spec::on_simulator;
use end_to_end::{arms, bin_dir, binary, clients, combinations};
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
    answering(format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{STREAM}", STREAM.len()))
}

/// A server that answers every POST so.
fn answering(answer: String) -> (String, Keys) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let keys = Keys::default();
    let (seen, answer): (_, Arc<str>) = (keys.clone(), answer.into());
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let (seen, answer) = (seen.clone(), answer.clone());
            std::thread::spawn(move || drop(serve(stream, &seen, &answer)));
        }
    });
    (url, keys)
}

fn serve(mut stream: TcpStream, keys: &Keys, answer: &str) -> std::io::Result<()> {
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
        let answer = if is_head { "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n" } else { answer };
        stream.write_all(answer.as_bytes())?;
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

/// Answers that repeat the key, as gateways do that log what they forward.
fn echoes() -> Vec<String> {
    let answer =
        |head: &str, body: &str| format!("HTTP/1.1 {head}\r\ncontent-length: {}\r\n\r\n{body}", body.len());
    let (half, escaped) = (&KEY[..12], KEY.replace('-', "\\u002d"));
    vec![
        answer("401 Unauthorized", &format!("{{\"error\":{{\"message\":\"wrong key: {KEY}\"}}}}")),
        answer("401 Unauthorized", &format!("<html>Bearer {KEY}</html>")),
        answer(&format!("302 Found\r\nlocation: http://127.0.0.1:1/?key={KEY}"), ""),
        answer("200 OK", &format!("data: {{\"error\":\"{KEY}\"}}\n\n")),
        answer("200 OK", &format!("error: {escaped}\n\n")),
        answer(
            "200 OK",
            &format!(
                "data: {{\"choices\":[{{\"delta\":{{\"content\":\"a\"}},\"finish_reason\":\"{KEY}\"}}]}}\n\ndata: [DONE]\n\n"
            ),
        ),
        answer(
            "200 OK",
            &format!(
                "data: {{\"choices\":[{{\"delta\":{{\"content\":\"a\"}},\"finish_reason\":\"error {half}\"}}]}}\n\n"
            ),
        ),
        answer("200 OK", &format!("data: {{{KEY}}}\n\n")),
        answer("200 OK", &format!("{KEY}\n")),
    ]
}

#[test]
fn it_is_masked_where_a_server_repeats_it() {
    let mut all: Vec<(String, Client)> = combinations();
    if bin_dir().join("python-httpx").exists() {
        all.push(("python-httpx".to_owned(), Client::Httpx));
    }
    for (arm, client) in all {
        for echo in echoes() {
            let (url, _) = answering(echo.clone());
            let spec = TrialSpec { api: Api::Openai, client: Some(client), ..on_simulator(&[url], &[2]) };
            let output = Command::new(binary(&arm)).args(spec.to_args()).env("TANDEM_API_KEY", KEY).output();
            let output = output.expect("it starts");
            let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
            let shown = (0..=KEY.len() - 8).any(|at| text.contains(&KEY[at..at + 8]));
            assert!(!shown && text.contains("(key)"), "{arm} {client}: {echo}: {text}");
        }
    }
}
