//! Adding an arm is one folder and one name in a plan: CONTRIBUTING's recipe, carried out on a copy of the workspace.

use end_to_end::{binary, workspace};
use std::fs;
use std::path::Path;
use std::process::Command;

const NAME: &str = "throwaway-arm";

/// Copies what a build needs; not the runs, the reports and the builds.
fn copy_workspace(to: &Path) {
    let files = Command::new("git")
        .current_dir(workspace())
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .output()
        .expect("git ls-files");
    for file in String::from_utf8(files.stdout).expect("UTF-8 paths").lines() {
        let (source, target) = (workspace().join(file), to.join(file));
        if source.is_file() {
            fs::create_dir_all(target.parent().expect("a folder")).expect("a folder");
            fs::copy(source, target).expect("a copy");
        }
    }
}

#[test]
fn throwaway_arm_needs_a_folder_and_a_name_in_a_plan() {
    let copy = tempfile::tempdir().expect("a folder");
    copy_workspace(copy.path());
    let folder = copy.path().join("bins").join(NAME);
    fs::create_dir_all(folder.join("src")).expect("a folder");
    for file in ["Cargo.toml", "src/main.rs"] {
        let text = fs::read_to_string(workspace().join("bins/smol-1kb").join(file)).expect("the model arm");
        let text = text.replace("smol-1kb", NAME).replace(".read_cap(1024)", "");
        fs::write(folder.join(file), text).expect("the new arm");
    }

    // A target folder of its own: cargo takes the copy's crates for the workspace's and would mix their builds.
    let target = workspace().join("target/throwaway");
    let built = Command::new(env!("CARGO"))
        .current_dir(copy.path())
        .env("CARGO_TARGET_DIR", &target)
        .args(["build", "--offline", "-q", "-p", &format!("run-{NAME}")])
        .output()
        .expect("cargo");
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));

    let plan = format!(
        "description = \"a new arm\"\nblocks = 2\nseed = 1\nbaseline = \"{NAME}\"\nmargin_efficiency = 0.005\n\
         margin_log_time = 0.05\n[[sets]]\nname = \"new\"\narms = [\"{NAME}\"]\nclient = \"hyper\"\nagents = [2]\n\
         workload = \"stream\"\nscenario = \"chimera_homo\"\ntokens = [10]\n[sets.sim]\nttft_ms = 5\nitl_ms = 2\n"
    );
    let plan_file = copy.path().join("new.toml");
    fs::write(&plan_file, plan).expect("the plan");
    let runs = copy.path().join("runs");
    let bins = copy.path().join("programs");
    fs::create_dir(&bins).expect("a folder");
    for (name, program) in [(NAME, target.join("debug").join(NAME)), ("ollama-sim", binary("ollama-sim"))] {
        std::os::unix::fs::symlink(program, bins.join(name)).expect("a link");
    }
    let swept = Command::new(binary("sweep"))
        .current_dir(copy.path())
        .arg("--plan")
        .arg(&plan_file)
        .arg("--runs-dir")
        .arg(&runs)
        .arg("--bin-dir")
        .arg(&bins)
        .args(["--run", "new-arm"])
        .output()
        .expect("sweep");
    assert!(swept.status.success(), "{}", String::from_utf8_lossy(&swept.stderr));
    let trials = fs::read_to_string(runs.join("new-arm/trials.csv")).expect("trials.csv");
    // Two blocks of the arm and its A/A twin.
    assert_eq!(trials.lines().count(), 1 + 4, "{trials}");
    assert_eq!(trials.matches(",ok,").count(), 4, "{trials}");
}
