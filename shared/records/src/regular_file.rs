//! Opens what somebody named as a file. A named pipe in its place would keep reader and writer waiting for ever.

use std::fs::{File, FileType, Metadata};
use std::io::{self, ErrorKind, Read};
use std::os::unix::fs::FileTypeExt;
use std::path::Path;

/// Opens a file for reading.
///
/// # Errors
/// It cannot be opened, or it is no regular file; the message says what it is.
pub fn open(path: &Path) -> io::Result<File> {
    // Looked at before it is opened: opening alone waits at a named pipe, and sets a device going.
    only_file(&std::fs::metadata(path)?)?;
    File::open(path)
}

/// All bytes of a file.
///
/// # Errors
/// As [`open`], or it cannot be read.
pub fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut file = open(path)?;
    let mut bytes = Vec::with_capacity(file.metadata().map_or(0, |meta| meta.len() as usize));
    file.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The text of a file.
///
/// # Errors
/// As [`read`], or it is no UTF-8.
pub fn read_to_string(path: &Path) -> io::Result<String> {
    String::from_utf8(read(path)?)
        .map_err(|_| io::Error::new(ErrorKind::InvalidData, "it is no text in UTF-8"))
}

/// Checks a path that is about to be written: nothing stands there yet, or a file or a device (`/dev/null`) does.
///
/// # Errors
/// Something else does; the message says what.
pub fn check_writable(path: &Path) -> io::Result<()> {
    match std::fs::metadata(path) {
        Ok(meta) if meta.file_type().is_char_device() => Ok(()),
        Ok(meta) => only_file(&meta),
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(()),
        Err(e) => Err(e),
    }
}

fn only_file(meta: &Metadata) -> io::Result<()> {
    if meta.is_file() {
        return Ok(());
    }
    let what = kind(meta.file_type());
    Err(io::Error::new(ErrorKind::InvalidInput, format!("it is {what}; name a regular file")))
}

fn kind(file: FileType) -> &'static str {
    match file {
        kind if kind.is_dir() => "a folder",
        kind if kind.is_fifo() => "a named pipe",
        kind if kind.is_socket() => "a socket",
        _ => "a device",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    #[test]
    fn what_is_no_file_is_an_error_at_once_and_says_what_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        for (path, what) in [(pipe.as_path(), "a named pipe"), (folder.path(), "a folder")] {
            let wanted = format!("it is {what}; name a regular file");
            assert_eq!(open(path).unwrap_err().to_string(), wanted);
            assert_eq!(check_writable(path).unwrap_err().to_string(), wanted);
        }
        assert_eq!(
            open(Path::new("/dev/null")).unwrap_err().to_string(),
            "it is a device; name a regular file"
        );
        check_writable(Path::new("/dev/null")).unwrap();
        check_writable(&folder.path().join("nothing")).unwrap();
        let file = folder.path().join("file");
        std::fs::write(&file, b"text").unwrap();
        assert_eq!(read_to_string(&file).unwrap(), "text");
        std::fs::write(&file, [0xff]).unwrap();
        assert_eq!(read_to_string(&file).unwrap_err().to_string(), "it is no text in UTF-8");
        assert_eq!(open(&folder.path().join("nothing")).unwrap_err().kind(), ErrorKind::NotFound);
    }
}
