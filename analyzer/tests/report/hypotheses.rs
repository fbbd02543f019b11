//! The file of predictions: what it may say, and what the user is told where it may not.

use crate::common::{Recipe, Synthetic};
use crate::request;
use analyzer::predictions::{embedded, read};
use analyzer::report::report;
use std::fs;

const SOUND: &str = r#"
[[hypotheses]]
id = "one"
claim = "It is so."
source = "somebody"
kind = "difference"
metric = "efficiency"
arm = "smol"
against = "tokio-default"
range = [0.01, 0.02]
plan = "quick"
"#;

fn fails(text: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("h.toml");
    fs::write(&path, text).unwrap();
    let message = read(&path).unwrap_err().to_string();
    assert!(!message.contains('\n') && message.contains("h.toml"), "{message}");
    message
}

#[test]
fn the_studys_predictions_are_sound_and_complete() {
    let all = embedded().unwrap();
    assert_eq!(all.len(), 11);
    let arms: Vec<&str> = all.iter().flat_map(|h| h.question.arms()).collect();
    for arm in ["tokio-localset", "async-std", "smol", "smol-1kb", "python-httpx"] {
        assert!(arms.contains(&arm), "{arm}");
    }
}

#[test]
fn every_plan_that_would_decide_exists_and_measures_the_arms() {
    let plans = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../data/plans");
    for hypothesis in embedded().unwrap() {
        let plan = fs::read_to_string(plans.join(format!("{}.toml", hypothesis.plan))).unwrap();
        for arm in hypothesis.question.arms() {
            assert!(plan.contains(&format!("\"{arm}\"")), "plan {} has no {arm}", hypothesis.plan);
        }
    }
}

#[test]
fn every_wrong_key_is_named_with_the_remedy() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("h.toml");
    fs::write(&path, SOUND).unwrap();
    assert_eq!(read(&path).unwrap().len(), 1);
    for (from, to, wanted) in [
        ("id = \"one\"", "id = \"One!\"", "id is \"One!\"; use the characters"),
        ("plan = \"quick\"", "plan = \"a b\"", "plan is \"a b\""),
        ("claim = \"It is so.\"", "claim = \" \"", "claim must be one line"),
        (
            "kind = \"difference\"",
            "kind = \"ranking\"",
            "valid: difference, ratio, level, reachable, threads",
        ),
        ("kind = \"difference\"", "kind = \"level\"", "kind level has no key against; remove it"),
        ("kind = \"difference\"", "kind = \"ratio\"", "metric is \"efficiency\"; valid for kind ratio: ttft"),
        ("metric = \"efficiency\"", "metric = \"speed\"", "valid for kind difference: efficiency, balance"),
        ("metric = \"efficiency\"\n", "", "kind difference needs the key metric"),
        ("arm = \"smol\"\n", "", "kind difference needs the key arm"),
        ("against = \"tokio-default\"", "against = \"smol\"", "arm and against are both \"smol\""),
        ("range = [0.01, 0.02]", "range = [1, 2]", "the bound 1 must be"),
        ("range = [0.01, 0.02]", "range = [0.02, 0.01]", "put the smaller bound first"),
        ("range = [0.01, 0.02]", "range = [0.01, nan]", "put the smaller bound first"),
        ("range = [0.01, 0.02]", "above = nan", "the bound NaN must be a fraction"),
        ("range = [0.01, 0.02]\n", "", "exactly one of the keys range, above and below"),
        ("range = [0.01, 0.02]", "above = 0.1\nbelow = 0.2", "exactly one of the keys"),
        ("range = [0.01, 0.02]", "range = [0.01]", "line 10"),
        ("source = \"somebody\"", "sauce = \"somebody\"", "unknown field `sauce`"),
        ("plan = \"quick\"", "plan = \"quick\"\nclient = \"curl\"", "unknown variant `curl`"),
    ] {
        let text = SOUND.replace(from, to);
        // Bounds of a difference are fractions up to 1, so [1, 2] fails by its second.
        let wanted =
            if to == "range = [1, 2]" { "the bound 2 must be a fraction: 0.02 is 2 pp" } else { wanted };
        let message = fails(&text);
        assert!(message.contains(wanted), "wanted {wanted:?} in {message:?}");
    }
    assert!(fails(&format!("{SOUND}{SOUND}")).contains("hypothesis \"one\": stands twice"));
    assert!(fails("").contains("no [[hypotheses]]"));
    assert!(fails("hypotheses = 3").contains("line 1"));
    assert!(fails("[[hypotheses]").contains("line 1"));
    let missing = read(&folder.path().join("none.toml")).unwrap_err().to_string();
    assert!(missing.contains("--hypotheses (the form: data/hypotheses.toml)"), "{missing}");
}

#[test]
fn a_file_of_the_users_takes_the_studys_place_and_its_text_does_not_act() {
    let folder = tempfile::tempdir().unwrap();
    let (runs, out) = (folder.path().join("runs"), folder.path().join("reports"));
    Synthetic::make(&Recipe { blocks: 2, ..Recipe::default() }).write(&runs);
    let path = folder.path().join("mine.toml");
    let nasty = "a|b <script>x</script> ![i](http://evil.example/a.png) `c`";
    fs::write(&path, SOUND.replace("It is so.", nasty).replace("\"smol\"", "'sm|ol<b>'")).unwrap();
    let mut asked = request(&runs, &out);
    asked.hypotheses = Some(path.clone());
    report(&asked).unwrap();
    let page = fs::read_to_string(out.join("made-up/README.md")).unwrap();
    let chapter = page.split("## Predictions").nth(1).unwrap().split("\n## ").next().unwrap();
    for bad in ["<script", "<b>", "http://evil", "`c`"] {
        assert!(!chapter.contains(bad), "{bad}: {chapter}");
    }
    let rows: Vec<&str> = chapter.lines().filter(|line| line.starts_with('|')).collect();
    assert_eq!(rows.len(), 3, "head, rule and one prediction");
    assert!(rows.iter().all(|row| row.matches('|').count() == 7), "{rows:#?}");
    assert!(page.lines().next().unwrap().contains("--hypotheses"), "the command makes it again");
    fs::write(&path, "x = 1").unwrap();
    let error = report(&asked).unwrap_err();
    assert!(error.is_users(), "{error}");
}
