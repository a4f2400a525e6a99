//! What the documentation says is what the program says.

use crate::support::{repository, run, rust_files, sluice};

#[test]
fn the_page_of_settings_lists_every_setting() {
    let home = tempfile::tempdir().expect("a directory");
    let output = sluice(home.path())
        .args(["server", "settings", "--output", "markdown"])
        .output()
        .expect("the binary runs");
    let table = String::from_utf8(output.stdout).expect("text");
    let page = std::fs::read_to_string(repository().join("docs/settings.md")).expect("the page");
    assert!(
        page.contains(&table),
        "docs/settings.md is out of date: replace its table by what `sluice server settings --output markdown` prints"
    );
    assert_eq!(page.matches("\n| `").count(), table.matches("\n| `").count(), "the page has rows of its own");
}

/// Links and paths in backticks that name a file of this repository.
fn named_files(page: &str) -> Vec<&str> {
    const ROOTS: &[&str] = &["app/", "bench/", "compat/", "crates/", "docs/", "examples/", "scripts/"];
    page.split(['`', '(', ')', ' ', '\n', '|'])
        .map(|word| word.trim_end_matches(['.', ',', ':']))
        .filter(|word| ROOTS.iter().any(|root| word.starts_with(root)))
        .filter(|word| !word.contains(['<', '*', '{', '…']))
        .map(|word| word.split('#').next().unwrap_or_default())
        .collect()
}

#[test]
fn the_files_that_pages_name_exist() {
    let root = repository();
    let mut pages = vec![root.join("README.md"), root.join("CONTRIBUTING.md")];
    for entry in std::fs::read_dir(root.join("docs")).expect("the pages") {
        pages.push(entry.expect("a page").path());
    }
    let mut checked = 0;
    for page in pages {
        let text = std::fs::read_to_string(&page).expect("a page");
        for name in named_files(&text) {
            assert!(root.join(name).exists(), "{} names {name}, which does not exist", page.display());
            checked += 1;
        }
    }
    assert!(checked > 20, "pages look different from what is searched for");
}

#[test]
fn the_readme_names_commands_that_exist() {
    let root = repository();
    let makefile = std::fs::read_to_string(root.join("Makefile")).expect("the Makefile");
    let home = tempfile::tempdir().expect("a directory");
    for page in ["README.md", "CONTRIBUTING.md", "docs/operations.md"] {
        let text = std::fs::read_to_string(root.join(page)).expect("a page");
        for part in text.split("make ").skip(1).filter(|part| part.starts_with(char::is_lowercase)) {
            let is_target = |character: &char| character.is_ascii_lowercase() || *character == '-';
            let target: String = part.chars().take_while(is_target).collect();
            if text.contains(&format!("`make {target}")) {
                assert!(makefile.contains(&format!("\n{target}:")), "{page}: there is no `make {target}`");
            }
        }
    }
    for command in [
        "server start",
        "server settings",
        "database status",
        "database migrate",
        "secrets rotate",
        "secrets status",
        "up",
        "version",
        "doctor",
        "completions",
        "flow-run watch",
        "deployment run",
        "deployment schedule create",
        "work-pool pause",
        "profile use",
        "config set",
        "automation update",
        "api",
    ] {
        let arguments: Vec<&str> = command.split(' ').chain(["--help"]).collect();
        assert!(run(home.path(), &arguments).contains("\nexit code: 0\n"), "sluice {command}");
    }
}

#[test]
fn the_page_for_operators_names_every_service_and_metric() {
    let root = repository();
    let page = std::fs::read_to_string(root.join("docs/operations.md")).expect("the page");
    let services = rust_files(&root.join("crates/services/src/tasks"));
    assert!(!services.is_empty());
    for file in services.iter().filter(|file| !file.ends_with("mod.rs")) {
        let text = std::fs::read_to_string(file).expect("a service");
        let Some(after) = text.split("fn name(&self)").nth(1) else { continue };
        let name = after.split('"').nth(1).expect("a name");
        assert!(page.contains(&format!("`{name}`")), "docs/operations.md does not name the service {name}");
    }
    for file in rust_files(&root.join("crates")) {
        let text = std::fs::read_to_string(&file).expect("a source file");
        for part in text.split("metrics::").skip(1).filter(|part| part.contains("!(\"sluice_")) {
            let Some((_, after)) = part.split_once("!(\"") else { continue };
            let name = after.split('"').next().unwrap_or_default();
            assert!(
                page.contains(&format!("`{name}`")),
                "docs/operations.md does not name the metric {name}"
            );
        }
    }
}
