//! Binary `fake`. Copies and links of it under other names are arms of those names.

fn main() -> std::process::ExitCode {
    fake_arm::main()
}
