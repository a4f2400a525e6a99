//! How grave a message is.

use serde::Deserialize;

/// How grave a message is; set in the block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum NotifyType {
    #[default]
    Info,
    Success,
    Warning,
    Failure,
}

impl NotifyType {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Success => "success",
            Self::Warning => "warning",
            Self::Failure => "failure",
        }
    }

    /// The colour beside the message.
    pub(crate) fn color(self) -> &'static str {
        match self {
            Self::Info => "#3AA3E3",
            Self::Success => "#3AA337",
            Self::Warning => "#CACF29",
            Self::Failure => "#A32037",
        }
    }

    /// An icon that says it, `size` pixels wide. It is the receiver who loads it.
    pub(crate) fn icon(self, size: u16) -> String {
        format!(
            "https://github.com/caronc/apprise/raw/master/apprise/assets/themes/default/apprise-{}-{size}x{size}.png",
            self.as_str()
        )
    }
}
