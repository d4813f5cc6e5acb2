//! The Lambda function, run by a stand-in for the service: the Runtime API, on loopback.

use std::convert::Infallible;
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use tokio::sync::{Mutex, mpsc, watch};
use tokio_util::task::TaskTracker;

use crate::{Mint, Rss, Sqs, exe, gateway, within};

/// A function's environment that lives until it is dropped.
pub struct Function {
    child: Child,
    ready: watch::Receiver<bool>,
    events: mpsc::Sender<String>,
    answers: mpsc::Receiver<(String, Value)>,
    /// Owns the stand-in.
    _tasks: TaskTracker,
}

struct Runtime {
    /// True once the function has asked for an event.
    ready: watch::Sender<bool>,
    events: Mutex<mpsc::Receiver<String>>,
    answers: mpsc::Sender<(String, Value)>,
}

impl Function {
    /// Starts the function with these environment variables.
    ///
    /// # Panics
    /// If the binary is missing.
    pub async fn start(variables: &[(String, String)]) -> Self {
        Self::start_binary(&exe::binary("lambda-submit"), variables).await
    }

    /// Starts this build of the function.
    ///
    /// # Panics
    /// If there is none.
    pub async fn start_binary(binary: &Path, variables: &[(String, String)]) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0))
            .await
            .expect("loopback has a port");
        let address = listener.local_addr().expect("a listener has an address");
        let ((events, waiting), (given, answers)) = (mpsc::channel(16), mpsc::channel(16));
        let ready = watch::Sender::new(false);
        let asked = ready.subscribe();
        let runtime = Arc::new(Runtime {
            ready,
            events: Mutex::new(waiting),
            answers: given,
        });
        let tasks = TaskTracker::new();
        tasks.spawn(serve(listener, runtime, tasks.clone()));
        let child = Command::new(binary)
            .env_clear()
            .env("AWS_LAMBDA_RUNTIME_API", address.to_string())
            .env("AWS_LAMBDA_FUNCTION_NAME", "submit")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "1")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
            .envs(variables.iter().cloned())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("the function's binary can be run");
        Self {
            child,
            ready: asked,
            events,
            answers,
            _tasks: tasks,
        }
    }

    /// Starts the function for a queue and a worker.
    ///
    /// # Panics
    /// If the binary is missing.
    pub async fn submit(sqs: &Sqs, public_url: &str, keys: &Mint) -> Self {
        let mut variables = sqs.variables();
        let settings = [
            ("QUEUE_URL", sqs.url()),
            ("PUBLIC_URL", public_url),
            ("TOKEN_KEYS", keys.spelled()),
        ];
        variables
            .extend(settings.map(|(name, value)| (format!("CRAWLCAST_{name}"), value.to_owned())));
        Self::start(&variables).await
    }

    /// Submits a crawl as API Gateway's HTTP API would; answers what the caller gets.
    ///
    /// # Panics
    /// If it is refused.
    pub async fn post(&mut self, request: &Value) -> Value {
        let event = gateway::http_api("api.example.com", request);
        let (_, answer) = self.invoke(&event).await;
        assert_eq!(answer["statusCode"], 202, "{answer}");
        let body = answer["body"].as_str().expect("the answer has a body");
        serde_json::from_str(body).expect("the body is JSON")
    }

    /// Gives the function an event; answers what it gave back, and where: `response` or `error`.
    pub async fn invoke(&mut self, event: &Value) -> (String, Value) {
        self.events
            .send(event.to_string())
            .await
            .expect("the stand-in serves");
        within("the function answers", self.answers.recv())
            .await
            .expect("the stand-in serves")
    }

    /// Waits until the function has asked for its first event.
    ///
    /// # Panics
    /// If it never does.
    pub async fn ready(&mut self) {
        let asked = self.ready.wait_for(|ready| *ready);
        let asked = within("the function asks for an event", asked).await;
        asked.expect("the stand-in serves");
    }

    /// The most memory that it has had.
    ///
    /// # Panics
    /// If its process is gone.
    #[must_use]
    pub fn peak_rss(&self) -> Rss {
        Rss::peak(self.child.id().expect("the function runs"))
    }

    /// True while its process runs.
    pub fn lives(&mut self) -> bool {
        self.child
            .try_wait()
            .expect("a child can be asked")
            .is_none()
    }
}

async fn serve(listener: TcpListener, runtime: Arc<Runtime>, tasks: TaskTracker) {
    while let Ok((socket, _)) = listener.accept().await {
        let runtime = runtime.clone();
        tasks.spawn(async move {
            let service = service_fn(|request| answer(runtime.clone(), request));
            let _ended = http1::Builder::new()
                .serve_connection(TokioIo::new(socket), service)
                .await;
        });
    }
}

async fn answer(
    runtime: Arc<Runtime>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    if request.method() == Method::GET {
        runtime.ready.send_replace(true);
        let event = runtime.events.lock().await.recv().await;
        let Some(event) = event else {
            return std::future::pending().await;
        };
        let response = Response::builder()
            .header(
                "lambda-runtime-aws-request-id",
                "8476a536-e9f4-11e8-9739-2dfe598c3fcd",
            )
            .header("lambda-runtime-deadline-ms", "4000000000000")
            .header(
                "lambda-runtime-invoked-function-arn",
                "arn:aws:lambda:eu-central-1:123456789012:function:submit",
            )
            .header(
                "lambda-runtime-trace-id",
                "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled=1",
            );
        return Ok(response
            .body(Full::new(event.into()))
            .expect("the head is valid"));
    }
    let where_to = request
        .uri()
        .path()
        .rsplit('/')
        .next()
        .unwrap_or_default()
        .to_owned();
    let body = request
        .into_body()
        .collect()
        .await
        .map(http_body_util::Collected::to_bytes)
        .unwrap_or_default();
    let given = serde_json::from_slice(&body).unwrap_or(Value::Null);
    let _nobody_waits = runtime.answers.send((where_to, given)).await;
    Ok(Response::builder()
        .status(202)
        .body(Full::default())
        .expect("the head is valid"))
}
