//! What the commands print, and with which code they end.

use std::net::TcpListener;
use std::path::Path;

use insta::assert_snapshot;

use crate::support::{run, shown, sluice};

fn home() -> tempfile::TempDir {
    tempfile::tempdir().expect("a directory")
}

#[test]
fn help() {
    let home = home();
    for (name, arguments) in [
        ("sluice", &["--help"][..]),
        ("up", &["up", "-h"]),
        ("server", &["server", "-h"]),
        ("server_start", &["server", "start", "-h"]),
        ("server_settings", &["server", "settings", "-h"]),
        ("database", &["database", "-h"]),
        ("database_status", &["database", "status", "-h"]),
        ("database_migrate", &["database", "migrate", "-h"]),
        ("deploy", &["deploy", "-h"]),
        ("secrets", &["secrets", "-h"]),
        ("secrets_rotate", &["secrets", "rotate", "-h"]),
        ("secrets_status", &["secrets", "status", "-h"]),
        ("version", &["version", "-h"]),
    ] {
        let help = run(home.path(), arguments);
        assert_snapshot!(format!("help_{name}"), help);
        for line in help.lines() {
            assert!(line.chars().count() <= 80, "wider than a terminal: {line}");
        }
    }
    let long = run(home.path(), &["server", "start", "--help"]);
    assert!(long.contains("[env: SLUICE_PORT, PREFECT_SERVER_API_PORT]"), "{long}");
}

#[test]
fn a_deploy_without_a_file_says_so() {
    let home = home();
    assert_snapshot!(
        "deploy_no_file",
        run(home.path(), &["deploy", "plan", "--prefect-file", "no-such-file.yaml"])
    );
}

#[test]
fn version() {
    let home = home();
    assert_snapshot!("version_text", run(home.path(), &["version"]));
    assert_snapshot!("version_json", run(home.path(), &["version", "--output", "json"]));
    assert_snapshot!("version_option", run(home.path(), &["--version"]));
}

#[test]
fn settings_say_where_they_come_from() {
    let home = home();
    let file = home.path().join("sluice.toml");
    std::fs::write(&file, "default_limit = 50\n").expect("a file");
    let command = |output: &str| {
        let mut command = sluice(home.path());
        command
            .env("PREFECT_SERVER_API_PORT", "4201")
            .env("SLUICE_AUTH_STRING", "admin:secret")
            .env("SLUICE_DATABASE_URL", "postgres://sluice:secret@db/sluice")
            .env("SLUICE_HOME", "/srv/sluice")
            .args(["server", "settings", "--host", "0.0.0.0", "--output", output, "--config"])
            .arg(&file);
        shown(home.path(), &mut command)
    };
    assert_snapshot!("settings_table", command("table"));
    let json = command("json");
    assert_snapshot!("settings_json", json);
    assert!(json.contains("\"source\": \"PREFECT_SERVER_API_PORT\""), "{json}");
    for output in ["table", "json", "markdown"] {
        assert!(!command(output).contains("secret@"), "the password is shown by {output}");
        assert!(!command(output).contains("admin:"), "the secret is shown by {output}");
    }
}

#[test]
fn secrets() {
    const NEW: &str = "AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=";
    const OLD: &str = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";
    let home = home();
    assert_snapshot!("secrets_not_migrated", run(home.path(), &["secrets", "status"]));
    run(home.path(), &["database", "migrate"]);
    assert_snapshot!("secrets_status_fresh", run(home.path(), &["secrets", "status"]));
    let with_keys = |keys: &str, arguments: &[&str]| {
        shown(home.path(), sluice(home.path()).env("SLUICE_SECRETS_KEY", keys).args(arguments))
    };
    let keys = format!("{NEW},{OLD}");
    assert_snapshot!("secrets_rotate_given", with_keys(&keys, &["secrets", "rotate"]));
    assert_snapshot!("secrets_status_given", with_keys(&keys, &["secrets", "status"]));
    assert_snapshot!("secrets_status_json", with_keys(&keys, &["secrets", "status", "-o", "json"]));
    assert_snapshot!(
        "secrets_rotate_wrong_size",
        with_keys(&keys, &["secrets", "rotate", "--batch-size", "x"])
    );
    assert_snapshot!("secrets_wrong_key", with_keys("no key", &["secrets", "status"]));
    // With a file, keys are made and forgotten.
    let status =
        || run(home.path(), &["secrets", "status"]).lines().filter(|line| line.ends_with("  0")).count();
    for known in 1..=2 {
        let made = run(home.path(), &["secrets", "rotate"]);
        assert!(made.contains("Made key") && made.contains("\nexit code: 0\n"), "{made}");
        assert_eq!(status(), known);
    }
    run(home.path(), &["secrets", "rotate", "--forget-old-keys"]);
    assert_eq!(status(), 1);
}

