//! A hostile run's report in a real browser: nothing runs, nothing is asked for. Needs a Chromium on the PATH.

use crate::hostile_text::nasty_run;
use crate::request;
use analyzer::report::report;
use std::path::{Path, PathBuf};
use std::process::Command;

fn browser() -> Option<PathBuf> {
    let folders = std::env::var_os("PATH")?;
    let names = ["chromium", "chromium-browser", "google-chrome"];
    std::env::split_paths(&folders)
        .flat_map(|folder| names.map(|name| folder.join(name)))
        .find(|path| path.is_file())
}

/// The document as it stands after all scripts would have run, and the addresses that were asked for.
fn opened(browser: &Path, page: &Path, profile: &Path) -> (String, String) {
    let log = profile.join("net.json");
    let output = Command::new(browser)
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
            "--no-first-run",
        ])
        .args(["--disable-component-update", "--disable-sync", "--virtual-time-budget=3000", "--dump-dom"])
        .arg(format!("--user-data-dir={}", profile.join("profile").display()))
        .arg(format!("--log-net-log={}", log.display()))
        .arg(format!("file://{}", page.display()))
        .output()
        .unwrap();
    (String::from_utf8_lossy(&output.stdout).into_owned(), std::fs::read_to_string(log).unwrap_or_default())
}

#[test]
fn a_browser_runs_nothing_and_asks_for_nothing() {
    let Some(browser) = browser() else {
        println!("skipped: no Chromium on the PATH (apt-get install chromium)");
        return;
    };
    const ACTS: &str = "</title><script>document.title='ran'</script><img src=http://evil.example/a.png onerror=\"document.title='ran'\"><svg onload=\"document.title='ran'\">";
    let mut run = nasty_run();
    run.manifest.plan.description = ACTS.into();
    run.manifest.servers[0].model += ACTS;
    run.trials.iter_mut().filter(|row| !row.status.is_ok()).for_each(|row| row.error = ACTS.into());
    let folder = tempfile::tempdir().unwrap();
    let (runs, out) = (folder.path().join("runs"), folder.path().join("reports"));
    run.write(&runs);
    let mut request = request(&runs, &out);
    request.command = Some(format!("make report {ACTS}"));
    report(&request).unwrap();

    // That the browser would have run it shows on a page that is not escaped.
    let bare = folder.path().join("bare.html");
    std::fs::write(&bare, format!("<title>x{ACTS}")).unwrap();
    let (seen, asked) = opened(&browser, &bare, folder.path());
    assert!(seen.contains("<title>ran") && asked.contains("evil.example"), "{seen}");

    let made = std::fs::read_dir(out.join("made-up")).unwrap().map(|entry| entry.unwrap().path());
    let is_page = |path: &PathBuf| path.extension().is_some_and(|end| end == "html" || end == "svg");
    let pages: Vec<PathBuf> = made.filter(is_page).collect();
    assert!(pages.len() > 4);
    for page in pages {
        let (seen, asked) = opened(&browser, &page, folder.path());
        assert!(seen.contains("<svg") || seen.contains("<html"), "{page:?} was not opened: {seen}");
        assert!(
            !seen.contains("<title>ran") && !seen.contains("<script") && !seen.contains("<img"),
            "{page:?}"
        );
        assert!(!asked.contains("evil.example"), "{page:?}");
    }
}
