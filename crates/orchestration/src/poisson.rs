//! Waits that are spread around an average, so that what waits together does not wake together.

/// Half of what the reference allows around an average when it says nothing else.
pub const DEFAULT_CLAMPING_FACTOR: f64 = 0.3;

/// An interval drawn from an exponential distribution around `average_interval` seconds, at most
/// `1 + clamping_factor` times as long, with the lower bound placed so that the median stays in the middle.
/// `uniform` is a random number in `[0, 1)`. Zero for an average that is not positive.
pub fn clamped_interval(average_interval: f64, clamping_factor: f64, uniform: f64) -> f64 {
    const SMALLEST_LOGARITHM_ARGUMENT: f64 = 1e-10;
    if average_interval <= 0.0 || !average_interval.is_finite() {
        return 0.0;
    }
    let upper_multiple = 1.0 + clamping_factor;
    let upper = cumulative_probability(upper_multiple);
    let lower = cumulative_probability(lower_clamp_multiple(upper_multiple).max(0.0));
    let drawn = lower + (upper - lower) * uniform;
    -(1.0 - drawn).max(SMALLEST_LOGARITHM_ARGUMENT).ln() * average_interval
}

/// The exponential distribution's share below `multiple` times its mean.
fn cumulative_probability(multiple: f64) -> f64 {
    1.0 - (-multiple).exp()
}

fn lower_clamp_multiple(upper_multiple: f64) -> f64 {
    const NO_LOWER_BOUND_FROM: f64 = 50.0;
    if upper_multiple >= NO_LOWER_BOUND_FROM {
        return 0.0;
    }
    let power = upper_multiple.exp2();
    (power / (power - 1.0)).max(1e-10).log2()
}

#[cfg(test)]
mod tests {
    use super::clamped_interval;

    #[test]
    fn intervals_are_those_of_the_reference_for_the_same_random_number() {
        let cases = [
            (10.0, 0.3, 0.5, 9.887_778_354_591_742),
            (2.0, 0.3, 0.5, 1.977_555_670_918_348_3),
            (5.0, 0.5, 0.5, 4.864_019_192_633_26),
            (1.0, 60.0, 0.5, std::f64::consts::LN_2),
            (10.0, 0.3, 0.0, 7.517_717_039_771_911),
            (10.0, 0.3, 1.0, 13.0),
            (0.0, 0.3, 0.5, 0.0),
            (-1.0, 0.3, 0.5, 0.0),
        ];
        for (average, factor, uniform, expected) in cases {
            let drawn = clamped_interval(average, factor, uniform);
            assert!((drawn - expected).abs() < 1e-9, "{average} {factor} {uniform}: {drawn}");
        }
    }
}
