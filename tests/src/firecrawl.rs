//! Firecrawl's own clients, unchanged: each in a program that makes the calls it is told, and says what the client answers.

use serde_json::{Value, json};

use crate::{Program, exe};

/// One of Firecrawl's clients, with what it runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sdk {
    /// npm's `firecrawl` 4 on the newest Node: it watches over a WebSocket if it has a key, and asks again and again without.
    Node,
    /// The same on the system's Node, which may have no WebSocket: then it asks again and again.
    OlderNode,
    /// npm's `firecrawl` 1.21 on the system's Node: it asks below `/v1`, and watches over a WebSocket only.
    NodeV1,
    /// PyPI's `firecrawl-py` 4, `Firecrawl`.
    Python,
    /// PyPI's `firecrawl-py` 4, `AsyncFirecrawl`.
    PythonAsync,
}

/// A client that runs. It is killed when this is dropped.
pub struct Caller {
    /// The client that runs.
    pub sdk: Sdk,
    program: Program,
    begun: usize,
}

/// A call under way, by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Call(usize);

impl Sdk {
    /// Starts it with the API at `base`, with a key or without.
    ///
    /// # Panics
    /// If it is not installed.
    pub async fn start(self, base: &str, key: Option<&str>) -> Caller {
        let (path, node) = match self {
            Self::Node => ("v4.mjs", Some(exe::newest_node())),
            Self::OlderNode => ("v4.mjs", None),
            Self::NodeV1 => ("v1.mjs", None),
            Self::Python => ("sync.py", None),
            Self::PythonAsync => ("aio.py", None),
        };
        let arguments: Vec<&str> = std::iter::once(base).chain(key).collect();
        let path = format!("clients/firecrawl/{path}");
        Caller {
            sdk: self,
            program: Program::talking(&path, node, &arguments).await,
            begun: 0,
        }
    }

    /// True if it has functions for calls that came with `/v2`: running crawls, a batch's cancellation, a preview.
    #[must_use]
    pub fn is_v2(self) -> bool {
        self != Self::NodeV1
    }
}

impl Caller {
    /// Begins a call: a name of the program's and its arguments.
    pub async fn begin(&mut self, name: &str, arguments: impl IntoIterator<Item = Value>) -> Call {
        let line: Value = std::iter::once(json!(name)).chain(arguments).collect();
        self.program.tell(&line.to_string()).await;
        self.begun += 1;
        Call(self.begun - 1)
    }

    /// Waits for the end of a call; answers what the client answers.
    ///
    /// # Errors
    /// The error that the client raises: `message`, `status`, `details`.
    ///
    /// # Panics
    /// If it does not end.
    pub async fn result(&self, call: Call) -> Result<Value, Value> {
        let what = format!("{:?} has ended call {}", self.sdk, call.0);
        let ended = |lines: &[String]| said(lines, call).find_map(|line| outcome(&line));
        let lines = self.program.until(&what, |lines| ended(lines).is_some());
        ended(&lines.await).expect("it has ended")
    }

    /// Makes a call and waits for its end.
    ///
    /// # Errors
    /// As [`result`](Self::result).
    pub async fn call(
        &mut self,
        name: &str,
        arguments: impl IntoIterator<Item = Value>,
    ) -> Result<Value, Value> {
        let call = self.begin(name, arguments).await;
        self.result(call).await
    }

    /// Makes a call and waits for its answer.
    ///
    /// # Panics
    /// If the client raises an error.
    pub async fn ask(&mut self, name: &str, arguments: impl IntoIterator<Item = Value>) -> Value {
        let (sdk, result) = (self.sdk, self.call(name, arguments).await);
        result.unwrap_or_else(|error| panic!("{sdk:?} raises from {name}: {error}"))
    }

    /// Makes a call that must raise; answers what.
    ///
    /// # Panics
    /// If the client answers.
    pub async fn raises(
        &mut self,
        name: &str,
        arguments: impl IntoIterator<Item = Value>,
    ) -> Value {
        match self.call(name, arguments).await {
            Err(error) => error,
            Ok(answer) => panic!("{:?} does not raise from {name}: {answer}", self.sdk),
        }
    }

    /// Values that a call has told so far under this name.
    #[must_use]
    pub fn told(&self, call: Call, name: &str) -> Vec<Value> {
        told(&self.program.lines(), call, name)
    }

    /// Waits until what a call has told under this name is as `enough` wants it.
    ///
    /// # Panics
    /// If it never is.
    pub async fn tells(&self, call: Call, name: &str, enough: impl Fn(&[Value]) -> bool) {
        let what = format!("{:?} tells {name} in call {}", self.sdk, call.0);
        let told = |lines: &[String]| enough(&told(lines, call, name));
        self.program.until(&what, told).await;
    }
}

/// Everything that was said of a call.
fn said(lines: &[String], call: Call) -> impl Iterator<Item = Value> {
    let lines = lines
        .iter()
        .filter_map(|line| serde_json::from_str(line).ok());
    lines.filter(move |line: &Value| line["call"] == call.0)
}

fn told(lines: &[String], call: Call, name: &str) -> Vec<Value> {
    let told = said(lines, call).filter_map(|line| line.get(name).cloned());
    told.collect()
}

/// The outcome of a call, if this line tells of one: the answer, or the error that was raised.
fn outcome(line: &Value) -> Option<Result<Value, Value>> {
    let answer = line.get("answer").cloned().map(Ok);
    answer.or_else(|| line.get("error").cloned().map(Err))
}
