//! `sluice profile` and `sluice config`

use crate::cli::world::assert_transcript;
use crate::support::run;

fn transcript(home: &std::path::Path, commands: &[&str]) -> String {
    commands.iter().map(|line| run(home, &line.split(' ').collect::<Vec<_>>()) + "\n").collect()
}

#[test]
fn profiles_and_their_settings() {
    let home = tempfile::tempdir().expect("a directory");
    let assert = |name: &str, commands: &[&str]| assert_transcript(name, &transcript(home.path(), commands));
    assert("config_view_of_nothing", &["config view", "profile ls", "profile inspect"]);
    assert(
        "config_set",
        &[
            "config set PREFECT_API_URL=http://a.example/api",
            "config set PREFECT_API_KEY=pnu_123 -o json",
            "config set nonsense",
            "config set PATH=x",
        ],
    );
    assert(
        "config_view",
        &[
            "config view",
            "config view -o json",
            "config view --show-secrets --hide-sources",
            "config view --profile x",
        ],
    );
    assert(
        "profile_create",
        &["profile create work --from local", "profile create empty -o json", "profile create work"],
    );
    assert("profile_use", &["profile use work", "profile use work -o json", "profile use wrok"]);
    assert("profile_ls", &["profile ls", "profile ls -o json", "profile ls --odd"]);
    assert("profile_inspect", &["profile inspect", "profile inspect local -o json", "profile inspect x"]);
    assert(
        "profile_rename",
        &["profile rename work job", "profile rename empty full -o json", "profile rename x y"],
    );
    assert(
        "config_unset",
        &[
            "config unset PREFECT_API_KEY",
            "config unset PREFECT_API_KEY -y",
            "config unset PREFECT_API_URL -y -o json",
            "config unset PREFECT_API_KEY -y",
        ],
    );
    assert(
        "profile_delete",
        &[
            "profile delete full",
            "profile delete full -y",
            "profile delete job -y -o json",
            "profile delete full -y",
        ],
    );
    let file = std::fs::read_to_string(home.path().join(".prefect/profiles.toml")).expect("the file");
    assert_transcript("profile_file", &file);
}
