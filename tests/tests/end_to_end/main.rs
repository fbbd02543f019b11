//! One binary for all tests that start processes.

mod arms;
mod controls;
mod example;
mod pathologies;
mod peers;
mod pipeline;
mod report_workload;
mod scale;
mod spec;
mod throwaway_arm;
