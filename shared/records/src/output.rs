//! The one way of every program to standard output and standard error. `println!` and `eprintln!` panic where nobody
//! reads them any more, and where the disk behind them is full.

use std::io::{self, ErrorKind, Write};

/// Writes text to standard output.
///
/// # Errors
/// It cannot be written. A reader that has closed the pipe (`| head`) has seen what it wanted: that is none.
pub fn print(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        Err(error) => {
            Err(io::Error::new(error.kind(), format!("standard output cannot be written: {error}")))
        }
        Ok(()) => Ok(()),
    }
}

/// Writes a line to standard error, in one piece. Where that cannot be written there is no place left to say so.
pub fn say(line: &str) {
    let _ = io::stderr().lock().write_all(format!("{line}\n").as_bytes());
}
