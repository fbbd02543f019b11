//! What the servers of a run share, and what the manifest tells of them.

use crate::common::{Recipe, Synthetic};
use crate::hostile_text::NASTY;
use crate::{expect_on_page, page_of, sentence, verdict_table, with_analysis};
use tandem_records::{RequestField, ServerRecord};

fn real(change: impl Fn(usize, &mut ServerRecord)) -> Synthetic {
    let mut run = Synthetic::make(&Recipe {
        effect: |arm| if arm == "smol" { 0.12 } else { 0.0 },
        ..Recipe::default()
    });
    run.on_real_servers();
    for (at, server) in run.manifest.servers.iter_mut().enumerate() {
        server.on_this_machine = Some(true);
        change(at, server);
    }
    run
}

fn first_sentence(run: &Synthetic) -> String {
    let mut text = String::new();
    with_analysis(run, |analysis| text = sentence(analysis));
    text
}

#[test]
fn what_servers_and_client_share_stands_beside_the_verdict() {
    let said = |change: &dyn Fn(usize, &mut ServerRecord)| {
        let text = first_sentence(&real(change));
        let (verdict, shared) = text.split_once(" (relevant)").expect("a relevant verdict");
        assert!(verdict.contains("the efficiency of smol is higher"), "{verdict}");
        shared.to_owned()
    };
    let on_cpu = said(&|_, server| (server.size_bytes, server.size_vram_bytes) = (Some(900), Some(0)));
    assert!(
        on_cpu.ends_with(" Both servers and the client share the 2 CPUs of this machine; the models run on the CPU, so that what one takes the others lack."),
        "{on_cpu}"
    );
    let on_gpu = said(&|_, server| (server.size_bytes, server.size_vram_bytes) = (Some(900), Some(900)));
    assert!(on_gpu.ends_with("share the 2 CPUs of this machine; the models run on a GPU."), "{on_gpu}");
    let in_part = said(&|at, server| {
        (server.size_bytes, server.size_vram_bytes) = (Some(900), Some(if at == 0 { 450 } else { 900 }));
    });
    assert!(in_part.ends_with("the models run on the CPU in part (50 % and 100 % on a GPU)."), "{in_part}");
    let untold = said(&|_, _| {});
    assert!(untold.ends_with("they do not tell whether the models run on them or on a GPU."), "{untold}");
    let one_here = said(&|at, server| server.on_this_machine = Some(at == 0));
    assert!(
        one_here.contains(" One of the two servers and the client share the 2 CPUs of this machine;"),
        "{one_here}"
    );
    for elsewhere in [Some(false), None] {
        let text = said(&|_, server| server.on_this_machine = elsewhere);
        assert!(!text.contains("share"), "{text}");
    }
}

#[test]
fn simulators_tell_their_lateness_instead() {
    let run = Synthetic::make(&Recipe::default());
    assert_eq!(run.manifest.servers[0].on_this_machine, Some(true));
    assert!(!first_sentence(&run).contains("this machine"));
}

#[test]
fn what_the_driver_found_before_the_first_trial_is_shown_and_does_not_act() {
    let mut run = Synthetic::make(&Recipe::default());
    assert!(!page_of(&run).contains("Before the first trial"));
    run.manifest.notes = vec!["cells with 4 agents run with a cold cache.".into(), NASTY.into()];
    let page = page_of(&run);
    assert!(
        page.contains("Before the first trial: cells with 4 agents run with a cold cache; x&#124;y"),
        "{page}"
    );
    assert!(!page.contains("<script>"));
    with_analysis(&run, |analysis| {
        let terminal = verdict_table(analysis);
        assert!(terminal.contains("\nbefore the first trial: cells with 4 agents run with a cold cache.\n"));
        assert!(!terminal.contains('\u{1b}'));
    });
}

#[test]
fn slots_and_fields_left_out_have_columns_where_they_are_known() {
    let plain = "| server | kind | version | model | digest | set | command |\n";
    expect_on_page(&real(|_, _| {}), plain);
    let run = real(|at, server| {
        server.slots = (at == 0).then_some(4);
        server.left_out = vec![RequestField::StreamOptions, RequestField::Seed];
    });
    expect_on_page(&run, "| set | command | slots | left out of requests |\n");
    expect_on_page(&run, "| 4 | stream_options, seed |\n");
    expect_on_page(&run, "| – | stream_options, seed |\n");
}

#[test]
fn models_that_were_made_apart_are_equal_by_their_layers() {
    let digests = |layers: [&'static str; 2]| {
        real(move |at, server| {
            server.model_digest = Some(format!("sha256:{at}"));
            server.layers_digest = Some(layers[at].into());
        })
    };
    expect_on_page(
        &digests(["xxh3:aa", "xxh3:aa"]),
        "Models equal by their layers, though their digests differ: http://127.0.0.1:40000 and http://127.0.0.1:40001.",
    );
    assert!(!page_of(&digests(["xxh3:aa", "xxh3:bb"])).contains("equal by their layers"));
}
