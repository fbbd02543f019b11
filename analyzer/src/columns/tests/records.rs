//! Records of any bytes, cut into blocks at any place: the same as the csv crate finds in one piece.

use super::super::block::Blocks;
use super::super::records::for_each;
use csv::{ByteRecord, ReaderBuilder};
use proptest::prelude::*;

type Records = Vec<(u64, Vec<Vec<u8>>)>;

/// All records, each with the line it begins on.
fn in_blocks(text: &[u8], size: usize) -> (Records, u64) {
    let mut blocks = Blocks::new(text, size, b',');
    let (mut block, mut records, mut lines, mut bytes) = (Vec::new(), Vec::new(), 0, 0);
    while blocks.next(&mut block).unwrap().is_some() {
        assert_eq!(block, text[bytes..bytes + block.len()], "blocks are the text, nothing lost");
        bytes += block.len();
        lines += for_each(&block, b',', |line, record| {
            let cells = (0..record.len()).map(|at| record.cell(at).to_vec());
            records.push((lines + line, cells.collect()));
        });
    }
    assert_eq!(bytes, text.len());
    (records, lines)
}

fn by_the_crate(text: &[u8]) -> Vec<Vec<Vec<u8>>> {
    let mut reader = ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text);
    let records: Vec<ByteRecord> = reader.byte_records().map(Result::unwrap).collect();
    records.iter().map(|record| record.iter().map(<[u8]>::to_vec).collect()).collect()
}

/// Lines end with CRLF, LF or CR.
fn count_lines(text: &[u8]) -> u64 {
    let text = String::from_utf8_lossy(text).replace("\r\n", "\n").replace('\r', "\n");
    text.matches('\n').count() as u64
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn cells_are_those_of_the_csv_crate(
        text in prop::collection::vec(prop::sample::select(b"\"\",,\r\n\n a1\xc3".to_vec()), 0..60),
        size in 1usize..20,
    ) {
        let (records, lines) = in_blocks(&text, size);
        let cells: Vec<_> = records.into_iter().map(|(_, cells)| cells).collect();
        prop_assert_eq!(cells, by_the_crate(&text));
        prop_assert_eq!(lines, count_lines(&text));
    }

    #[test]
    fn without_quotes_too(
        text in prop::collection::vec(prop::sample::select(b",,,\r\n\n\nab1".to_vec()), 0..300),
        size in 1usize..200,
    ) {
        let (records, lines) = in_blocks(&text, size);
        let cells: Vec<_> = records.into_iter().map(|(_, cells)| cells).collect();
        prop_assert_eq!(cells, by_the_crate(&text));
        prop_assert_eq!(lines, count_lines(&text));
    }
}

#[test]
fn a_record_stands_on_the_line_where_it_begins() {
    for (text, lines) in [
        ("a\nb\nc", vec![1, 2, 3]),
        ("a\r\nb\r\nc\r\n", vec![1, 2, 3]),
        ("a\rb\rc\r", vec![1, 2, 3]),
        ("\n\na\n\n\r\nb\n", vec![3, 6]),
        ("\"a\nb\"\nc\n\"d\r\ne\",f\r\n\r\ng", vec![1, 3, 4, 7]),
        ("a,\"\n\n\n\"\n\"b\"", vec![1, 5]),
        ("a\n \nb", vec![1, 2, 3]),
    ] {
        for size in 1..=text.len() {
            let found: Vec<u64> = in_blocks(text.as_bytes(), size).0.iter().map(|(line, _)| *line).collect();
            assert_eq!(found, lines, "{text:?} in blocks of {size}");
        }
    }
}

#[test]
fn a_byte_order_mark_behind_the_first_record_is_text() {
    let text = "a\n\u{feff}b,\"c\"\n".as_bytes();
    for size in 1..=text.len() {
        assert_eq!(in_blocks(text, size).0[1].1[0], "\u{feff}b".as_bytes());
    }
}

#[test]
fn a_block_is_no_longer_than_it_must_be() {
    let text = "ab,cd\n".repeat(1_000);
    for quote in ["", "\"\"\n"] {
        let text = format!("{quote}{text}");
        let mut blocks = Blocks::new(text.as_bytes(), 100, b',');
        let mut block = Vec::new();
        while blocks.next(&mut block).unwrap().is_some() {
            assert!(block.len() <= 106, "{}", block.len());
        }
    }
}
