//! What the programs of Tandem exchange: the rows of a run's CSV files, the manifest, the command line
//! of one trial and the report an arm prints.
//!
//! The structs here *are* the schema: field order is column order, and the doc comments generate the
//! column tables of `GLOSSARY.md`. Rows hold observations only; every formula lives in the analyzer.

mod api_key;
mod arm_report;
mod calibration;
mod manifest;
/// Standard output and standard error, for every program.
pub mod output;
/// Files that are files and no pipes.
pub mod regular_file;
mod rows;
mod status;
mod table;
mod text;
mod token_stamps;
mod trial_spec;

pub use api_key::{API_KEY_VARIABLE, ApiKey, masked};
pub use arm_report::{ArmReport, Delays, MicroBatch};
pub use calibration::{Calibration, Injected, OwnCosts};
pub use manifest::{ArmReceipt, Machine, Manifest, PlanRef, ServerRecord};
pub use rows::{
    AgentRow, DelaySource, FootprintRow, MicroRow, Phase, PlanRow, RequestRow, Role, TokensFrom, TrialRow,
};
pub use status::Status;
pub use table::{Column, Table, glossary_tables};
pub use text::server_text;
pub use token_stamps::{
    STAMPS_FOLDER, StampsError, StampsHeader, StampsReader, StampsRequest, StampsWriter, TokenStamps,
    stamps_file,
};
pub use trial_spec::{
    Api, Arrivals, Cache, Capacity, Client, Connection, Endpoint, Length, PhaseOrder, Pin, RATES_PER_S,
    RequestField, RequestOptions, ServerKind, Stage, TrialSpec, Workload, files_needed,
};

/// Version of every file format in this crate. Raise it with any change of a column, a status or the manifest.
pub const SCHEMA_VERSION: u32 = 4;

/// Label of a client that reaches Tokio's I/O from another runtime (reqwest on smol and async-std).
pub const VIA_TOKIO_BRIDGE: &str = "via Tokio bridge";
