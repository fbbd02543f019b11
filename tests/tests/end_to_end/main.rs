//! One binary for all tests that start processes.

mod api_key;
mod arms;
mod controls;
mod example;
mod faults;
mod like_real_servers;
mod makefile;
mod micro;
mod open_loop;
mod outputs;
mod pathologies;
mod peers;
mod pipeline;
mod receive_stamps;
mod report_workload;
mod scale;
mod soak;
mod spec;
mod throwaway_arm;
mod token_stamps;
mod wire_cases;
mod wire_cases_by_driver;
