//! Programs: shell scripts and pip.

use std::path::Path;
use std::process::Stdio;

use serde_json::{Map, Value, json};
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::Command;

/// `run_shell_script`: each line is a program of its own, unless `shell` is true. Returns `stdout` and `stderr`.
pub(super) async fn run_script(
    inputs: &Map<String, Value>,
    directory: &Path,
    report: &dyn Fn(&str),
) -> Result<Map<String, Value>, String> {
    let script = inputs.get("script").and_then(Value::as_str).ok_or("it has no `script`")?;
    let is_set = |key: &str, default: bool| inputs.get(key).and_then(Value::as_bool).unwrap_or(default);
    let own: Vec<(String, String)> = inputs
        .get("env")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .map(|(name, value)| (name.clone(), crate::templates::as_text(value)))
        .collect();
    let directory = inputs
        .get("directory")
        .and_then(Value::as_str)
        .map_or_else(|| directory.to_owned(), |own| directory.join(own));
    let (mut stdout, mut stderr) = (String::new(), String::new());
    for line in script.lines() {
        let line = if is_set("expand_env_vars", false) { expand(line, &own) } else { line.to_owned() };
        let mut command = if is_set("shell", false) {
            if line.trim().is_empty() {
                continue;
            }
            let mut command = Command::new("/bin/sh");
            command.arg("-c").arg(line.trim());
            command
        } else {
            let words = split(&line)?;
            let Some((program, arguments)) = words.split_first() else { continue };
            let mut command = Command::new(program);
            command.args(arguments);
            command
        };
        command.current_dir(&directory).envs(own.iter().map(|(name, value)| (name, value)));
        let quiet: &dyn Fn(&str) = &|_| {};
        let report = if is_set("stream_output", true) { report } else { quiet };
        let (output, errors) = run(command, report).await?;
        stdout.push_str(&output);
        stderr.push_str(&errors);
    }
    Ok(Map::from_iter([
        ("stdout".to_owned(), json!(stdout.trim())),
        ("stderr".to_owned(), json!(stderr.trim())),
    ]))
}

/// `pip_install_requirements`, with the project's interpreter.
pub(super) async fn pip_install(
    inputs: &Map<String, Value>,
    directory: &Path,
    python: &Path,
    report: &dyn Fn(&str),
) -> Result<Map<String, Value>, String> {
    let text = |key: &str| inputs.get(key).and_then(Value::as_str);
    let mut command = Command::new(python);
    command.args(["-m", "pip", "install", "-r", text("requirements_file").unwrap_or("requirements.txt")]);
    command.current_dir(text("directory").map_or_else(|| directory.to_owned(), |own| directory.join(own)));
    let (stdout, stderr) = run(command, report).await?;
    Ok(Map::from_iter([
        ("stdout".to_owned(), json!(stdout.trim())),
        ("stderr".to_owned(), json!(stderr.trim())),
    ]))
}

/// Runs a program and returns what it prints, line by line also to `report`. An error unless it succeeds.
pub(super) async fn run(mut command: Command, report: &dyn Fn(&str)) -> Result<(String, String), String> {
    let program = command.as_std().get_program().to_string_lossy().into_owned();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| format!("cannot start {program}: {error}"))?;
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let (stdout, stderr) = tokio::join!(collect(stdout, report), collect(stderr, report));
    let status = child.wait().await.map_err(|error| error.to_string())?;
    if status.success() {
        return Ok((stdout, stderr));
    }
    let last = stderr.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("it printed no error");
    Err(format!("{program} ended with {status}: {last}"))
}

async fn collect(stream: Option<impl AsyncRead + Unpin>, report: &dyn Fn(&str)) -> String {
    let mut text = String::new();
    let Some(stream) = stream else { return text };
    let mut reader = BufReader::new(stream);
    let mut line = Vec::new();
    while let Ok(1..) = reader.read_until(b'\n', &mut line).await {
        let piece = String::from_utf8_lossy(&line).into_owned();
        report(piece.trim_end());
        text.push_str(&piece);
        line.clear();
    }
    text
}

