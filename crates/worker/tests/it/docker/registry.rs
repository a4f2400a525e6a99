//! Pulls from a registry that asks who is there. It is Debian's `docker-registry`, started by the test.

use std::process::{Child, Stdio};
use std::time::Duration;

use bollard::auth::DockerCredentials;
use bollard::query_parameters::{PushImageOptionsBuilder, RemoveImageOptions, TagImageOptionsBuilder};
use futures::TryStreamExt;
use serde_json::json;
use sluice_worker::launchers::LaunchError;

use super::fixture::on_an_engine;

/// `secret`, as `htpasswd -B` writes it.
const PASSWORD_FILE: &str = "ada:$2a$04$f/q2Fb4.3zw7xF3.qFa56.ia8aLLCRczSLSwHUZBZAD6K8FZG2tYK\n";

#[tokio::test]
async fn an_image_is_pulled_with_the_pools_credentials() {
    on_an_engine(async |fixture| {
        let directory = tempfile::tempdir().unwrap();
        let Some(registry) = Registry::start(directory.path()).await else {
            eprintln!("left out: there is no registry to pull from (Debian: apt-get install docker-registry)");
            return;
        };
        let repository = format!("{}/{}", registry.host, fixture.scope);
        let tag = TagImageOptionsBuilder::default().repo(&repository).tag("1").build();
        fixture.docker.tag_image(&fixture.image, Some(tag)).await.unwrap();
        let login = DockerCredentials {
            username: Some("ada".to_owned()),
            password: Some("secret".to_owned()),
            ..DockerCredentials::default()
        };
        let push = PushImageOptionsBuilder::default().tag("1").build();
        let pushed = fixture.docker.push_image(&repository, Some(push), Some(login)).try_collect::<Vec<_>>().await;
        pushed.unwrap();
        let image = format!("{repository}:1");
        fixture.docker.remove_image(&image, None::<RemoveImageOptions>, None).await.unwrap();

        let with_password = |password: &str| {
            json!({
                "image": image, "image_pull_policy": "IfNotPresent",
                "registry_credentials": {"username": "ada", "password": password, "registry_url": registry.host},
            })
        };
        let refused = fixture.launch(&fixture.job("exit 0", with_password("wrong"))).await;
        assert!(matches!(refused, Err(LaunchError::Job(_))));
        let (exit, lines) = fixture.run(&fixture.job("echo pulled", with_password("secret"))).await;
        assert_eq!((exit.code, lines), (Some(0), vec!["pulled".to_owned()]));
        // It is there now, so nobody is asked.
        let (exit, _) = fixture.run(&fixture.job("exit 0", with_password("wrong"))).await;
        assert_eq!(exit.code, Some(0));

        let missing = json!({"image": format!("{repository}:2"), "image_pull_policy": "Always",
            "registry_credentials": {"username": "ada", "password": "secret", "registry_url": registry.host}});
        let missing = fixture.launch(&fixture.job("exit 0", missing)).await.err().expect("there is no such tag");
        assert!(matches!(missing, LaunchError::Job(_)), "{missing}");
        let nobody = json!({"image": "127.0.0.1:1/flows:1", "image_pull_policy": "IfPossible"});
        let nobody = fixture.launch(&fixture.job("exit 0", nobody)).await.err().expect("nobody answers there");
        assert!(matches!(nobody, LaunchError::Infrastructure(_)), "{nobody}");

        fixture.remove_containers().await;
        fixture.docker.remove_image(&image, None::<RemoveImageOptions>, None).await.unwrap();
    })
    .await;
}

/// A registry that ends with the test.
struct Registry {
    host: String,
    process: Child,
}

impl Registry {
    async fn start(directory: &std::path::Path) -> Option<Self> {
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let host = format!("127.0.0.1:{port}");
        let (configuration, passwords) = (directory.join("registry.yml"), directory.join("passwords"));
        std::fs::write(&passwords, PASSWORD_FILE).unwrap();
        let text = json!({
            "version": "0.1",
            "log": {"level": "error"},
            "storage": {"filesystem": {"rootdirectory": directory.join("images")}},
            "http": {"addr": host},
            "auth": {"htpasswd": {"realm": "sluice", "path": passwords}},
        });
        std::fs::write(&configuration, text.to_string()).unwrap();
        let process = std::process::Command::new("docker-registry")
            .arg("serve")
            .arg(&configuration)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let registry = Self { host, process };
        while tokio::net::TcpStream::connect(&registry.host).await.is_err() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Some(registry)
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
