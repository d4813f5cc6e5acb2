//! The wire to the queue: it passes every call on and remembers it, and can be cut.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::header::CONTENT_TYPE;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use parking_lot::Mutex;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio_util::task::TaskTracker;

use crate::{Api, eventually};

/// A call as it went over the wire.
#[derive(Debug, Clone)]
pub struct Call {
    /// Name of the action, as `SendMessage`.
    pub action: String,
    /// The request.
    pub asked: Value,
    /// The answer; null if there was none.
    pub answered: Value,
}

/// Fate of calls that are not simply passed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Answered with this error code.
    Refused(&'static str),
    /// Never answered, however long one waits.
    Unanswered,
    /// Passed on, but the answer is lost with the connection.
    AnswerLost,
}

/// A way to a server.
pub struct Wire {
    base: String,
    state: Arc<State>,
    /// Owns the connections.
    _tasks: TaskTracker,
}

struct State {
    server: Api,
    faults: Mutex<HashMap<String, Fault>>,
    calls: Mutex<Vec<Call>>,
}

impl Wire {
    pub(super) async fn to(server: &Api) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0))
            .await
            .expect("loopback has a port");
        let address = listener.local_addr().expect("a listener has an address");
        let state = Arc::new(State {
            server: server.clone(),
            faults: Mutex::default(),
            calls: Mutex::default(),
        });
        let tasks = TaskTracker::new();
        tasks.spawn(accept(listener, state.clone(), tasks.clone()));
        Self {
            base: format!("http://{address}"),
            state,
            _tasks: tasks,
        }
    }

    pub(super) fn base(&self) -> &str {
        &self.base
    }

    /// From now on calls for this action meet a fault.
    pub fn set_fault(&self, action: &str, fault: Fault) {
        self.state.faults.lock().insert(action.to_owned(), fault);
    }

    /// From now on every call is passed on.
    pub fn mend(&self) {
        self.state.faults.lock().clear();
    }

    /// The calls for an action so far.
    #[must_use]
    pub fn calls(&self, action: &str) -> Vec<Call> {
        let calls = self.state.calls.lock();
        let wanted = calls.iter().filter(|call| call.action == action);
        wanted.cloned().collect()
    }

    /// The receipts of what was received so far, in order.
    #[must_use]
    pub fn receipts(&self) -> Vec<Value> {
        let messages = |call: Call| match call.answered["Messages"].clone() {
            Value::Array(messages) => messages,
            _ => Vec::new(),
        };
        let received = self.calls("ReceiveMessage").into_iter();
        let received = received.flat_map(messages);
        received
            .map(|message| message["ReceiptHandle"].clone())
            .collect()
    }

    /// Waits until an action has been asked for so often.
    pub async fn called(&self, action: &str, times: usize) -> Vec<Call> {
        eventually(&format!("{times} × {action}"), || async {
            Some(self.calls(action)).filter(|calls| calls.len() >= times)
        })
        .await
    }
}

async fn accept(listener: TcpListener, state: Arc<State>, tasks: TaskTracker) {
    while let Ok((socket, _)) = listener.accept().await {
        let state = state.clone();
        tasks.spawn(async move {
            let service = service_fn(|request| answer(state.clone(), request));
            // A lost answer ends the connection with an error; nobody needs to hear of it here.
            let _ended = http1::Builder::new()
                .serve_connection(TokioIo::new(socket), service)
                .await;
        });
    }
}

/// The connection breaks.
#[derive(Debug)]
struct Cut;

impl std::fmt::Display for Cut {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("the wire was cut")
    }
}

impl std::error::Error for Cut {}

async fn answer(
    state: Arc<State>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Cut> {
    let header = |name: &str| {
        let value = request.headers().get(name);
        value
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
            .to_owned()
    };
    let target = header("x-amz-target");
    let authorization = header("authorization");
    let action = target.rsplit('.').next().unwrap_or_default().to_owned();
    let body = request
        .into_body()
        .collect()
        .await
        .map_err(|_gone| Cut)?
        .to_bytes();
    let asked: Value = serde_json::from_slice(&body).unwrap_or(Value::Null);
    let fault = state.faults.lock().get(&action).copied();
    let note = |answered: Value| {
        let call = Call {
            action: action.clone(),
            asked: asked.clone(),
            answered,
        };
        state.calls.lock().push(call);
    };
    match fault {
        Some(Fault::Refused(code)) => {
            note(Value::Null);
            let error = json!({ "__type": format!("com.amazonaws.sqs#{code}"), "message": code });
            return Ok(json_response(400, error.to_string().into()));
        }
        Some(Fault::Unanswered) => {
            note(Value::Null);
            let never: Result<Infallible, Cut> = std::future::pending().await;
            match never? {}
        }
        Some(Fault::AnswerLost) | None => {}
    }
    let passed_on = state
        .server
        .http()
        .post(state.server.url("/"))
        .header("x-amz-target", target)
        .header("content-type", "application/x-amz-json-1.0")
        .header("authorization", authorization)
        .body(body);
    let answer = passed_on.send().await.map_err(|_gone| Cut)?;
    let status = answer.status().as_u16();
    let bytes = answer.bytes().await.map_err(|_gone| Cut)?;
    note(serde_json::from_slice(&bytes).unwrap_or(Value::Null));
    if fault == Some(Fault::AnswerLost) {
        return Err(Cut);
    }
    Ok(json_response(status, bytes))
}

fn json_response(status: u16, body: Bytes) -> Response<Full<Bytes>> {
    Response::builder()
        .status(status)
        .header(CONTENT_TYPE, "application/x-amz-json-1.0")
        .body(Full::new(body))
        .expect("the head is valid")
}
