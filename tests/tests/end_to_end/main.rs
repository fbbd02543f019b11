//! One binary for all tests that start processes.

mod arms;
mod controls;
mod example;
mod peers;
mod pipeline;
mod spec;
mod throwaway_arm;
