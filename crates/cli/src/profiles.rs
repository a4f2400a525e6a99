//! The file of profiles, `~/.prefect/profiles.toml`, which Prefect's own command line reads and writes too: whatever is
//! not changed stays as it is written, comments included.

use std::path::PathBuf;

use sluice_client::Target;
use toml_edit::{DocumentMut, Item, Table, value};

use crate::exit::Failure;
use crate::lookup::missing;

/// What a profile is called when there is none.
const FIRST: &str = "local";

/// The file, as it is now.
pub(crate) struct ProfilesFile {
    path: PathBuf,
    document: DocumentMut,
}

impl ProfilesFile {
    /// Reads the file; one that does not exist is empty.
    pub(crate) fn read() -> Result<Self, Failure> {
        let path = Target::profiles_path(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
            .ok_or_else(|| {
            Failure::new("there is no place for profiles; set HOME or PREFECT_PROFILES_PATH")
        })?;
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(Failure::new(format!("cannot read {}: {error}", path.display()))),
        };
        let document = text.parse().map_err(|error: toml_edit::TomlError| {
            Failure::new(format!("cannot read the profiles in {}: {}", path.display(), error.message()))
        })?;
        Ok(Self { path, document })
    }

    /// Writes the file, whole or not at all, readable for its owner only: it may hold keys.
    pub(crate) fn write(&self) -> Result<(), Failure> {
        let cannot =
            |error: std::io::Error| Failure::new(format!("cannot write {}: {error}", self.path.display()));
        if let Some(directory) = self.path.parent() {
            std::fs::create_dir_all(directory).map_err(cannot)?;
        }
        // Where the file is a link, what it leads to is replaced.
        let path = std::fs::canonicalize(&self.path).unwrap_or_else(|_| self.path.clone());
        let temporary = path.with_extension(format!("toml.{}", std::process::id()));
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&temporary).map_err(cannot)?;
        std::io::Write::write_all(&mut file, self.document.to_string().as_bytes()).map_err(cannot)?;
        file.sync_all().map_err(cannot)?;
        std::fs::rename(&temporary, &path).map_err(cannot)
    }

    /// The profile that is in use: that of `PREFECT_PROFILE`, or the active one.
    pub(crate) fn in_use(&self) -> Option<String> {
        let of_environment = std::env::var("PREFECT_PROFILE").ok().filter(|name| !name.is_empty());
        of_environment.or_else(|| self.document.get("active")?.as_str().map(str::to_owned))
    }

    /// The names of the profiles, as they stand in the file.
    pub(crate) fn names(&self) -> Vec<String> {
        let table = self.document.get("profiles").and_then(Item::as_table_like);
        table.map(|table| table.iter().map(|(name, _)| name.to_owned()).collect()).unwrap_or_default()
    }

    /// The settings of a profile.
    pub(crate) fn settings(&self, name: &str) -> Result<Vec<(String, String)>, Failure> {
        let settings = self.find(name)?.as_table_like();
        let shown =
            |item: &Item| item.as_str().map_or_else(|| item.to_string().trim().to_owned(), str::to_owned);
        Ok(settings
            .map(|table| table.iter().map(|(key, item)| (key.to_owned(), shown(item))).collect())
            .unwrap_or_default())
    }

    /// Makes a profile the active one.
    pub(crate) fn activate(&mut self, name: &str) -> Result<(), Failure> {
        self.find(name)?;
        self.set_active(name);
        Ok(())
    }

    /// Adds a profile, empty or with the settings of another one.
    pub(crate) fn create(&mut self, name: &str, from: Option<&str>) -> Result<(), Failure> {
        self.refuse_existing(name)?;
        let settings = match from {
            Some(other) => self.find(other)?.clone(),
            None => Item::Table(Table::new()),
        };
        self.tables()?.insert(name, settings);
        Ok(())
    }

    /// Removes a profile; none is in use then if it was the active one.
    pub(crate) fn delete(&mut self, name: &str) -> Result<(), Failure> {
        self.find(name)?;
        self.tables()?.remove(name);
        if self.document.get("active").and_then(Item::as_str) == Some(name) {
            self.document.remove("active");
        }
        Ok(())
    }

    /// Gives a profile another name.
    pub(crate) fn rename(&mut self, name: &str, new: &str) -> Result<(), Failure> {
        self.find(name)?;
        self.refuse_existing(new)?;
        if let Some(settings) = self.tables()?.remove(name) {
            self.tables()?.insert(new, settings);
        }
        if self.document.get("active").and_then(Item::as_str) == Some(name) {
            self.set_active(new);
        }
        Ok(())
    }

    /// Sets settings of a profile; a first profile is made where there is none.
    pub(crate) fn set(
        &mut self,
        profile: Option<&str>,
        settings: &[(String, String)],
    ) -> Result<String, Failure> {
        let name = match profile.map(str::to_owned).or_else(|| self.in_use()) {
            Some(name) => name,
            None => {
                self.set_active(FIRST);
                FIRST.to_owned()
            }
        };
        if profile.is_some() {
            self.find(&name)?;
        }
        let tables = self.tables()?;
        let table = tables.entry(&name).or_insert_with(|| Item::Table(Table::new()));
        let table =
            table.as_table_like_mut().ok_or_else(|| Failure::new(format!("profile '{name}' is no table")))?;
        for (key, text) in settings {
            table.insert(key, value(text));
        }
        Ok(name)
    }

    /// Removes settings of a profile.
    pub(crate) fn unset(&mut self, profile: Option<&str>, keys: &[String]) -> Result<String, Failure> {
        let Some(name) = profile.map(str::to_owned).or_else(|| self.in_use()) else {
            return Err(Failure::not_found("no profile is in use; `sluice profile use NAME` chooses one"));
        };
        let known: Vec<String> = self.settings(&name)?.into_iter().map(|(key, _)| key).collect();
        if let Some(unknown) = keys.iter().find(|key| !known.contains(key)) {
            return Err(missing(
                &format!("setting in profile '{name}':"),
                unknown,
                &known,
                "sluice config view",
            ));
        }
        if let Some(table) = self.tables()?.get_mut(&name).and_then(Item::as_table_like_mut) {
            keys.iter().for_each(|key| drop(table.remove(key)));
        }
        Ok(name)
    }

    fn find(&self, name: &str) -> Result<&Item, Failure> {
        let found = self.document.get("profiles").and_then(|tables| tables.get(name));
        found.ok_or_else(|| missing("profile", name, &self.names(), "sluice profile ls"))
    }

    fn refuse_existing(&self, name: &str) -> Result<(), Failure> {
        if self.names().iter().any(|known| known == name) {
            return Err(Failure::new(format!("there is a profile '{name}' already")));
        }
        Ok(())
    }

    fn set_active(&mut self, name: &str) {
        match self.document.get_mut("active").and_then(Item::as_value_mut) {
            // What stands around the value, a comment for example, stays.
            Some(active) => {
                let decor = active.decor().clone();
                *active = name.into();
                *active.decor_mut() = decor;
            }
            None => {
                self.document.insert("active", value(name));
            }
        }
    }

    fn tables(&mut self) -> Result<&mut Table, Failure> {
        let item = self.document.entry("profiles").or_insert_with(|| {
            let mut tables = Table::new();
            tables.set_implicit(true);
            Item::Table(tables)
        });
        item.as_table_mut()
            .ok_or_else(|| Failure::new(format!("`profiles` in {} is no table", self.path.display())))
    }
}

