//! The simulator again, as an example of this package: cargo builds a package's examples with its tests, and so
//! the tests find a simulator whatever else was built.

use clap::Parser;
use ollama_sim::{Shutdown, VERSION, args::Args, base_urls, bind, run};

fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    if args.exit_with_parent {
        rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::TERM))?;
    }
    let listeners = args.listen.iter().map(|&address| bind(address)).collect::<Result<Vec<_>, _>>()?;
    let shutdown = Shutdown::new()?;
    let handle = shutdown.clone();
    ctrlc::set_handler(move || handle.trigger())?;
    println!("{}", serde_json::json!({ "listening": base_urls(&listeners)?, "version": VERSION }));
    let report = run(listeners, args.config(), &shutdown)?;
    println!("{}", report.to_json());
    Ok(())
}
