//! A place on a real engine for one test: an image of its own, and everything gone afterwards.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::time::Duration;

use bollard::Docker;
use bollard::query_parameters::{
    CreateImageOptionsBuilder, ListContainersOptionsBuilder, RemoveContainerOptionsBuilder,
    RemoveImageOptions,
};
use futures::{FutureExt, TryStreamExt};
use serde_json::{Value, json};
use sluice_wire::ids::FlowRunId;
use sluice_worker::launchers::docker::{DockerLauncher, EngineAddress};
use sluice_worker::launchers::{Command, Exit, Job, LaunchError, Launched, Launcher};
use tokio::sync::mpsc::{Receiver, channel};

/// The worker that the tests' jobs say they are from.
pub const WORKER: &str = "ada";

/// How long a test waits for what must come.
const DEADLINE: Duration = Duration::from_secs(60);

pub struct Fixture {
    pub docker: Docker,
    pub launcher: DockerLauncher,
    /// The name of the image: busybox and nothing else.
    pub image: String,
    pub scope: String,
    address: EngineAddress,
}

/// Runs a test on the engine that `SLUICE_TEST_DOCKER_HOST` names. Without one, or without the busybox that the image is
/// made of, says so in one line and runs nothing.
pub async fn on_an_engine(test: impl AsyncFnOnce(&Fixture)) {
    let Ok(host) = std::env::var("SLUICE_TEST_DOCKER_HOST") else {
        eprintln!(
            "left out: SLUICE_TEST_DOCKER_HOST names no Docker engine (scripts/with-docker starts one)"
        );
        return;
    };
    let Some(busybox) =
        ["/bin/busybox", "/usr/bin/busybox"].into_iter().find(|path| Path::new(path).exists())
    else {
        eprintln!(
            "left out: there is no busybox to make an image of (Debian: apt-get install busybox-static)"
        );
        return;
    };
    let address =
        EngineAddress::from_environment(|name| (name == "DOCKER_HOST").then(|| host.clone())).unwrap();
    let name = format!("sluice-test-{}", uuid::Uuid::new_v4().simple());
    let fixture = Fixture {
        docker: Docker::connect_with_host(&host).unwrap().negotiate_version().await.unwrap(),
        launcher: DockerLauncher::new(address.clone(), &name),
        image: format!("{name}:1"),
        scope: name,
        address,
    };
    fixture.make_image(&std::fs::read(busybox).unwrap()).await;
    let test = tokio::time::timeout(DEADLINE, test(&fixture));
    let outcome = std::panic::AssertUnwindSafe(test).catch_unwind().await;
    fixture.clear().await;
    match outcome {
        Ok(in_time) => in_time.expect("the test did not come to its end"),
        Err(panic) => std::panic::resume_unwind(panic),
    }
}

impl Fixture {
    /// A launcher as a worker has it that is started anew, serving the same or something else.
    pub fn another_launcher(&self, scope: &str) -> DockerLauncher {
        DockerLauncher::new(self.address.clone(), scope)
    }

    /// A job that runs lines of a shell in the image.
    pub fn job(&self, script: &str, configuration: Value) -> Job {
        let mut all = json!({"image": self.image, "image_pull_policy": "Never"});
        all.as_object_mut().unwrap().extend(configuration.as_object().unwrap().clone());
        Job {
            flow_run: FlowRunId::random(),
            flow_run_name: format!("{} {}", self.scope, uuid::Uuid::new_v4().simple()),
            command: Command::Line(format!("/bin/sh -c \"{}\"", quoted(script))),
            environment: BTreeMap::from([(
                "PREFECT_API_URL".to_owned(),
                "https://sluice.test/api".to_owned(),
            )]),
            labels: BTreeMap::from([("prefect.io/worker-name".to_owned(), WORKER.to_owned())]),
            configuration: all.as_object().unwrap().clone(),
        }
    }

    /// Launches a job with a queue of one line, so that every line has to wait for the one before it.
    pub async fn launch(&self, job: &Job) -> Result<Running, LaunchError> {
        let (sender, output) = channel(1);
        let launched = self.launcher.launch(job, sender).await?;
        Ok(Running { launched, output })
    }

    /// Launches a job and waits for its end.
    pub async fn run(&self, job: &Job) -> (Exit, Vec<String>) {
        self.launch(job).await.unwrap().finish().await
    }

