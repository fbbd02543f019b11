//! Writes the seeds of a target into a folder, as libFuzzer wants them: `seeds TARGET FOLDER`.

fn main() -> std::io::Result<()> {
    let mut args = std::env::args().skip(1);
    let (name, folder) = (args.next().unwrap_or_default(), args.next().unwrap_or_default());
    std::fs::create_dir_all(&folder)?;
    for (number, seed) in (fuzz_targets::target(&name).seeds)().iter().enumerate() {
        std::fs::write(format!("{folder}/seed-{number:03}"), seed)?;
    }
    Ok(())
}
