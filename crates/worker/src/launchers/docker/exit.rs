//! What is said of a container's end.

use bollard::models::ContainerState;

use crate::launchers::Exit;
use crate::launchers::sizes::readable;

/// The end of a container, from the state in which the engine left it and the code that it gave to the waiting worker.
/// `memory_limit` is in bytes.
pub(super) fn exit_of(
    state: Option<&ContainerState>,
    waited_for: Option<i64>,
    memory_limit: Option<i64>,
    last_output: Vec<String>,
) -> Exit {
    let code =
        state.and_then(|state| state.exit_code).or(waited_for).and_then(|code| i32::try_from(code).ok());
    let reason = state.and_then(|state| reason_of_state(state, memory_limit)).or_else(|| signal_of(code?));
    Exit { code, reason, last_output }
}

fn reason_of_state(state: &ContainerState, memory_limit: Option<i64>) -> Option<String> {
    if state.oom_killed == Some(true) {
        let limit = memory_limit.filter(|limit| *limit > 0);
        return Some(match limit {
            Some(limit) => format!("out of memory: the limit is {}", readable(limit)),
            None => "out of memory".to_owned(),
        });
    }
    state.error.clone().filter(|error| !error.is_empty())
}

/// The signal that an exit code above 128 stands for.
fn signal_of(code: i32) -> Option<String> {
    let name = match code - 128 {
        1 => "SIGHUP",
        2 => "SIGINT",
        3 => "SIGQUIT",
        4 => "SIGILL",
        6 => "SIGABRT",
        7 => "SIGBUS",
        8 => "SIGFPE",
        9 => "SIGKILL",
        11 => "SIGSEGV",
        13 => "SIGPIPE",
        15 => "SIGTERM",
        number if (1..=64).contains(&number) => return Some(format!("killed by signal {number}")),
        _ => return None,
    };
    Some(format!("killed by {name}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(exit_code: i64, oom_killed: bool, error: &str) -> ContainerState {
        ContainerState {
            exit_code: Some(exit_code),
            oom_killed: Some(oom_killed),
            error: Some(error.to_owned()),
            ..ContainerState::default()
        }
    }

    #[test]
    fn an_end_has_a_code_and_a_reason() {
        let limit = Some(64 << 20);
        let cases = [
            (Some(state(0, false, "")), Some(0), limit, (Some(0), None)),
            (Some(state(3, false, "")), Some(3), None, (Some(3), None)),
            (
                Some(state(137, true, "")),
                Some(137),
                limit,
                (Some(137), Some("out of memory: the limit is 64 MiB")),
            ),
            (Some(state(1, true, "")), Some(1), None, (Some(1), Some("out of memory"))),
            (Some(state(137, false, "")), None, limit, (Some(137), Some("killed by SIGKILL"))),
            (Some(state(143, false, "")), None, None, (Some(143), Some("killed by SIGTERM"))),
            (Some(state(161, false, "")), None, None, (Some(161), Some("killed by signal 33"))),
            (Some(state(128, false, "cannot mount")), None, None, (Some(128), Some("cannot mount"))),
            (None, Some(139), None, (Some(139), Some("killed by SIGSEGV"))),
            (None, None, None, (None, None)),
        ];
        for (state, waited_for, memory_limit, (code, reason)) in cases {
            let exit = exit_of(state.as_ref(), waited_for, memory_limit, vec!["last".to_owned()]);
            let expected =
                Exit { code, reason: reason.map(str::to_owned), last_output: vec!["last".to_owned()] };
            assert_eq!(exit, expected, "{state:?}");
        }
    }
}
