//! The fake arm again, as an example of this package: cargo builds a package's examples with its tests, and so
//! the tests find an arm whatever else was built.

fn main() -> std::process::ExitCode {
    fake_arm::main()
}
