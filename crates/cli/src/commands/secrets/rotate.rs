//! `sluice secrets rotate`

use clap::{Arg, ArgAction, ArgMatches, Command};
use sluice_server::SecretKeys;
use sluice_server::secret_rotation::{Progress, RotationOptions, rotate};

use super::{SECRETS_SETTINGS, with_settings};
use crate::commands::settings_arguments;
use crate::exit::Failure;

const ABOUT: &str = "Encrypt all secrets with a new key";

const LONG_ABOUT: &str = "Encrypt all secrets with a new key\n\n\
    Keys in the file secrets.key of the home directory: makes a new key, puts it first into the file and \
    encrypts all secrets with it. Servers that use the file notice by themselves.\n\n\
    Keys in secrets-key (SLUICE_SECRETS_KEY): put the new key first and keep the old ones behind it, restart all \
    servers, then run this with the same value.\n\n\
    Old keys stay readable until all is done. When it is cut off, run it again: it goes on where it was.";

pub(super) fn command() -> Command {
    let command = Command::new("rotate")
        .about(ABOUT)
        .long_about(LONG_ABOUT)
        .arg(
            Arg::new("batch-size")
                .long("batch-size")
                .value_name("NUMBER")
                .value_parser(clap::value_parser!(i64).range(1..=10_000))
                .default_value("200")
                .help("How many secrets one transaction changes"),
        )
        .arg(
            Arg::new("forget-old-keys")
                .long("forget-old-keys")
                .action(ArgAction::SetTrue)
                .help("Take keys that nothing needs any more out of secrets.key; older backups cannot be read without them"),
        );
    settings_arguments::add(command, Some(SECRETS_SETTINGS))
}

pub(super) fn run(matches: &ArgMatches) -> Result<(), Failure> {
    let options = RotationOptions {
        batch: matches.get_one::<i64>("batch-size").copied().unwrap_or(200),
        forgets_old_keys: matches.get_flag("forget-old-keys"),
    };
    let (rotated, is_file) = with_settings(matches, async |settings| {
        let is_file = matches!(settings.secret_keys()?, SecretKeys::File(_));
        Ok((rotate(settings, options, |progress| tell(&progress)).await?, is_file))
    })?;
    println!("Encrypted {} secrets anew.", rotated.rotated);
    for key in &rotated.old_keys {
        match (is_file, options.forgets_old_keys) {
            (true, true) => println!("Key {key} was forgotten."),
            (true, false) => {
                println!("Key {key} is no longer needed; --forget-old-keys takes it out of secrets.key.")
            }
            (false, _) => {
                println!("Key {key} is no longer needed; take it out of secrets-key (SLUICE_SECRETS_KEY).")
            }
        }
    }
    for (key, secrets) in &rotated.missing {
        eprintln!(
            "warning: {secrets} secrets are encrypted with key {key}, which is not there; they stay as they are"
        );
    }
    Ok(())
}

fn tell(progress: &Progress) {
    match progress {
        Progress::Current { key, is_new: true } => println!("Made key {key}; it is the current one."),
        Progress::Current { key, is_new: false } => println!("The current key is {key}."),
        Progress::Done { left: 0, .. } => {}
        Progress::Done { rotated, left } => println!("{rotated} secrets done, {left} left."),
    }
}
