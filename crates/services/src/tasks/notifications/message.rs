//! What an action sends.

use sluice_notifications::{Problem, Request, requests, webhook};
use sluice_store::automations::actions::PendingAction;
use sluice_templating::Renderer;
use sluice_wire::automations::Action;

use super::blocks::{self, Block};
use super::redaction::Redaction;
use crate::Context;
use crate::tasks::actions::outcome::{Refused, Report};
use crate::tasks::actions::template_context;

/// A message that is ready to go.
pub(super) struct Message {
    /// What is sent, in order.
    pub(super) parts: Vec<Part>,
    /// Its heading, for mails.
    pub(super) subject: String,
    /// Its text, for mails.
    pub(super) body: String,
    /// Whether it is the call of a webhook, whose answer is told.
    pub(super) is_call: bool,
    /// What events tell of it.
    pub(super) report: Report,
    /// What they do not.
    pub(super) redaction: Redaction,
}

impl Message {
    /// Where it goes: the host of its first request; all of a message's go to the same service. Mails have one server.
    pub(super) fn host(&self) -> String {
        match self.parts.first() {
            Some(Part::Request(request)) => request.url.host_str().unwrap_or_default().to_owned(),
            Some(Part::Mail { .. }) | None => String::new(),
        }
    }
}

/// What one receiver gets.
pub(super) enum Part {
    Request(Request),
    Mail { to: String },
}

/// Reads the block and makes the message of it.
pub(super) async fn prepare(context: &Context, pending: &PendingAction) -> Result<Message, Refused> {
    let mut report = Report::default();
    let made = make(context, pending, &mut report).await;
    made.map_err(|refused| match refused {
        // What was known until then is told too.
        Refused::Failed { reason, report: more } => {
            report.details.extend(more.details);
            Refused::Failed { reason, report: Box::new(report.clone()) }
        }
        other => other,
    })
}

async fn make(context: &Context, pending: &PendingAction, report: &mut Report) -> Result<Message, Refused> {
    let id = pending.action.id;
    match &pending.action.action {
        Action::SendNotification(send) => {
            let block = blocks::read(context, pending, send.block_document_id, "notification").await?;
            if !block.can_notify {
                return Err(Refused::failed("The referenced block was not a notification block"));
            }
            block.relate(report);
            let [subject, body] = render(context, pending, [&send.subject, &send.body]).await?;
            let message = sluice_notifications::Message {
                subject: &subject,
                body: &body,
                id,
                sent: pending.action.firing.triggered,
            };
            let requests = requests(&block.slug, &block.data, &message, &context.settings.endpoints)
                .map_err(|problem| invalid("notification", &problem))?;
            Ok(of_requests(requests, &block, false, report))
        }
        Action::CallWebhook(call) => {
            let block = blocks::read(context, pending, call.block_document_id, "webhook").await?;
            if block.slug != sluice_notifications::WEBHOOK {
                return Err(Refused::failed("The referenced block was not a webhook block"));
            }
            block.relate(report);
            let [payload] = render(context, pending, [&call.payload]).await?;
            let request =
                webhook(&block.data, &payload, id).map_err(|problem| invalid("webhook", &problem))?;
            Ok(of_requests(vec![request], &block, true, report))
        }
        Action::SendEmailNotification(send) => {
            let [subject, body] = render(context, pending, [&send.subject, &send.body]).await?;
            Ok(Message {
                parts: send.emails.iter().map(|to| Part::Mail { to: to.clone() }).collect(),
                subject,
                body,
                is_call: false,
                report: report.clone(),
                redaction: Redaction::default(),
            })
        }
        other => Err(Refused::failed(format!("'{}' sends no message", other.kind()))),
    }
}

fn of_requests(requests: Vec<Request>, block: &Block, is_call: bool, report: &Report) -> Message {
    Message {
        redaction: Redaction::new(&block.data, &requests),
        parts: requests.into_iter().map(Part::Request).collect(),
        subject: String::new(),
        body: String::new(),
        is_call,
        report: report.clone(),
    }
}

fn invalid(what: &str, problem: &Problem) -> Refused {
    Refused::failed(format!("The {what} block was invalid: {problem}"))
}

async fn render<const N: usize>(
    context: &Context,
    pending: &PendingAction,
    templates: [&String; N],
) -> Result<[String; N], Refused> {
    let texts = templates.map(Clone::clone);
    let values = template_context::read(context, pending, &texts).await?;
    let renderer = Renderer::new(&context.settings.ui_url, values);
    let mut rendered = texts;
    for text in &mut rendered {
        *text = renderer.render(text).map_err(|error| {
            let mut report = Box::<Report>::default();
            report.details.insert("template_error".to_owned(), error.to_string().into());
            report.details.insert("template_source".to_owned(), error.template.clone().into());
            let reason = format!("Template rendering failed: {:?}", error.error);
            Refused::Failed { reason, report }
        })?;
    }
    Ok(rendered)
}
