//! The keys that a project file knows, and which of them a misspelled one may mean.

pub(super) const FILE: &[&str] =
    &["name", "prefect-version", "description", "build", "push", "pull", "deployments"];

pub(super) const DEPLOYMENT: &[&str] = &[
    "name",
    "version",
    "version_type",
    "tags",
    "description",
    "schedules",
    "paused",
    "concurrency_limit",
    "flow_name",
    "entrypoint",
    "parameters",
    "enforce_parameter_schema",
    "build",
    "push",
    "pull",
    "work_pool",
    "triggers",
    "sla",
];

pub(super) const WORK_POOL: &[&str] = &["name", "work_queue_name", "job_variables"];

pub(super) const CONCURRENCY_LIMIT: &[&str] = &["limit", "collision_strategy", "grace_period_seconds"];

pub(super) const SCHEDULE: &[&str] = &[
    "cron",
    "interval",
    "rrule",
    "timezone",
    "anchor_date",
    "day_or",
    "active",
    "slug",
    "parameters",
    "max_scheduled_runs",
    "replaces",
];

/// The known key that differs least, if it does not differ by much.
pub(super) fn nearest<'k>(key: &str, known: &[&'k str]) -> Option<&'k str> {
    let (distance, nearest) = known.iter().map(|known| (distance(key, known), *known)).min()?;
    (distance <= 1 + key.chars().count() / 4).then_some(nearest)
}

/// How many letters have to be added, taken away, replaced or swapped with their neighbour.
fn distance(left: &str, right: &str) -> usize {
    let (left, right): (Vec<char>, Vec<char>) = (left.chars().collect(), right.chars().collect());
    let mut rows = vec![vec![0; right.len() + 1]; left.len() + 1];
    for (row, cells) in rows.iter_mut().enumerate() {
        cells[0] = row;
    }
    rows[0] = (0..=right.len()).collect();
    for row in 1..=left.len() {
        for column in 1..=right.len() {
            let replaced = rows[row - 1][column - 1] + usize::from(left[row - 1] != right[column - 1]);
            let mut best = replaced.min(rows[row - 1][column] + 1).min(rows[row][column - 1] + 1);
            let is_swap = row > 1
                && column > 1
                && left[row - 1] == right[column - 2]
                && left[row - 2] == right[column - 1];
            if is_swap {
                best = best.min(rows[row - 2][column - 2] + 1);
            }
            rows[row][column] = best;
        }
    }
    rows[left.len()][right.len()]
}

#[cfg(test)]
mod tests {
    use super::{DEPLOYMENT, WORK_POOL, nearest};

    #[test]
    fn the_nearest_key_is_found() {
        for (key, known, expected) in [
            ("nmae", DEPLOYMENT, Some("name")),
            ("entry_point", DEPLOYMENT, Some("entrypoint")),
            ("workpool", DEPLOYMENT, Some("work_pool")),
            ("tag", DEPLOYMENT, Some("tags")),
            ("queue", WORK_POOL, None),
            ("job_variable", WORK_POOL, Some("job_variables")),
        ] {
            assert_eq!(nearest(key, known), expected, "{key}");
        }
    }
}
