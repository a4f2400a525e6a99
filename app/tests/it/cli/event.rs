//! `sluice event`

use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::cli::world::{World, assert_transcript};

#[test]
fn events() {
    let world = World::start("event");
    world.assert(
        "emit",
        &[
            "event emit build.done --resource-id repo.1 --resource prefect.resource.name=mine --payload '{\"n\": 1}'",
            "events emit build.done --resource-id repo.1 -o json",
            "event emit build.done",
            "event emit build.done --resource-id repo.1 --payload '['",
        ],
        &[],
    );
    for (name, format) in [("event_stream", "text"), ("event_stream_json", "json")] {
        let stream = world
            .sluice()
            .args(["event", "stream", "--run-once", "--event", "wanted.", "--output", format])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary runs");
        // The stream begins with what happens after it was asked for: until it ends, tell of events.
        let mut stream = Some(stream);
        let deadline = Instant::now() + Duration::from_secs(30);
        let output = loop {
            assert!(Instant::now() < deadline, "no event came");
            world.transcript(
                &["event emit unwanted --resource-id repo.1", "event emit wanted.one --resource-id repo.1"],
                &[],
            );
            let mut child = stream.take().expect("the stream");
            match child.try_wait().expect("a child") {
                Some(_) => break child.wait_with_output().expect("output"),
                None => stream = Some(child),
            }
        };
        assert!(output.status.success());
        let line = format!("$ sluice event stream --run-once --event wanted. --output {format}");
        let stdout = String::from_utf8(output.stdout).expect("text");
        assert_transcript(name, &format!("{line}\nexit code: 0\n--- stdout ---\n{stdout}"));
    }
    world.assert("stream_error", &["event stream --format xml"], &[]);
}
