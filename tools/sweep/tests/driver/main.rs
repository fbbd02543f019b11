//! The driver, end to end: real processes, fake arms, and servers inside the tests.

#![allow(clippy::unwrap_used)] // helpers of tests panic like tests do

mod support;
mod tokens;

mod agents;
mod bad_plans;
mod calibration;
mod checks;
mod doctor;
mod factors;
mod floor;
mod full_disk;
mod keys;
mod kills;
mod micro;
mod open_loop;
mod order;
mod placement;
mod plans_and_bins;
mod resume;
mod scale;
mod servers;
mod simulators;
mod slots;