/// Whether a setting holds what must not be shown.
pub(crate) fn is_secret(setting: &str) -> bool {
    ["KEY", "PASSWORD", "AUTH_STRING", "SECRET", "TOKEN", "CUSTOM_HEADERS", "CONNECTION_URL"]
        .iter()
        .any(|word| setting.contains(word))
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::ProfilesFile;

    const TEXT: &str = r#"# mine
active = "work" # the one

[profiles.work] # at work
PREFECT_API_URL = "http://a/api"   # where
PREFECT_API_ENABLE_HTTP2 = true
[profiles."other one"]

[unknown]
kept = [1, 2]
"#;

    fn file() -> ProfilesFile {
        ProfilesFile { path: PathBuf::new(), document: TEXT.parse().expect("TOML") }
    }

    #[test]
    fn what_is_not_changed_stays_as_it_is_written() {
        let mut file = file();
        file.activate("other one").expect("a profile");
        file.set(Some("work"), &[("NEW".to_owned(), "1".to_owned())]).expect("set");
        file.unset(Some("work"), &["PREFECT_API_ENABLE_HTTP2".to_owned()]).expect("unset");
        insta::assert_snapshot!(file.document.to_string(), @r#"
        # mine
        active = "other one" # the one

        [profiles.work] # at work
        PREFECT_API_URL = "http://a/api"   # where
        NEW = "1"
        [profiles."other one"]

        [unknown]
        kept = [1, 2]
        "#);
    }

    #[test]
    fn profiles_are_created_renamed_and_deleted() {
        let mut file = file();
        file.create("copy", Some("work")).expect("created");
        assert_eq!(file.settings("copy").expect("settings"), file.settings("work").expect("settings"));
        file.rename("work", "job").expect("renamed");
        file.delete("other one").expect("deleted");
        assert_eq!(file.document["active"].as_str(), Some("job"));
        assert_eq!(file.names(), ["copy", "job"]);
        file.delete("job").expect("deleted");
        assert!(file.document.get("active").is_none());
        for name in ["nothing", "work"] {
            assert!(file.settings(name).is_err(), "{name}");
        }
        assert!(file.create("copy", None).is_err());
    }

    #[test]
    fn the_first_setting_makes_a_profile() {
        let mut file = ProfilesFile { path: PathBuf::new(), document: Default::default() };
        file.set(None, &[("PREFECT_API_URL".to_owned(), "http://a/api".to_owned())]).expect("set");
        insta::assert_snapshot!(file.document.to_string(), @r#"
        active = "local"

        [profiles.local]
        PREFECT_API_URL = "http://a/api"
        "#);
    }
}
