//! Turns a struct definition into a CSV schema: one macro, so that fields, columns and glossary cannot disagree.

use std::fmt::Write as _;

/// One column of a CSV file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Name in the header row.
    pub name: &'static str,
    /// Rust type of the field; `Option` means that the cell may be empty.
    pub kind: &'static str,
    /// Meaning and unit.
    pub meaning: &'static str,
}

/// A row type whose fields are the columns of one file of a run.
pub trait Table {
    /// File name inside the run's folder.
    const FILE: &'static str;
    /// Columns in file order.
    const COLUMNS: &'static [Column];
}

/// Declares a row struct and its [`Table`] in one go. A column `name: String as "crate::text"` holds a server's words.
macro_rules! table {
    ($file:literal, $(#[doc = $struct_doc:literal])+ $name:ident {
        $($(#[doc = $doc:literal])+ $field:ident: $kind:ty $(as $with:literal)?,)+
    }) => {
        $(#[doc = $struct_doc])+
        #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
        pub struct $name { $($(#[doc = $doc])+ $(#[serde(with = $with)])? pub $field: $kind,)+ }

        impl $crate::table::Table for $name {
            const FILE: &'static str = $file;
            const COLUMNS: &'static [$crate::table::Column] = &[$($crate::table::Column {
                name: stringify!($field),
                kind: stringify!($kind),
                meaning: concat!($($doc),+),
            },)+];
        }
    };
}
pub(crate) use table;

/// The column tables of `GLOSSARY.md`, generated from the row structs.
pub fn glossary_tables() -> String {
    let mut out = String::new();
    section::<crate::PlanRow>(&mut out);
    section::<crate::TrialRow>(&mut out);
    section::<crate::AgentRow>(&mut out);
    section::<crate::RequestRow>(&mut out);
    section::<crate::FootprintRow>(&mut out);
    section::<crate::MicroRow>(&mut out);
    out.push_str("### Statuses\n\n| status | meaning |\n|---|---|\n");
    for (status, meaning) in crate::Status::ALL {
        let _ = writeln!(out, "| `{status}` |{meaning} |");
    }
    out
}

fn section<T: Table>(out: &mut String) {
    let _ = writeln!(out, "### {}\n\n| column | type | meaning |\n|---|---|---|", T::FILE);
    for column in T::COLUMNS {
        let kind = column.kind.replace("Option < ", "Option<").replace(" >", ">");
        let _ = writeln!(out, "| `{}` | `{kind}` |{} |", column.name, column.meaning);
    }
    out.push('\n');
}
