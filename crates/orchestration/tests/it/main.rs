//! What holds for every transition, whatever the run, its states, the facts and the client.

mod flow_runs;
mod handed_out_runs;
mod reference_cases;
mod strategies;
mod task_runs;
