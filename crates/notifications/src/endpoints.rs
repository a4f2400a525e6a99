//! Where services live whose address is not part of the block.

/// The addresses of services, without a slash at the end. The default is where they really are; tests put their own
/// servers in the place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoints {
    /// Discord.
    pub discord: String,
    /// Opsgenie in the United States.
    pub opsgenie_us: String,
    /// Opsgenie in Europe.
    pub opsgenie_eu: String,
    /// PagerDuty's events in the United States.
    pub pager_duty_us: String,
    /// PagerDuty's events in Europe.
    pub pager_duty_eu: String,
    /// SendGrid.
    pub sendgrid: String,
    /// Slack's incoming webhooks, for blocks that hold tokens instead of a URL.
    pub slack: String,
    /// Twilio.
    pub twilio: String,
}

impl Default for Endpoints {
    fn default() -> Self {
        let at = |host: &str| format!("https://{host}");
        Self {
            discord: at("discord.com"),
            opsgenie_us: at("api.opsgenie.com"),
            opsgenie_eu: at("api.eu.opsgenie.com"),
            pager_duty_us: at("events.pagerduty.com"),
            pager_duty_eu: at("events.eu.pagerduty.com"),
            sendgrid: at("api.sendgrid.com"),
            slack: at("hooks.slack.com"),
            twilio: at("api.twilio.com"),
        }
    }
}
