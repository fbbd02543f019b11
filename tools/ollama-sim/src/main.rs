//! `ollama-sim`: see `--help`.

fn main() -> std::process::ExitCode {
    ollama_sim::program::main()
}
