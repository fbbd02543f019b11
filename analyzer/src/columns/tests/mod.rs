//! The reader against the csv crate and against a plain model, at any block size and any number of threads.

mod model;
mod records;

use super::{Columns, ColumnsError, Selection, read_from};
use std::io::{self, Read};
use std::path::Path;

pub(super) fn selection(value: &str, group: Option<&str>, block: Option<&str>, by: &[&str]) -> Selection {
    let owned = |name: Option<&str>| name.map(str::to_owned);
    let by = by.iter().map(|&name| name.to_owned()).collect();
    Selection { value: value.to_owned(), group: owned(group), block: owned(block), by }
}

pub(super) fn read_text(
    text: &[u8],
    size: usize,
    threads: usize,
    selection: &Selection,
) -> Result<Columns, ColumnsError> {
    read_from(text, size, threads, selection, Path::new("a.csv"))
}

#[test]
fn a_source_that_fails_half_way_is_an_error() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("the disk is gone"))
        }
    }
    for threads in [1, 3] {
        for rows in [0, 1, 100] {
            let text = "v\n".to_owned() + &"1\n".repeat(rows);
            let source = text.as_bytes().chain(Broken);
            let failed = read_from(source, 16, threads, &selection("v", None, None, &[]), Path::new("a.csv"));
            let message = failed.unwrap_err().to_string();
            assert_eq!(message, "a.csv: the disk is gone; name a CSV file that can be read");
        }
    }
}

#[test]
fn a_file_of_one_long_cell_is_read_in_linear_time() {
    // Each block of one byte is looked at once: with the whole cell looked at again and again this would take hours.
    let text = format!("v,w\n1,\"{}\"\n2,z\n", "x\n".repeat(500_000));
    let columns = read_text(text.as_bytes(), 1, 1, &selection("v", None, None, &[])).unwrap();
    assert_eq!(columns.cells[0].groups[0].values, [1.0, 2.0]);
}
