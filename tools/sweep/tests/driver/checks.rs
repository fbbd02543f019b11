//! The check before a run accepts what trials accept, leaves out what can be left out, and tells the rest with the server's
//! words. The servers here behave as those of public reports do.

use crate::support::{Bench, Finished, Responder, answered, chat, fixed_answer, ok, plan_of_two, serve};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tandem_records::RequestField;

/// Two fake arms; `keys` are lines of the set.
fn bench(keys: &str) -> Bench {
    let bench = Bench::with_arms(&["arm-a"]);
    bench.noting_arm("arm-b");
    bench.plan("two", &(plan_of_two(1, "{}") + keys + "\n"));
    bench
}

fn sweep(bench: &Bench, url: &str, more: &[&str]) -> Finished {
    let args = ["--plan", "two", "--servers", url, "--api", "openai", "--run", "r"];
    bench.run(&[&args, more].concat())
}

/// A server of OpenAI's API that lists the model m and answers POST so.
fn openai(post: impl Fn(&str) -> String + Send + Sync + 'static) -> String {
    serve(move |path, body| match path {
        "/v1/models" => ok(r#"{"data":[{"id":"m"}]}"#),
        "/v1/chat/completions" => post(body),
        _ => answered("404 Not Found", "{\"detail\":\"Not Found\"}"),
    })
}

/// One that refuses a field with these words.
fn refusing(field: &'static str, status: &'static str, words: &'static str) -> String {
    openai(move |body| match body.contains(&format!("\"{field}\":")) {
        true => answered(status, words),
        false => ok(&chat(16)),
    })
}

#[test]
fn a_server_that_refuses_stream_options_is_asked_without_them_in_every_trial() {
    let (bench, url) = (
        bench(""),
        refusing(
            "stream_options",
            "422 Unprocessable Entity",
            r#"{"object":"error","message":{"detail":[{"type":"extra_forbidden","loc":["body","stream_options"],"msg":"Extra inputs are not permitted"}]},"code":null}"#,
        ),
    );
    let done = sweep(&bench, &url, &[]).expect(0);
    let note = format!("server {url} refuses stream_options: left out; tokens are then counted as pieces");
    assert_eq!(done.stderr.matches(&format!("note: {note}\n")).count(), 1, "{}", done.stderr);
    let manifest = bench.manifest("r");
    assert_eq!(manifest.notes[0], note);
    assert_eq!(manifest.servers[0].left_out, [RequestField::StreamOptions]);
    let lines = bench.command_lines("arm-b");
    assert!(lines.iter().all(|line| line.contains("--leave-out stream_options")), "{lines:?}");
}

#[test]
fn a_run_goes_on_only_where_its_servers_refuse_the_same() {
    let refuses = Arc::new(AtomicBool::new(true));
    let asked = refuses.clone();
    let url = openai(move |body| match asked.load(Ordering::SeqCst) && body.contains("stream_options") {
        true => answered("400 Bad Request", "{}"),
        false => ok(&chat(16)),
    });
    let bench = bench("");
    sweep(&bench, &url, &[]).expect(0);
    bench.run(&["--run", "r"]).expect(0);
    refuses.store(false, Ordering::SeqCst);
    let done = bench.run(&["--run", "r"]).expect(2);
    let wanted = format!(
        "requests to server {url} would leave out nothing, and left out stream_options when run r began; start a new run"
    );
    assert_eq!(done.message(), wanted);
}

#[test]
fn what_responses_depend_on_is_never_left_out_unasked() {
    let words = r#"{"detail":[{"type":"extra_forbidden","loc":["body","seed"],"msg":"Extra inputs are not permitted","input":1}]}"#;
    let url = refusing("seed", "422 Unprocessable Entity", words);
    let done = sweep(&bench(""), &url, &[]).expect(3);
    let wanted = format!(
        "server {url} refuses seed: HTTP 422: body.seed: Extra inputs are not permitted; leave_out = [\"seed\"] in the plan's sets sends none, and answers then differ from trial to trial"
    );
    assert_eq!(done.message(), wanted);

    let bench = bench("leave_out = [\"seed\"]");
    sweep(&bench, &url, &[]).expect(0);
    assert!(bench.command_lines("arm-b").iter().all(|line| line.contains("--leave-out seed")));
}

#[test]
fn a_length_that_is_refused_is_told_with_the_servers_words() {
    let words = r#"{"error":{"message":"Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.","param":"max_tokens"}}"#;
    let url = refusing("max_tokens", "400 Bad Request", words);
    let done = sweep(&bench(""), &url, &[]).expect(3);
    assert!(
        done.message().starts_with(&format!(
            "server {url} refuses max_tokens: HTTP 400: Unsupported parameter: 'max_tokens'"
        )) && done.message().contains("'max_completion_tokens' instead"),
        "{}",
        done.stderr
    );
}

#[test]
fn a_stream_is_whole_by_the_rule_of_the_trials() {
    for (stream, code, words) in [
        (chat(16), 0, ""),
        (chat(16) + "data: [DONE]\n\n", 0, ""),
        (chat(16).replace("\"length\"", "null") + "data: [DONE]\n\n", 0, ""),
        (
            chat(3).replace("\"length\"", "null") + "data: [DONE]\n\n",
            3,
            "after 3 of 16 tokens and does not say why",
        ),
        (chat(16).replace("\"length\"", "null"), 3, "without a final record"),
        (chat(16).replace("\"length\"", "\"abort\""), 3, "abort"),
        ("data: {\"error\":{\"message\":\"the engine died\"}}\n\n".into(), 3, "the engine died"),
        ("event: error\ndata: {\"message\":\"no room left\"}\n\n".into(), 3, "no room left"),
        (
            "data: {\"object\":\"error\",\"message\":\"overloaded\",\"code\":500}\n\ndata: [DONE]\n\n".into(),
            3,
            "overloaded",
        ),
        ("error: quota used up\n\n".into(), 3, "quota used up"),
        (chat(0), 3, "without a token"),
    ] {
        let answer = ok(&stream);
        let done = sweep(&bench(""), &openai(move |_| answer.clone()), &[]).expect(code);
        assert!(code == 0 || done.message().contains(words), "{stream}: {}", done.stderr);
    }
}

#[test]
fn a_model_that_is_named_is_tried_whatever_the_list_says() {
    for list in [
        ok(r#"{"object":"list","data":[]}"#),
        ok(r#"{"object":"list","data":null}"#),
        ok(r#"{"data":[{"id":"other"}]}"#),
        answered("404 Not Found", r#"{"detail":"Not Found"}"#),
    ] {
        let models = list.clone();
        let url = serve(move |path, _| match path {
            "/v1/models" => models.clone(),
            "/v1/chat/completions" => ok(&chat(16)),
            _ => answered("404 Not Found", ""),
        });
        sweep(&bench(""), &url, &["--model", "m"]).expect(0);
        if !list.contains("other") {
            let done = sweep(&bench(""), &url, &[]).expect(3);
            let wanted = format!(
                "server {url} has no model in its list (/v1/models); name the one that it serves with --model"
            );
            assert_eq!(done.message(), wanted);
        }
    }
    let url = serve(|path, _| match path {
        "/v1/models" => ok(r#"{"data":[{"id":"a"},{"id":"b"}]}"#),
        _ => answered("404 Not Found", r#"{"error":{"message":"The model `m` does not exist."}}"#),
    });
    let done = sweep(&bench(""), &url, &["--model", "m"]).expect(3);
    let wanted = format!(
        "server {url} does not stream m: HTTP 404: The model `m` does not exist; it lists a, b; try it by hand (curl) or name another --model"
    );
    assert_eq!(done.message(), wanted);
}

#[test]
fn null_for_a_list_is_a_list_without_models() {
    let url = serve(|path, _| match path {
        "/api/version" => ok(r#"{"version":"0.13.5"}"#),
        "/api/tags" => ok(r#"{"models":null}"#),
        _ => answered("404 Not Found", ""),
    });
    let plan = ["--plan", "two", "--servers", &url];
    let done = bench("").run(&plan).expect(3);
    assert_eq!(done.message(), format!("server {url} has no model; pull one (ollama pull NAME)"));
    let done = bench("").run(&[&plan[..], &["--model", "m"]].concat()).expect(3);
    assert!(done.message().starts_with(&format!("server {url} has no model m; those it has: none")));
}

#[test]
fn redirects_name_their_target_and_a_busy_server_says_so() {
    let moved = "HTTP/1.1 301 Moved Permanently\r\nLocation: https://127.0.0.1/v1/models\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    let url = fixed_answer(moved);
    let done = sweep(&bench(""), &url, &[]).expect(3);
    let wanted = format!(
        "server {url} cannot be used: HTTP 301, it leads to https://127.0.0.1/v1/models; requests are not sent on: name the server itself with --servers, over plain http://"
    );
    assert_eq!(done.message(), wanted);
    let url = openai(|_| {
        "HTTP/1.1 307 Temporary Redirect\r\nLocation: /v1/chat/completions/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".into()
    });
    let done = sweep(&bench(""), &url, &[]).expect(3);
    assert!(done.message().contains("HTTP 307, it leads to /v1/chat/completions/; "), "{}", done.stderr);
    let url = openai(|_| {
        "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 20\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            .into()
    });
    let done = sweep(&bench(""), &url, &[]).expect(3);
    assert!(
        done.message()
            .contains("HTTP 429, too many requests, it says to wait 20 s; wait, or raise the limit"),
        "{}",
        done.stderr
    );
}

#[test]
fn a_response_that_ends_early_is_a_note_and_no_refusal() {
    let bench = bench("");
    let url = openai(|_| ok(&chat(5).replace("length", "stop")));
    let done = sweep(&bench, &url, &[]).expect(0);
    let note = format!("server {url} ended a stream after 5 of 16 tokens (stop): trials fail");
    assert!(done.stderr.contains(&format!("note: {note}")), "{}", done.stderr);
    assert!(bench.manifest("r").notes[0].starts_with(&note));
}

#[test]
fn each_kind_of_request_is_checked_once() {
    let (bench, server) = (Bench::with_arms(&["arm-a", "arm-b"]), Responder::start(&["tiny"]));
    let plan = plan_of_two(1, "{ temperature = 0.5 }")
        .replace("agents = [2]", "agents = [2, 3]")
        .replace("chimera_homo", "chimera_hetero");
    bench.plan("two", &(plan + "options_b = { temperature = 0.7 }\n"));
    bench.run(&["--plan", "two", "--servers", &server.url, "--run", "r"]).expect(0);
    let checks = server.requests();
    let of = |temperature: &str| {
        let wanted = format!("\"temperature\":{temperature}");
        checks.iter().filter(|head| head.contains(&wanted) && head.contains("\"num_predict\":16")).count()
    };
    assert_eq!(
        (of("0.5"), of("0.7")),
        (2, 2),
        "one stream to see whether it comes, one to time it: {checks:?}"
    );
}
