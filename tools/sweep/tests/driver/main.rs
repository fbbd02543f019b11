//! The driver, end to end: real processes, fake arms, and servers inside the tests.

#![allow(clippy::unwrap_used)] // helpers of tests panic like tests do

mod support;

mod bad_plans;
mod order;
mod plans_and_bins;
mod resume;
mod servers;
mod simulators;
