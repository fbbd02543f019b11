//! GLOSSARY.md shows the schema as it is.

#[test]
fn the_glossary_holds_the_generated_column_tables() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../GLOSSARY.md");
    let text = std::fs::read_to_string(path).expect(path);
    assert!(
        text.contains(&tandem_records::glossary_tables()),
        "GLOSSARY.md is out of date: run `make glossary`"
    );
}
