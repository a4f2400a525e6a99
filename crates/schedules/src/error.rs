//! Why a schedule cannot be used.

/// What is wrong with a schedule. The texts travel to clients, so they are those of the reference where it has one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScheduleError {
    /// The interval is zero or negative.
    #[error("interval must be positive")]
    IntervalNotPositive,
    /// An interval schedule was asked for dates before its anchor was filled in with [`crate::complete`].
    #[error("the interval schedule has no anchor date: fill it in before asking for dates")]
    MissingAnchor,
    /// No such time zone.
    #[error(
        "Invalid timezone: \"{timezone}\" (specify in IANA tzdata format, for example, America/New_York)"
    )]
    InvalidTimezone {
        /// The name that is no zone.
        timezone: String,
        /// Whether the zone belongs to a recurrence rule, whose `timezone` is checked as a field of its own.
        of_rrule: bool,
    },
    /// The cron expression cannot be understood.
    #[error("Invalid cron string: \"{0}\"")]
    InvalidCron(String),
    /// The cron expression asks for a random or hashed value.
    #[error("Random and Hashed expressions are unsupported, received: \"{0}\"")]
    RandomCron(String),
    /// The recurrence rule cannot be understood.
    #[error("Invalid RRule string \"{rrule}\": {reason}")]
    InvalidRRule {
        /// The text as it was sent.
        rrule: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The recurrence rule is longer than [`crate::MAX_RRULE_LENGTH`].
    #[error("Invalid RRule string \"{beginning}...\"\nMax length is {max}, got {length}", max = crate::MAX_RRULE_LENGTH)]
    RRuleTooLong {
        /// The first 40 characters.
        beginning: String,
        /// Characters of the whole text.
        length: usize,
    },
}

impl ScheduleError {
    /// The field of the schedule that is at fault; `None` when the reference reports the schedule as a whole.
    pub fn field(&self) -> Option<&'static str> {
        match self {
            Self::IntervalNotPositive => Some("interval"),
            Self::MissingAnchor => Some("anchor_date"),
            Self::InvalidTimezone { of_rrule, .. } => of_rrule.then_some("timezone"),
            Self::InvalidCron(_) | Self::RandomCron(_) => Some("cron"),
            Self::InvalidRRule { .. } | Self::RRuleTooLong { .. } => Some("rrule"),
        }
    }
}