#[test]
fn database() {
    let home = home();
    assert_snapshot!("database_status_fresh", run(home.path(), &["database", "status"]));
    assert_snapshot!(
        "database_migrate_fresh",
        run(home.path(), &["database", "migrate", "--log-level", "warn"])
    );
    assert_snapshot!("database_status_current", run(home.path(), &["database", "status"]));
    assert_snapshot!("database_status_current_json", run(home.path(), &["database", "status", "-o", "json"]));
    assert_snapshot!("database_status_wrong_format", run(home.path(), &["database", "status", "-o", "xml"]));
    assert_snapshot!("database_migrate_current", run(home.path(), &["database", "migrate"]));

    write_newer_version(&home.path().join("data/sluice.db"));
    assert_snapshot!("database_status_too_new", run(home.path(), &["database", "status"]));
    assert_snapshot!("database_migrate_too_new", run(home.path(), &["database", "migrate"]));
    assert_snapshot!("server_start_too_new", run(home.path(), &["server", "start", "--port", "0"]));
    assert_snapshot!(
        "server_start_too_new_without_migrating",
        run(home.path(), &["server", "start", "--port", "0", "--database-migrate-on-start", "false"])
    );
}

fn write_newer_version(file: &Path) {
    let connection = rusqlite::Connection::open(file).expect("the database");
    let insert = "INSERT INTO schema_version (part, version, name) VALUES ('main', 9999, 'of the future')";
    connection.execute(insert, []).expect("the version is written");
}

#[test]
fn a_server_that_may_not_migrate_says_what_to_do() {
    let home = home();
    let arguments = ["server", "start", "--port", "0", "--database-migrate-on-start", "false"];
    assert_snapshot!("server_start_not_migrated", run(home.path(), &arguments));
}

#[test]
fn mistakes() {
    let home = home();
    let data = home.path().join("data");
    std::fs::create_dir(&data).expect("a directory");
    let start = |more: &[&str]| {
        let mut arguments = vec!["server", "start", "--port", "0"];
        arguments.extend(more);
        run(home.path(), &arguments)
    };

    assert_snapshot!("no_such_command", run(home.path(), &["serve"]));
    assert_snapshot!("no_such_option", start(&["--prot", "1"]));
    assert_snapshot!("up_wrong_port", run(home.path(), &["up", "--port", "many"]));
    assert_snapshot!("settings_wrong_format", run(home.path(), &["server", "settings", "--output", "xml"]));
    assert_snapshot!("version_wrong_format", run(home.path(), &["version", "--output", "xml"]));
    assert_snapshot!("wrong_value", start(&["--late-runs-after-seconds", "soon"]));
    assert_snapshot!("bad_url", start(&["--database-url", "mysql://user:secret@db/sluice"]));
    // Port 1 is reserved: nobody listens there.
    assert_snapshot!(
        "unreachable_postgres",
        start(&["--database-url", "postgres://u:secret@127.0.0.1:1/sluice"])
    );

    let file = home.path().join("settings.toml");
    let file_name = file.to_str().expect("text").to_owned();
    std::fs::write(&file, "prot = 4201\n").expect("a file");
    assert_snapshot!("unknown_setting_in_the_file", start(&["--config", &file_name]));
    assert_snapshot!("no_such_file", start(&["--config", &format!("{file_name}.missing")]));

    let text = home.path().join("notes.txt");
    std::fs::write(&text, "not a database, but long enough to be taken for the header of one\n".repeat(99))
        .expect("a file");
    assert_snapshot!("not_a_database", start(&["--database-url", &format!("sqlite:///{}", text.display())]));
}

#[test]
fn a_port_in_use_is_named() {
    let home = home();
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = taken.local_addr().expect("an address").port().to_string();
    let shown = run(home.path(), &["server", "start", "--port", &port]);
    assert_snapshot!("port_in_use", shown.replace(&port, "[PORT]"));
}
