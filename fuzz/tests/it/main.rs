//! What broke a reader once, its seeds, and some changed inputs that are always the same.

use std::time::Duration;

use sluice_fuzz::campaign::{Limits, Until, run};
use sluice_fuzz::targets::TARGETS;

const SEED: u64 = 1;
/// For changed inputs beside the kept ones; `make fuzz` tries more.
const INPUTS: u64 = 1_500;
/// No measurement: it ends a test that would never end.
const HANGING: Duration = Duration::from_secs(60);

#[test]
fn no_reader_breaks() {
    let limits = Limits { time: HANGING, memory_bytes: 1 << 30 };
    for target in TARGETS {
        let report = run(target, SEED, Until::Inputs(INPUTS), limits);
        assert_eq!(report.failures, Vec::<String>::new(), "{} broke on these inputs", target.name);
    }
}
