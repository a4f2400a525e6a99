//! One file for each service.

pub(crate) mod custom_webhook;
pub(crate) mod discord;
pub(crate) mod mattermost;
pub(crate) mod microsoft_teams;
pub(crate) mod opsgenie;
pub(crate) mod pager_duty;
pub(crate) mod sendgrid;
pub(crate) mod slack;
pub(crate) mod twilio;
pub(crate) mod webhook;