/// `$NAME` and `${NAME}`; what has no value stays. `$$` is a dollar.
fn expand(line: &str, own: &[(String, String)]) -> String {
    let value = |name: &str| {
        own.iter()
            .find(|(own, _)| own == name)
            .map(|(_, value)| value.clone())
            .or_else(|| std::env::var(name).ok())
    };
    let mut expanded = String::new();
    let mut rest = line;
    while let Some(at) = rest.find('$') {
        let (before, after) = rest.split_at(at);
        expanded.push_str(before);
        let after = &after[1..];
        if let Some(after) = after.strip_prefix('$') {
            expanded.push('$');
            rest = after;
            continue;
        }
        let is_braced = after.starts_with('{');
        let inner = after.strip_prefix('{').unwrap_or(after);
        let end = inner.find(|one: char| !(one.is_ascii_alphanumeric() || one == '_')).unwrap_or(inner.len());
        let name = &inner[..end];
        let is_closed = !is_braced || inner[end..].starts_with('}');
        match value(name).filter(|_| is_closed && !name.is_empty()) {
            Some(value) => {
                expanded.push_str(&value);
                rest = &inner[end + usize::from(is_braced)..];
            }
            None => {
                expanded.push('$');
                rest = after;
            }
        }
    }
    expanded.push_str(rest);
    expanded
}

/// Words as a POSIX shell splits them: quotes and backslashes, and nothing else.
fn split(line: &str) -> Result<Vec<String>, String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        match (quote, character) {
            (None, ' ' | '\t' | '\r') => words.extend(word.take()),
            (None, '\'' | '"') => {
                quote = Some(character);
                word.get_or_insert_default();
            }
            (Some(open), close) if open == close => quote = None,
            (None, '\\') => word.get_or_insert_default().extend(characters.next()),
            (Some('"'), '\\') => match characters.next() {
                Some(escaped @ ('"' | '\\')) => word.get_or_insert_default().push(escaped),
                other => {
                    let word = word.get_or_insert_default();
                    word.push('\\');
                    word.extend(other);
                }
            },
            (_, character) => word.get_or_insert_default().push(character),
        }
    }
    if quote.is_some() {
        return Err(format!("a quote is not closed in {line:?}"));
    }
    words.extend(word);
    Ok(words)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{expand, run_script, split};

    #[test]
    fn lines_are_split_as_a_shell_does() {
        for (line, expected) in [
            ("echo  a b", &["echo", "a", "b"][..]),
            ("echo 'a b' \"c \\\" d\" e\\ f", &["echo", "a b", "c \" d", "e f"]),
            ("x=\"\" ''", &["x=", ""]),
            ("a | b > c", &["a", "|", "b", ">", "c"]),
            ("", &[]),
        ] {
            assert_eq!(split(line).unwrap(), expected, "{line}");
        }
        assert!(split("echo 'a").is_err());
    }

    #[test]
    fn variables_are_expanded() {
        let own = [("NAME".to_owned(), "x".to_owned())];
        for (line, expected) in [
            ("$NAME-${NAME}s $$NAME", "x-xs $NAME"),
            ("${NAME $NO_SUCH_VARIABLE $ 5$", "${NAME $NO_SUCH_VARIABLE $ 5$"),
        ] {
            assert_eq!(expand(line, &own), expected);
        }
    }

    #[tokio::test]
    async fn scripts_run_line_by_line() {
        let directory = tempfile::tempdir().unwrap();
        let run = async |inputs: serde_json::Value| {
            run_script(inputs.as_object().unwrap(), directory.path(), &|_| {}).await
        };
        let outputs =
            run(json!({ "script": "echo one\nsh -c 'echo two >&2; echo $A'", "env": { "A": 3 } })).await;
        assert_eq!(
            serde_json::Value::Object(outputs.unwrap()),
            json!({ "stdout": "one\n3", "stderr": "two" })
        );
        let outputs = run(json!({ "script": "echo a | tr a b", "shell": true })).await;
        assert_eq!(outputs.unwrap()["stdout"], "b");
        let error = run(json!({ "script": "sh -c 'echo no >&2; exit 3'\necho later" })).await.unwrap_err();
        assert_eq!(error, "sh ended with exit status: 3: no");
        assert!(
            run(json!({ "script": "no-such-program-here" })).await.unwrap_err().starts_with("cannot start")
        );
    }
}