    /// The names of the containers that are there for this test, without the slash that Docker sets before them.
    pub async fn containers(&self) -> Vec<String> {
        let found = self.docker.list_containers(Some(self.all_containers())).await.unwrap();
        let names = found.into_iter().filter_map(|container| container.names?.into_iter().next());
        let mut names: Vec<_> = names.map(|name| name.trim_start_matches('/').to_owned()).collect();
        names.sort();
        names
    }

    fn all_containers(&self) -> bollard::query_parameters::ListContainersOptions {
        let filters = HashMap::from([("label", vec![format!("io.sluice.scope={}", self.scope)])]);
        ListContainersOptionsBuilder::default().all(true).filters(&filters).build()
    }

    async fn make_image(&self, busybox: &[u8]) {
        let options = CreateImageOptionsBuilder::default().from_src("-").repo(&self.scope).tag("1").build();
        let content = bollard::body_full(root_file_system(busybox).into());
        let made = self.docker.create_image(Some(options), Some(content), None).try_collect::<Vec<_>>().await;
        made.unwrap();
    }

    /// Removes the containers of this test, whether they run or not.
    pub async fn remove_containers(&self) {
        for container in self.docker.list_containers(Some(self.all_containers())).await.unwrap() {
            let options = RemoveContainerOptionsBuilder::default().v(true).force(true).build();
            let _ = self.docker.remove_container(&container.id.unwrap(), Some(options)).await;
        }
    }

    async fn clear(&self) {
        self.remove_containers().await;
        let _ = self.docker.remove_image(&self.image, None::<RemoveImageOptions>, None).await;
    }
}

/// A job that runs.
pub struct Running {
    pub launched: Launched,
    pub output: Receiver<sluice_worker::launchers::OutputLine>,
}

impl Running {
    /// The container's id.
    pub fn container(&self) -> String {
        self.launched.identifier.rsplit(':').next().unwrap().to_owned()
    }

    /// Waits for a line, and fails when the job ends without it.
    pub async fn wait_for_line(&mut self, text: &str) {
        loop {
            tokio::select! {
                line = self.output.recv() => if line.expect("a line").text == text { return },
                exit = &mut self.launched.ended => panic!("ended without the line {text:?}: {exit:?}"),
            }
        }
    }

    /// The end, and the lines that were not read yet: those of the standard error begin with an exclamation mark.
    pub async fn finish(mut self) -> (Exit, Vec<String>) {
        let lines = async {
            let mut lines = Vec::new();
            while let Some(line) = self.output.recv().await {
                lines.push(format!("{}{}", if line.is_error { "!" } else { "" }, line.text));
            }
            lines
        };
        futures::join!(self.launched.ended, lines)
    }
}

/// A root directory with busybox as its only program, as a tar archive.
fn root_file_system(busybox: &[u8]) -> Vec<u8> {
    let mut archive = Vec::new();
    for directory in ["bin/", "etc/", "tmp/"] {
        archive.extend(header(directory, 0o755, 0, b'5', ""));
    }
    archive.extend(header("bin/busybox", 0o755, busybox.len(), b'0', ""));
    archive.extend_from_slice(busybox);
    archive.resize(archive.len().next_multiple_of(512), 0);
    for program in ["sh", "sleep", "cat", "seq", "tail", "head", "tr", "id", "touch"] {
        archive.extend(header(&format!("bin/{program}"), 0o777, 0, b'2', "busybox"));
    }
    archive.resize(archive.len() + 1024, 0);
    archive
}

/// A header of the format ustar (POSIX.1-1988).
fn header(name: &str, mode: u32, size: usize, kind: u8, link: &str) -> [u8; 512] {
    let mut header = [0; 512];
    let mut write = |at: usize, text: &str| header[at..at + text.len()].copy_from_slice(text.as_bytes());
    write(0, name);
    write(100, &format!("{mode:07o}\0{:07o}\0{:07o}\0{size:011o}\0{:011o}\0        ", 0, 0, 0));
    write(157, link);
    write(257, "ustar\x0000");
    header[156] = kind;
    let checksum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..156].copy_from_slice(format!("{checksum:06o}\0 ").as_bytes());
    header
}

/// A text as it stands between double quotation marks of a shell.
fn quoted(script: &str) -> String {
    let mut quoted = String::with_capacity(script.len());
    for letter in script.chars() {
        if matches!(letter, '\\' | '"' | '$' | '`') {
            quoted.push('\\');
        }
        quoted.push(letter);
    }
    quoted
}
