//! What has become of the parts of a message: kept in its row from one try to the next.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::tasks::actions::outcome::Report;

/// How a part ended.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Ended {
    /// The status of the answer, if there was one.
    pub(super) status_code: Option<u16>,
    /// Why it was not delivered; none: it was.
    pub(super) reason: Option<String>,
    /// What is told of the answer besides.
    #[serde(default)]
    pub(super) details: Map<String, Value>,
}

impl Ended {
    pub(super) fn delivered(status_code: Option<u16>) -> Self {
        Self { status_code, ..Self::default() }
    }

    pub(super) fn failed(status_code: Option<u16>, reason: String) -> Self {
        Self { status_code, reason: Some(reason), details: Map::new() }
    }
}

/// How far a message has come: its parts in order, none for those that wait.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Progress {
    parts: Vec<Option<Ended>>,
}

impl Progress {
    /// What was kept, for a message of `count` parts. What was kept for another number of them is forgotten: the
    /// block has changed.
    pub(super) fn read(kept: Option<&str>, count: usize) -> Self {
        kept.and_then(|text| serde_json::from_str::<Self>(text).ok())
            .filter(|progress| progress.parts.len() == count)
            .unwrap_or_else(|| Self { parts: vec![None; count] })
    }

    pub(super) fn write(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    pub(super) fn has_ended(&self, index: usize) -> bool {
        self.parts.get(index).is_some_and(Option::is_some)
    }

    pub(super) fn end(&mut self, index: usize, ended: Ended) {
        if let Some(part) = self.parts.get_mut(index) {
            *part = Some(ended);
        }
    }

    /// Ends all parts that still wait.
    pub(super) fn end_rest(&mut self, ended: &Ended) {
        for part in &mut self.parts {
            part.get_or_insert_with(|| ended.clone());
        }
    }

    /// Writes what the events tell into `report`. Returns why the message failed, if it did.
    pub(super) fn tell(&self, is_call: bool, attempts: i64, report: &mut Report) -> Option<String> {
        let ended: Vec<&Ended> = self.parts.iter().flatten().collect();
        let failed = ended.iter().find(|ended| ended.reason.is_some()).copied();
        if let Some(told) = failed.or(ended.last().copied()) {
            if let Some(status) = told.status_code {
                report.status(status);
            }
            report.details.extend(told.details.clone());
        }
        report.details.insert("attempts".to_owned(), attempts.into());
        if ended.len() > 1 {
            let delivered = ended.iter().filter(|ended| ended.reason.is_none()).count();
            report.details.insert("messages".to_owned(), ended.len().into());
            report.details.insert("delivered".to_owned(), delivered.into());
        }
        let reason = failed?.reason.as_deref()?;
        if is_call {
            return Some(format!("Webhook call failed: {reason}"));
        }
        report.details.insert("notification_log".to_owned(), self.log().into());
        Some("Notification failed".to_owned())
    }

    /// Why parts failed, a line for each reason.
    pub(super) fn log(&self) -> String {
        let mut reasons: Vec<&str> =
            self.parts.iter().flatten().filter_map(|ended| ended.reason.as_deref()).collect();
        reasons.dedup();
        reasons.join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::{Ended, Progress};
    use crate::tasks::actions::outcome::Report;

    #[test]
    fn progress_survives_and_is_forgotten_when_the_block_changes() {
        let mut progress = Progress::read(None, 3);
        progress.end(1, Ended::delivered(Some(202)));
        let kept = progress.write();
        let read = Progress::read(Some(&kept), 3);
        assert_eq!(read, progress);
        assert_eq!([0, 1, 2, 3].map(|index| read.has_ended(index)), [false, true, false, false]);
        assert!(!Progress::read(Some(&kept), 2).has_ended(1));
        assert!(!Progress::read(Some("nonsense"), 3).has_ended(1));
    }

    #[test]
    fn it_is_told_how_a_message_ended() {
        let mut progress = Progress::read(None, 3);
        progress.end(0, Ended::delivered(Some(200)));
        progress.end(1, Ended::failed(Some(404), "gone".to_owned()));
        progress.end_rest(&Ended::failed(None, "away".to_owned()));
        let mut report = Report::default();
        assert_eq!(progress.tell(false, 2, &mut report).as_deref(), Some("Notification failed"));
        assert_eq!(
            serde_json::to_value(&report.details).expect("JSON"),
            serde_json::json!({
                "status_code": 404, "attempts": 2, "messages": 3, "delivered": 1,
                "notification_log": "gone\naway",
            })
        );
        let mut call = Progress::read(None, 1);
        call.end(0, Ended::failed(Some(500), "no".to_owned()));
        let mut report = Report::default();
        assert_eq!(call.tell(true, 8, &mut report).as_deref(), Some("Webhook call failed: no"));
        let mut call = Progress::read(None, 1);
        call.end(0, Ended::delivered(Some(204)));
        assert_eq!(call.tell(true, 1, &mut Report::default()), None);
    }
}
