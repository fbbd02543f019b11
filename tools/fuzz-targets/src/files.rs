//! Files and texts of users and of earlier runs.

use analyzer::analysis::{Settings, analyse};
use analyzer::columns::{Selection, read as read_columns};
use analyzer::predictions::{embedded, judge_all};
use std::path::Path;
use tandem_records::{Manifest, StampsReader};

/// A file that is there for one call.
fn with_file(name: &str, bytes: &[u8], read: impl FnOnce(&Path)) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    read(&path);
}

fn is_one_short_line(message: &str) {
    assert!(!message.is_empty() && message.len() < 4000 && !message.contains('\n'), "{message:?}");
}

/// True when a page shows a number that is none, which no name in its input is.
fn invents_nan(input: &[u8], page: &str) -> bool {
    page.contains("NaN") && !String::from_utf8_lossy(input).contains("NaN")
}

/// A plan file is read, or refused in one line.
pub fn plan(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let Err(error) = sweep::plan::parse_plan("plan", &text) {
        assert_eq!(error.exit_code(), 2, "{error}");
    }
}

/// A fault is read and printed alike, or refused in one line.
pub fn fault(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    match text.parse::<ollama_sim::Fault>() {
        Ok(fault) => assert_eq!(fault.to_string().parse(), Ok(fault)),
        Err(error) => assert!(!error.is_empty()),
    }
}

/// A manifest is read and written alike, or refused.
pub fn manifest(bytes: &[u8]) {
    if let Ok(manifest) = serde_json::from_slice::<Manifest>(bytes) {
        let again = serde_json::to_vec(&manifest).unwrap();
        // A number like 1e999 is none, so that it does not come back: then nothing may come back.
        if let Ok(read) = serde_json::from_slice::<Manifest>(&again) {
            assert_eq!(serde_json::to_vec(&read).unwrap(), again);
        }
    }
}

/// trials.csv of a run whose other files are sound: what can be read is analysed and reported, the rest is named.
pub fn trials_csv(bytes: &[u8]) {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in crate::seeds::small_run() {
        std::fs::write(folder.path().join(name), content).unwrap();
    }
    std::fs::write(folder.path().join("trials.csv"), bytes).unwrap();
    let Ok(run) = analyzer::load::load(folder.path()) else { return };
    let Ok(settings) = Settings::new(&run.manifest, None, None, None) else { return };
    let Ok(analysis) = analyse(&run, settings) else { return };
    let hypotheses = embedded().unwrap();
    let Ok(judged) = judge_all(&analysis, &hypotheses) else { return };
    let page = analyzer::report::render(&analysis, &judged, &[], "fuzz");
    assert!(page.contains("# Do the runtimes differ?") && !invents_nan(bytes, &page), "{page}");
    assert!(!page.contains("<script"), "{page}");
}

/// Any CSV file: every data row is used or excluded, and no number is invented.
pub fn any_csv(bytes: &[u8]) {
    with_file("any.csv", bytes, |path| {
        for group in [None, Some("arm".to_owned())] {
            let selection = Selection { value: "value".to_owned(), group, block: None, by: vec![] };
            match read_columns(path, &selection) {
                Ok(columns) => {
                    for cell in &columns.cells {
                        let used: usize = cell.groups.iter().map(|group| group.values.len()).sum();
                        assert_eq!(used + cell.excluded.len(), cell.n_rows);
                        assert!(
                            cell.groups.iter().flat_map(|group| &group.values).all(|value| value.is_finite())
                        );
                    }
                }
                Err(error) => is_one_short_line(&error.to_string()),
            }
        }
    });
}

/// The published study's rows: read, or refused in one line.
pub fn study_csv(bytes: &[u8]) {
    with_file("runs.csv", bytes, |path| {
        if let Ok(study) = analyzer::tr115::load(path)
            && let Ok(reading) = analyzer::tr115::reading::read(&study, 0.005)
        {
            let page = analyzer::tr115::render(&reading, &[], "fuzz");
            assert!(!invents_nan(bytes, &page), "{page}");
        }
    });
}

/// A file of raw token stamps: read to its end or to its damage, with no more tokens than it has bytes.
pub fn token_stamps(bytes: &[u8]) {
    let Ok(reader) = StampsReader::new(bytes) else { return };
    let mut tokens = 0;
    for request in reader {
        let Ok((_, stamps)) = request else { break };
        tokens += stamps.len();
        assert!(tokens <= bytes.len());
    }
}
