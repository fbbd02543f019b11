//! One binary for all tests that start processes.

mod arms;
mod controls;
mod example;
mod faults;
mod open_loop;
mod pathologies;
mod peers;
mod pipeline;
mod receive_stamps;
mod report_workload;
mod scale;
mod spec;
mod throwaway_arm;
mod token_stamps;
