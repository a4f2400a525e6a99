//! How far the output of containers was passed on, in a file for each, for the worker that comes after this one.

use std::path::PathBuf;

use super::engine::Engine;
use super::errors::is_missing;

/// The place in the output of a container up to which it was passed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Position {
    /// The latest second of a frame, since 1970.
    pub second: i64,
    /// How many frames of that second were passed on.
    pub frames: usize,
}

/// The notes of a directory; without one, nothing is noted.
#[derive(Debug, Clone, Default)]
pub(super) struct Positions(Option<PathBuf>);

impl Positions {
    pub fn in_directory(directory: PathBuf) -> Self {
        Self(Some(directory))
    }

    /// What was noted of a container. What cannot be read was not noted: then lines come twice, and none is lost.
    pub fn find(&self, container: &str) -> Option<Position> {
        let text = std::fs::read_to_string(self.file(container)?).ok()?;
        let (second, frames) = text.trim().split_once(' ')?;
        Some(Position { second: second.parse().ok()?, frames: frames.parse().ok()? })
    }

    /// Notes how far the output of a container was passed on. A note that cannot be written costs lines that come twice.
    pub fn note(&self, container: &str, Position { second, frames }: Position) {
        let Some(file) = self.file(container) else { return };
        let write = || std::fs::write(&file, format!("{second} {frames}\n"));
        let written = write().or_else(|_| {
            file.parent().map_or(Ok(()), std::fs::create_dir_all)?;
            write()
        });
        if let Err(error) = written {
            tracing::debug!(%error, file = %file.display(), "cannot note how far the output of a container was passed on");
        }
    }

    /// A container that is gone needs no note.
    pub fn forget(&self, container: &str) {
        if let Some(file) = self.file(container) {
            let _ = std::fs::remove_file(file);
        }
    }

    /// Forgets the containers that the engine does not have.
    pub async fn keep_those_of(&self, engine: &Engine) {
        let Some(entries) = self.0.as_ref().and_then(|directory| std::fs::read_dir(directory).ok()) else {
            return;
        };
        for container in entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()) {
            if engine.docker.inspect_container(&container, None).await.is_err_and(|error| is_missing(&error))
            {
                self.forget(&container);
            }
        }
    }

    fn file(&self, container: &str) -> Option<PathBuf> {
        self.0.as_ref().map(|directory| directory.join(container))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_found_again_until_it_is_forgotten() {
        let directory = tempfile::tempdir().unwrap();
        let positions = Positions::in_directory(directory.path().join("made/when/needed"));
        let position = Position { second: 1_795_839_540, frames: 3 };
        assert_eq!(positions.find("8f3b"), None);
        positions.note("8f3b", position);
        assert_eq!((positions.find("8f3b"), positions.find("9a1c")), (Some(position), None));
        std::fs::write(directory.path().join("made/when/needed/9a1c"), "nonsense").unwrap();
        assert_eq!(positions.find("9a1c"), None);
        positions.forget("8f3b");
        assert_eq!(positions.find("8f3b"), None);

        Positions::default().note("8f3b", position);
        assert_eq!(Positions::default().find("8f3b"), None);
    }
}
