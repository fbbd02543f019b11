//! The simulator again, as an example of this package: cargo builds a package's examples with its tests, and so
//! the tests find a simulator whatever else was built.

fn main() -> std::process::ExitCode {
    ollama_sim::program::main()
}
