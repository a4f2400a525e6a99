//! How far the output of containers was passed on, in a file for each, for the worker that comes after this one. Each
//! engine has a directory of its own: what one does not know may run on another.

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

    /// The notes of the containers of one engine.
    pub fn of_engine(&self, engine: &Engine) -> Self {
        self.below(&engine.id)
    }

    fn below(&self, engine: &str) -> Self {
        let name = engine.replace(|character: char| !character.is_ascii_alphanumeric(), "-");
        Self(self.0.as_ref().map(|directory| directory.join(name)))
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

    /// Forgets the containers that the engine, whose notes these are, does not have.
    pub async fn keep_those_of(&self, engine: &Engine) {
        for container in self.noted() {
            if engine.docker.inspect_container(&container, None).await.is_err_and(|error| is_missing(&error))
            {
                self.forget(&container);
            }
        }
    }

    /// The containers of which something was noted.
    fn noted(&self) -> Vec<String> {
        let entries = self.0.as_ref().and_then(|directory| std::fs::read_dir(directory).ok());
        let names = entries.into_iter().flatten().map(|entry| entry.ok()?.file_name().into_string().ok());
        names.flatten().collect()
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
    #[test]
    fn the_notes_of_one_engine_are_not_those_of_another() {
        let directory = tempfile::tempdir().unwrap();
        let positions = Positions::in_directory(directory.path().to_owned());
        let (here, elsewhere) = (positions.below("NBNM:4DBI"), positions.below("../f9c0-aa17"));
        let position = Position { second: 1_795_839_540, frames: 3 };
        here.note("8f3b", position);
        assert_eq!((here.noted(), elsewhere.noted()), (vec!["8f3b".to_owned()], vec![]));
        elsewhere.forget("8f3b");
        assert_eq!(here.find("8f3b"), Some(position));
        elsewhere.note("9a1c", position);
        assert!(
            directory.path().join("---f9c0-aa17/9a1c").exists(),
            "below the directory, whatever the engine says"
        );
    }
}
