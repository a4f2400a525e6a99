//! Whether there are credentials for the clouds: where their own tools look for them. They are not tried.

use std::path::Path;

use super::{Check, Health};

/// A cloud, the variables that hold or name credentials, the files under the home directory that do, and the command
/// that logs in.
const CLOUDS: [(&str, &[&str], &[&str], &str); 3] = [
    (
        "aws",
        &[
            "AWS_ACCESS_KEY_ID",
            "AWS_PROFILE",
            "AWS_WEB_IDENTITY_TOKEN_FILE",
            "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
        ],
        &[".aws/credentials", ".aws/config"],
        "aws configure",
    ),
    (
        "google cloud",
        &["GOOGLE_APPLICATION_CREDENTIALS"],
        &[".config/gcloud/application_default_credentials.json"],
        "gcloud auth application-default login",
    ),
    ("azure", &["AZURE_CLIENT_ID"], &[".azure/azureProfile.json"], "az login"),
];

pub(super) fn checks(environment: impl Fn(&str) -> Option<String>) -> Vec<Check> {
    let home = environment("HOME").unwrap_or_default();
    CLOUDS
        .iter()
        .map(|(cloud, variables, files, login)| {
            if let Some(variable) = variables.iter().find(|variable| environment(variable).is_some()) {
                return of_variable(cloud, variable, &environment(variable).unwrap_or_default());
            }
            match files.iter().find(|file| Path::new(&home).join(file).exists()) {
                Some(file) => Check::ok(cloud, format!("~/{file}")),
                None => Check::other(
                    cloud,
                    Health::Absent,
                    "no credentials",
                    format!("`{login}` or {} gives them, where this cloud is used", variables.join(" or ")),
                ),
            }
        })
        .collect()
}

/// A variable that names a file is worth nothing without it.
fn of_variable(cloud: &'static str, variable: &str, value: &str) -> Check {
    let names_a_file = variable.ends_with("_FILE") || variable == "GOOGLE_APPLICATION_CREDENTIALS";
    if names_a_file && !Path::new(value).exists() {
        return Check::other(
            cloud,
            Health::Warning,
            format!("{variable} names {value}, which does not exist"),
            format!("put the file there, or unset {variable}"),
        );
    }
    Check::ok(cloud, variable)
}

#[cfg(test)]
mod tests {
    use super::{Health, checks};

    #[test]
    fn credentials_are_looked_for_where_the_tools_do() {
        let home = tempfile::tempdir().expect("a directory");
        std::fs::create_dir(home.path().join(".azure")).expect("a directory");
        std::fs::write(home.path().join(".azure/azureProfile.json"), "{}").expect("a file");
        let found = checks(|name| match name {
            "HOME" => Some(home.path().display().to_string()),
            "GOOGLE_APPLICATION_CREDENTIALS" => Some("/nowhere.json".to_owned()),
            _ => None,
        });
        let health: Vec<Health> = found.iter().map(|check| check.health).collect();
        assert_eq!(health, [Health::Absent, Health::Warning, Health::Ok]);
    }
}
