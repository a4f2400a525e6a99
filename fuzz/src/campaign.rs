//! Runs a target on many inputs, and watches.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rand::SeedableRng;
use rand::rngs::StdRng;
use sluice_store::THREAD_STACK_BYTES;

use crate::mutate::mutate;
use crate::regressions;
use crate::targets::Target;

/// When a campaign ends.
#[derive(Debug, Clone, Copy)]
pub enum Until {
    /// After so many inputs.
    Inputs(u64),
    /// After this time.
    Elapsed(Duration),
}

/// What one input may cost.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// After this time the process ends and says which input it was.
    pub time: Duration,
    /// How much the process may grow with the campaign.
    pub memory_bytes: u64,
}

/// What a campaign saw.
#[derive(Debug, Default)]
pub struct Report {
    /// How many inputs were tried.
    pub inputs: u64,
    /// The most processor time that one took, and which it was.
    pub slowest: Duration,
    pub slowest_input: String,
    /// How much the process grew at its largest; zero where the system does not say.
    pub growth_bytes: u64,
    /// Where the inputs were kept that made the target panic or grow beyond its limit.
    pub failures: Vec<String>,
}

/// Tries the seeds of the target and what was kept of earlier campaigns, then changed inputs, the same for the same
/// `seed`. An input that takes longer than its limit ends the process with exit code 1: nothing can stop it otherwise.
/// One that overflows the stack aborts the process; it is then in the file that [`regressions::under_way`] names.
///
/// # Panics
/// When the target cannot be run at all.
pub fn run(target: &Target, seed: u64, until: Until, limits: Limits) -> Report {
    std::thread::scope(|scope| {
        std::thread::Builder::new()
            .stack_size(THREAD_STACK_BYTES)
            .spawn_scoped(scope, || run_here(target, seed, until, limits))
            .ok()
            .and_then(|thread| thread.join().ok())
            .unwrap_or_else(|| panic!("{} cannot be run", target.name))
    })
}

fn run_here(target: &Target, seed: u64, until: Until, limits: Limits) -> Report {
    let mut inputs: Vec<String> = target.seeds.iter().map(|seed| (*seed).to_owned()).collect();
    inputs.extend(regressions::of(target.name));
    let watch = Watch::start(target.name, limits.time);
    let mut random = StdRng::seed_from_u64(seed);
    let mut report = Report::default();
    let started = Instant::now();
    let before = resident_bytes();
    let mut known = inputs.clone().into_iter();
    while !is_over(until, report.inputs, started) {
        let input = known.next().unwrap_or_else(|| mutate(&mut random, &inputs, target.words));
        let began = processor_time();
        watch.begin(&input);
        let outcome = catch_unwind(AssertUnwindSafe(|| (target.run)(&input)));
        watch.end();
        let took = processor_time().saturating_sub(began);
        if took > report.slowest {
            report.slowest = took;
            report.slowest_input.clone_from(&input);
        }
        report.inputs += 1;
        let growth = resident_bytes().saturating_sub(before);
        let grew_too_much = growth > limits.memory_bytes && report.growth_bytes <= limits.memory_bytes;
        report.growth_bytes = report.growth_bytes.max(growth);
        if outcome.is_err() || grew_too_much {
            report.failures.push(regressions::keep(target.name, &input));
        }
    }
    report
}

fn is_over(until: Until, inputs: u64, started: Instant) -> bool {
    match until {
        Until::Inputs(most) => inputs >= most,
        Until::Elapsed(time) => started.elapsed() >= time,
    }
}

/// What this thread has had of a processor, so that a busy machine makes no input slow; zero where nobody says.
fn processor_time() -> Duration {
    std::fs::read_to_string("/proc/thread-self/schedstat")
        .ok()
        .and_then(|text| text.split_whitespace().next()?.parse().ok())
        .map_or(Duration::ZERO, Duration::from_nanos)
}

/// Memory of this process; zero where nobody says.
fn resident_bytes() -> u64 {
    const PAGE: u64 = 4096;
    std::fs::read_to_string("/proc/self/statm")
        .ok()
        .and_then(|text| text.split_whitespace().nth(1)?.parse::<u64>().ok())
        .map_or(0, |pages| pages * PAGE)
}

/// Ends the process when an input takes too long.
struct Watch {
    current: Arc<Mutex<Option<(Instant, String)>>>,
    file: PathBuf,
}

impl Watch {
    fn start(target: &'static str, limit: Duration) -> Self {
        let current: Arc<Mutex<Option<(Instant, String)>>> = Arc::default();
        let watched = Arc::downgrade(&current);
        std::thread::spawn(move || {
            while let Some(current) = watched.upgrade() {
                let hanging = {
                    let current = current.lock().unwrap_or_else(PoisonError::into_inner);
                    current
                        .as_ref()
                        .filter(|(began, _)| began.elapsed() > limit)
                        .map(|(_, input)| input.clone())
                };
                drop(current);
                if let Some(input) = hanging {
                    let kept = regressions::keep(target, &input);
                    eprintln!("{target}: an input takes more than {limit:?}; it is in {kept}");
                    std::process::exit(1);
                }
                std::thread::sleep(Duration::from_millis(100));
            }
        });
        Self { current, file: regressions::under_way(target) }
    }

    fn begin(&self, input: &str) {
        // Best effort: only an abort needs it.
        let _ = std::fs::write(&self.file, input);
        *self.current.lock().unwrap_or_else(PoisonError::into_inner) =
            Some((Instant::now(), input.to_owned()));
    }

    fn end(&self) {
        *self.current.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.file);
    }
}
