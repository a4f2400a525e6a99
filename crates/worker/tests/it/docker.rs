//! The Docker launcher against a real engine, with an image that the tests make. `scripts/with-docker` starts the engine.

mod fixture;
mod registry;

use std::collections::HashMap;
use std::path::Path;
use std::time::Duration;

use bollard::models::{ContainerCreateBody, NetworkCreateRequest};
use bollard::query_parameters::CreateContainerOptions;
use serde_json::json;
use sluice_wire::ids::FlowRunId;
use sluice_worker::launchers::{Command, LaunchError, Launcher, StopError};

use self::fixture::{WORKER, on_an_engine};

#[tokio::test]
async fn a_job_runs_and_its_output_arrives_line_by_line() {
    on_an_engine(async |fixture| {
        let long = "x".repeat(40_000);
        let script = "echo begin $A; echo trouble >&2; head -c 40000 /dev/zero | tr '\\0' x; echo; seq 1 500; echo -n end";
        let mut job = fixture.job(script, json!({}));
        job.environment.insert("A".to_owned(), "b c".to_owned());
        let running = fixture.launch(&job).await.unwrap();
        let (identifier, container) = (running.launched.identifier.clone(), running.container());
        let (exit, mut lines) = running.finish().await;

        assert_eq!((exit.code, exit.reason), (Some(0), None));
        assert_eq!(exit.last_output.len(), 20);
        // The two streams come in their own order each.
        let errors: Vec<_> = lines.extract_if(.., |line| line.starts_with('!')).collect();
        assert_eq!(errors, ["!trouble"]);
        // Several frames of the engine.
        assert_eq!((lines[1].len(), lines.remove(1) == long), (40_000, true));
        let numbers = (1..=500).map(|number| number.to_string());
        let expected = ["begin b c".to_owned()].into_iter().chain(numbers).chain(["end".to_owned()]);
        assert_eq!(lines, expected.collect::<Vec<_>>());

        // It was not to be removed: it can be looked at, by the reference's labels and ours.
        let details = fixture.docker.inspect_container(&container, None).await.unwrap();
        let labels = details.config.unwrap().labels.unwrap();
        assert_eq!(labels["io.prefect.worker-name"], WORKER);
        assert_eq!(labels["io.sluice.flow-run-id"], job.flow_run.to_string());
        // An end that has come already is fine for who wants it to end.
        fixture.launcher.stop(&identifier, Duration::from_secs(1)).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn lines_of_both_streams_arrive_once_each() {
    on_an_engine(async |fixture| {
        let (exit, mut lines) = fixture.run(&fixture.job("seq 1 300 & seq 1 300 >&2; wait", json!({}))).await;
        assert_eq!(exit.code, Some(0));
        let errors: Vec<_> = lines.extract_if(.., |line| line.starts_with('!')).collect();
        assert_eq!(lines, (1..=300).map(|number| number.to_string()).collect::<Vec<_>>());
        assert_eq!(errors, (1..=300).map(|number| format!("!{number}")).collect::<Vec<_>>());
    })
    .await;
}

#[tokio::test]
async fn a_container_ends_although_nobody_reads_what_it_prints() {
    on_an_engine(async |fixture| {
        let launcher =
            fixture.another_launcher(&fixture.scope).with_patience_for_output(Duration::from_millis(100));
        let job = fixture.job("seq 1 500; exit 3", json!({"auto_remove": true}));
        // Kept, so that the queue is full and not closed.
        let (sink, _lines) = tokio::sync::mpsc::channel(1);
        let exit = launcher.launch(&job, sink).await.unwrap().ended.await;
        assert_eq!((exit.code, exit.last_output.last().map(String::as_str)), (Some(3), Some("500")));
        assert_eq!(fixture.containers().await, [""; 0]);
    })
    .await;
}

#[tokio::test]
async fn a_job_that_fails_says_its_code_and_leaves_nothing_when_it_is_to_be_removed() {
    on_an_engine(async |fixture| {
        let job = fixture.job("echo reason; exit 3", json!({"auto_remove": true, "stream_output": false}));
        let running = fixture.launch(&job).await.unwrap();
        let identifier = running.launched.identifier.clone();
        let (exit, lines) = running.finish().await;
        assert_eq!((exit.code, exit.reason.as_deref()), (Some(3), None));
        assert_eq!(exit.last_output, ["reason"]);
        assert_eq!(lines, [""; 0], "nothing is passed on where the pool does not want it");
        assert_eq!(fixture.containers().await, [""; 0]);
        let gone = fixture.launcher.stop(&identifier, Duration::from_secs(1)).await;
        assert!(matches!(gone, Err(StopError::NotFound(_))), "{gone:?}");
    })
    .await;
}

#[tokio::test]
async fn a_job_is_stopped_gently_by_any_worker() {
    on_an_engine(async |fixture| {
        let job =
            fixture.job("trap 'echo bye; exit 7' TERM; echo ready; while :; do sleep 0.1; done", json!({}));
        let mut running = fixture.launch(&job).await.unwrap();
        running.wait_for_line("ready").await;
        let identifier = running.launched.identifier.clone();
        let other = fixture.another_launcher("something else");
        let stop = other.stop(&identifier, Duration::from_secs(50));
        let (stopped, (exit, lines)) = futures::join!(stop, running.finish());
        stopped.unwrap();
        assert_eq!((exit.code, lines), (Some(7), vec!["bye".to_owned()]));
    })
    .await;
}

#[tokio::test]
async fn a_job_that_will_not_stop_is_killed_after_the_grace() {
    on_an_engine(async |fixture| {
        let script = "trap '' TERM; echo ready; while :; do sleep 0.1; done";
        let mut running = fixture.launch(&fixture.job(script, json!({"auto_remove": true}))).await.unwrap();
        running.wait_for_line("ready").await;
        let identifier = running.launched.identifier.clone();
        let stop = fixture.launcher.stop(&identifier, Duration::from_secs(1));
        let (stopped, (exit, _)) = futures::join!(stop, running.finish());
        stopped.unwrap();
        assert_eq!((exit.code, exit.reason.as_deref()), (Some(137), Some("killed by SIGKILL")));
        assert_eq!(fixture.containers().await, [""; 0]);
    })
    .await;
}

#[tokio::test]
async fn a_container_of_another_engine_is_left_to_its_worker() {
    on_an_engine(async |fixture| {
        let container = "8f3b0c1d2e4f".repeat(5);
        let stop = async |identifier: String| {
            let stopped = fixture.launcher.stop(&identifier, Duration::from_secs(1)).await;
            stopped.expect_err("there is no such container")
        };
        let elsewhere = stop(format!("http+docker://another-machine:{container}")).await;
        assert!(matches!(elsewhere, StopError::Elsewhere(_)), "{elsewhere}");
        let of_the_reference = stop(format!("http+docker://localhost:{container}")).await;
        assert!(matches!(of_the_reference, StopError::NotFound(_)), "{of_the_reference}");
        let of_a_process = stop("another-machine:4711".to_owned()).await;
        assert!(matches!(of_a_process, StopError::NotFound(_)), "{of_a_process}");
    })
    .await;
}

#[tokio::test]
async fn a_job_that_takes_too_much_memory_ends_for_that_reason() {
    on_an_engine(async |fixture| {
        let limits = json!({"mem_limit": "16m", "memswap_limit": "16m", "cpus": 1});
        // A line without end: tail keeps all of it.
        let (exit, _) = fixture.run(&fixture.job("exec tail /dev/zero", limits)).await;
        assert_eq!(
            (exit.code, exit.reason.as_deref()),
            (Some(137), Some("out of memory: the limit is 16 MiB"))
        );
    })
    .await;
}

#[tokio::test]
async fn a_job_that_cannot_start_is_at_fault_itself_and_leaves_no_container() {
    on_an_engine(async |fixture| {
        let missing_program = {
            let mut job = fixture.job("", json!({}));
            job.command = Command::Engine;
            job
        };
        let cases = [
            (
                fixture.job("", json!({"image": "sluice-test-nothing:1"})),
                "No such image: sluice-test-nothing:1",
            ),
            (
                fixture.job("", json!({"networks": ["sluice-test-nowhere"]})),
                "network sluice-test-nowhere not found",
            ),
            (fixture.job("", json!({"networks": ["none", "sluice-test-nowhere"]})), "sluice-test-nowhere"),
            (missing_program, "\"prefect\": executable file not found in $PATH"),
            (fixture.job("", json!({"mem_limit": "1k"})), "memory limit"),
        ];
        for (job, expected) in cases {
            let failure = fixture.launch(&job).await.err().expect("it cannot start");
            let is_of_the_job = matches!(failure, LaunchError::Job(_));
            assert!(is_of_the_job && failure.to_string().contains(expected), "{expected}: {failure:?}");
        }
        assert_eq!(fixture.containers().await, [""; 0]);
    })
    .await;
}

#[tokio::test]
async fn a_volume_is_shared_with_the_machine() {
    on_an_engine(async |fixture| {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("in"), "from outside").unwrap();
        let path = directory.path().display();
        let volumes = json!({"volumes": [format!("{path}:/data"), format!("{path}:/fixed:ro"), "/scratch"]});
        let script =
            "cat /data/in; echo from inside > /data/out; touch /scratch/a || exit 5; touch /fixed/a 2>/dev/null || exit 4";
        let (exit, lines) = fixture.run(&fixture.job(script, volumes)).await;
        assert_eq!((exit.code, lines), (Some(4), vec!["from outside".to_owned()]));
        assert_eq!(std::fs::read_to_string(directory.path().join("out")).unwrap(), "from inside\n");
    })
    .await;
}

#[tokio::test]
async fn a_container_joins_its_networks_and_knows_the_engines_machine() {
    on_an_engine(async |fixture| {
        let networks = ["a", "b"].map(|name| format!("{}-{name}", fixture.scope));
        for name in &networks {
            let request =
                NetworkCreateRequest { name: name.clone(), internal: Some(true), ..Default::default() };
            fixture.docker.create_network(request).await.unwrap();
        }
        let mut job = fixture.job("echo $PREFECT_API_URL; cat /etc/hosts", json!({"networks": networks}));
        job.environment.insert("PREFECT_API_URL".to_owned(), "http://127.0.0.1:4200/api".to_owned());
        let running = fixture.launch(&job).await;
        let container = running.as_ref().ok().map(fixture::Running::container);
        let ended = match running {
            Ok(running) => Ok(running.finish().await),
            Err(error) => Err(error),
        };
        let joined = match container {
            Some(container) => fixture.docker.inspect_container(&container, None).await.ok(),
            None => None,
        };
        let joined = joined.and_then(|details| details.network_settings?.networks).unwrap_or_default();
        fixture.remove_containers().await;
        for name in &networks {
            fixture.docker.remove_network(name).await.unwrap();
        }

        let (exit, lines) = ended.unwrap();
        assert_eq!((exit.code, lines[0].as_str()), (Some(0), "http://host.docker.internal:4200/api"));
        assert!(lines.iter().any(|line| line.ends_with("host.docker.internal")), "{lines:?}");
        assert!(networks.iter().all(|name| joined.contains_key(name)), "{joined:?}");
    })
    .await;
}

#[tokio::test]
async fn a_name_that_is_taken_gets_a_number() {
    on_an_engine(async |fixture| {
        let name = json!({"name": format!("{} (daily)", fixture.scope)});
        for _ in 0..3 {
            fixture.run(&fixture.job("", name.clone())).await;
        }
        let expected = ["", "-1", "-2"].map(|suffix| format!("{}-daily{suffix}", fixture.scope));
        assert_eq!(fixture.containers().await, expected);
    })
    .await;
}

#[tokio::test]
async fn what_a_worker_left_behind_is_found_and_watched_by_the_next() {
    on_an_engine(async |fixture| {
        let directory = tempfile::tempdir().unwrap();
        let volumes =
            json!({"volumes": [format!("{}:/data", directory.path().display())], "auto_remove": true});
        let waits = fixture.job("until [ -e /data/go ]; do sleep 0.1; done; echo done; exit 5", volumes);
        let ends = fixture.job("echo over; exit 6", json!({"auto_remove": true}));
        let waiting = fixture.launch(&waits).await.unwrap();
        let mut ended = fixture.launch(&ends).await.unwrap();
        assert!(fixture.launcher.left_over(WORKER).await.unwrap().is_empty(), "it watches them itself");
        ended.wait_for_line("over").await;
        // The worker is gone: nobody watches any more.
        drop((waiting, ended));

        let next = fixture.another_launcher(&fixture.scope);
        assert!(next.left_over("grace").await.unwrap().is_empty(), "they are another worker's");
        let elsewhere = fixture.another_launcher("https://another.test/api");
        assert!(elsewhere.left_over(WORKER).await.unwrap().is_empty(), "they are a namesake's");
        let mut found: HashMap<FlowRunId, _> =
            next.left_over(WORKER).await.unwrap().into_iter().map(|it| (it.flow_run, it.launched)).collect();
        assert_eq!(found.len(), 2);
        let over = found.remove(&ends.flow_run).unwrap().ended.await;
        assert_eq!((over.code, over.last_output), (Some(6), vec!["over".to_owned()]));
        std::fs::write(directory.path().join("go"), "").unwrap();
        let over = found.remove(&waits.flow_run).unwrap().ended.await;
        assert_eq!((over.code, over.last_output), (Some(5), vec!["done".to_owned()]));
        assert_eq!(fixture.containers().await, [""; 0]);
    })
    .await;
}

#[tokio::test]
async fn the_output_of_what_is_left_over_goes_on_where_it_was_lost() {
    on_an_engine(async |fixture| {
        let directory = tempfile::tempdir().unwrap();
        let notes = directory.path().join("notes");
        let volumes = json!({"volumes": [format!("{}:/data", directory.path().display())]});
        let script =
            "echo 1; until [ -e /data/lost ]; do sleep 0.1; done; seq 6 9; until [ -e /data/go ]; do sleep 0.1; done; echo end";
        let job = fixture.job(script, volumes);
        let first = fixture.another_launcher(&fixture.scope).with_positions(&notes);
        let (sender, output) = tokio::sync::mpsc::channel(8);
        let launched = first.launch(&job, sender).await.unwrap();
        let mut running = fixture::Running { launched, output };
        running.wait_for_line("1").await;
        let files = |directory: &Path| -> Vec<_> {
            let entries = std::fs::read_dir(directory).into_iter().flatten();
            entries.map(|entry| entry.unwrap().path()).collect()
        };
        // A directory for each engine, with a file for each container.
        let noted = || files(&notes).into_iter().flat_map(|engine| files(&engine));
        let is_noted =
            || noted().any(|note| std::fs::read_to_string(note).unwrap_or_default().ends_with(" 1\n"));
        let until_it_is_noted = async {
            while !is_noted() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::select! {
            () = until_it_is_noted => {}
            exit = &mut running.launched.ended => panic!("it ended early: {exit:?}"),
        }
        // The worker is gone, and lines are printed that nobody hears.
        drop((running, first));
        std::fs::write(directory.path().join("lost"), "").unwrap();

        let next = fixture.another_launcher(&fixture.scope).with_positions(&notes);
        let left = next.left_over(WORKER).await.unwrap().remove(0);
        let mut running = fixture::Running { launched: left.launched, output: left.output };
        let first = tokio::select! {
            line = running.output.recv() => line.unwrap().text,
            exit = &mut running.launched.ended => panic!("it ended early: {exit:?}"),
        };
        assert_eq!(first, "6", "neither again nor left out");
        running.wait_for_line("9").await;
        std::fs::write(directory.path().join("go"), "").unwrap();
        let (exit, lines) = running.finish().await;
        assert_eq!((exit.code, lines), (Some(0), vec!["end".to_owned()]));
        assert_eq!(exit.last_output.first().map(String::as_str), Some("1"), "{:?}", exit.last_output);

        // Without notes everything is passed on again.
        let mut anew = fixture.another_launcher(&fixture.scope).left_over(WORKER).await.unwrap().remove(0);
        let (_, first_line) = futures::join!(anew.launched.ended, anew.output.recv());
        assert_eq!(first_line.unwrap().text, "1");
        // What the engine has no container for is not kept.
        fixture.remove_containers().await;
        assert!(next.left_over(WORKER).await.unwrap().is_empty());
        assert_eq!(noted().count(), 0);
    })
    .await;
}

#[tokio::test]
async fn what_is_left_over_and_unwanted_is_stopped_and_removed() {
    on_an_engine(async |fixture| {
        let job = fixture.job("exec sleep 3600", json!({"auto_remove": true}));
        drop(fixture.launch(&job).await.unwrap());
        let next = fixture.another_launcher(&fixture.scope);
        let left_over = next.left_over(WORKER).await.unwrap();
        assert_eq!(left_over.len(), 1);
        // A process that is the first of its container and says nothing of SIGTERM takes no notice of it.
        next.stop(&left_over[0].launched.identifier, Duration::ZERO).await.unwrap();
        assert_eq!(fixture.containers().await, [""; 0]);
    })
    .await;
}

#[tokio::test]
async fn a_container_that_was_made_and_never_started_is_cleared_away() {
    on_an_engine(async |fixture| {
        let flow_run = FlowRunId::random();
        let labels = HashMap::from([
            ("io.sluice.flow-run-id".to_owned(), flow_run.to_string()),
            ("io.sluice.worker-name".to_owned(), WORKER.to_owned()),
            ("io.sluice.scope".to_owned(), fixture.scope.clone()),
        ]);
        let body = ContainerCreateBody {
            image: Some(fixture.image.clone()),
            cmd: Some(vec!["/bin/sh".to_owned()]),
            labels: Some(labels),
            ..Default::default()
        };
        fixture.docker.create_container(None::<CreateContainerOptions>, body).await.unwrap();
        let mut left_over = fixture.launcher.left_over(WORKER).await.unwrap();
        let exit = left_over.remove(0).launched.ended.await;
        let reason = "the worker ended before it had started the container";
        assert_eq!((exit.code, exit.reason.as_deref()), (None, Some(reason)));
        assert_eq!(fixture.containers().await, [""; 0]);
    })
    .await;
}

#[tokio::test]
async fn a_container_that_somebody_removes_has_ended_all_the_same() {
    on_an_engine(async |fixture| {
        let mut running =
            fixture.launch(&fixture.job("echo ready; exec sleep 3600", json!({}))).await.unwrap();
        running.wait_for_line("ready").await;
        let (_, (exit, _)) = futures::join!(fixture.remove_containers(), running.finish());
        // Docker still says the code of what it killed; other engines may not.
        assert!([None, Some(137)].contains(&exit.code), "{exit:?}");
        assert_eq!(fixture.containers().await, [""; 0]);
    })
    .await;
}
