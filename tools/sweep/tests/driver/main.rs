//! The driver, end to end: real processes, fake arms, and servers inside the tests.

#![allow(clippy::unwrap_used)] // helpers of tests panic like tests do

mod support;
mod tokens;

mod agents;
mod bad_plans;
mod begin;
mod builds;
mod calibration;
mod checks;
mod damaged;
mod doctor;
mod factors;
mod floor;
mod full_disk;
mod gone;
mod keys;
mod kills;
mod micro;
mod open_loop;
mod order;
mod outputs;
mod placement;
mod plans_and_bins;
mod resume;
mod scale;
mod servers;
mod simulators;
mod slots;
