//! A real Chromium without a window, driven over W3C WebDriver.

use std::path::Path;
use std::process::Stdio;

use reqwest::Client;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

use crate::{Api, PATIENCE, eventually, exe, within};

/// The name under which WebDriver hands out elements.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// One browser with one tab. Both are killed when this is dropped.
pub struct Browser {
    client: Client,
    session: String,
    driver: Child,
    _said: Lines<BufReader<ChildStdout>>,
    _home: TempDir,
}

impl Browser {
    /// Starts one.
    ///
    /// # Panics
    /// If Chromium or its driver is not installed or does not start.
    pub async fn start() -> Self {
        let home = tempfile::tempdir().expect("a temporary directory can be made");
        let chromium = exe::program("chromium", "chromium");
        let (driver, said, port) = driver(home.path()).await;
        let client = Api::client()
            .timeout(PATIENCE)
            .build()
            .expect("a client can be built");
        let base = format!("http://127.0.0.1:{port}/session");
        let arguments = [
            "--headless=new",
            "--no-sandbox",
            "--disable-dev-shm-usage",
            "--disable-gpu",
            "--no-proxy-server",
            "--disable-background-networking",
            "--window-size=1200,900",
        ];
        let options = json!({ "binary": chromium, "args": arguments });
        let wanted = json!({ "capabilities": { "alwaysMatch": { "browserName": "chrome", "goog:chromeOptions": options } } });
        let session = ask(&client, &base, Some(&wanted)).await;
        let id = session["sessionId"]
            .as_str()
            .unwrap_or_else(|| panic!("a session: {session}"));
        Self {
            session: format!("{base}/{id}"),
            client,
            driver,
            _said: said,
            _home: home,
        }
    }

    /// Opens a page and waits until it has loaded.
    pub async fn open(&self, url: &str) {
        self.post("url", &json!({ "url": url })).await;
    }

    /// Loads the page anew.
    pub async fn reload(&self) {
        self.post("refresh", &json!({})).await;
    }

    /// The page's URL.
    ///
    /// # Panics
    /// If the driver does not answer with one.
    pub async fn url(&self) -> String {
        let url = ask(&self.client, &format!("{}/url", self.session), None).await;
        url.as_str().expect("a URL is a string").to_owned()
    }

    /// Clicks what a CSS selector finds, as a person would: it must be visible and enabled.
    pub async fn click(&self, selector: &str) {
        eventually(&format!("{selector} can be clicked"), || async {
            self.run("const e = document.querySelector(arguments[0]); return !!e && !e.disabled && e.offsetParent !== null", selector)
                .await
                .as_bool()
                .filter(|ready| *ready)
        })
        .await;
        let element = self.find(selector).await;
        self.post(&format!("element/{element}/click"), &json!({}))
            .await;
    }

    /// Types into what a CSS selector finds, in place of what is there.
    pub async fn type_into(&self, selector: &str, text: &str) {
        let element = self.find(selector).await;
        self.post(&format!("element/{element}/clear"), &json!({}))
            .await;
        self.post(
            &format!("element/{element}/value"),
            &json!({ "text": text }),
        )
        .await;
    }

    /// The text of what a CSS selector finds; empty if it finds nothing.
    pub async fn text(&self, selector: &str) -> String {
        let text = self
            .run(
                "return document.querySelector(arguments[0])?.textContent ?? ''",
                selector,
            )
            .await;
        text.as_str().unwrap_or_default().to_owned()
    }

    /// Waits until a text satisfies `condition`; answers it.
    pub async fn until_text(
        &self,
        selector: &str,
        what: &str,
        condition: impl Fn(&str) -> bool,
    ) -> String {
        eventually(&format!("{selector} {what}"), || async {
            let text = self.text(selector).await;
            condition(&text).then_some(text)
        })
        .await
    }

    /// The number in what a CSS selector finds; 0 if there is none.
    pub async fn number(&self, selector: &str) -> u64 {
        let digits: String = self
            .text(selector)
            .await
            .chars()
            .filter(char::is_ascii_digit)
            .collect();
        digits.parse().unwrap_or(0)
    }

    /// True if what a CSS selector finds can be seen.
    pub async fn shows(&self, selector: &str) -> bool {
        let seen = self.run("const e = document.querySelector(arguments[0]); return !!e && e.offsetParent !== null", selector).await;
        seen == true
    }

    /// Number of elements that a CSS selector finds.
    pub async fn count(&self, selector: &str) -> u64 {
        self.run(
            "return document.querySelectorAll(arguments[0]).length",
            selector,
        )
        .await
        .as_u64()
        .unwrap_or(0)
    }

    /// Runs a function's body with one argument in the page; answers what it returns.
    pub async fn run(&self, script: &str, argument: &str) -> Value {
        self.post(
            "execute/sync",
            &json!({ "script": script, "args": [argument] }),
        )
        .await
    }

    /// Errors in the page's console.
    pub async fn console_errors(&self) -> Vec<String> {
        let log = self.post("se/log", &json!({ "type": "browser" })).await;
        let lines = log.as_array().cloned().unwrap_or_default();
        let severe = lines.iter().filter(|line| line["level"] == "SEVERE");
        severe
            .map(|line| line["message"].as_str().unwrap_or_default().to_owned())
            .collect()
    }

    /// Closes the tab and the browser, and waits until both are gone.
    pub async fn close(mut self) {
        let _ = self.client.delete(&self.session).send().await;
        let _ = self.driver.kill().await;
    }

    async fn find(&self, selector: &str) -> String {
        let found = self
            .post(
                "element",
                &json!({ "using": "css selector", "value": selector }),
            )
            .await;
        found[ELEMENT]
            .as_str()
            .unwrap_or_else(|| panic!("`{selector}` finds an element: {found}"))
            .to_owned()
    }

    async fn post(&self, command: &str, body: &Value) -> Value {
        ask(
            &self.client,
            &format!("{}/{command}", self.session),
            Some(body),
        )
        .await
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // The driver began a group, and its browser is in it: killing the driver alone would leave the browser behind.
        let group = self
            .driver
            .id()
            .and_then(|pid| i32::try_from(pid).ok())
            .and_then(rustix::process::Pid::from_raw);
        if let Some(group) = group {
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
    }
}

/// Starts the driver. It ends at once if another process has taken the port that it has chosen.
async fn driver(home: &Path) -> (Child, Lines<BufReader<ChildStdout>>, u16) {
    const TRIES: usize = 5;
    for _ in 0..TRIES {
        let mut driver = Command::new(exe::program("chromedriver", "chromium-driver"))
            .arg("--port=0")
            .env_clear()
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .env("HOME", home)
            .env("TMPDIR", home)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .expect("chromedriver can be run");
        let mut said = BufReader::new(driver.stdout.take().expect("stdout is piped")).lines();
        if let Some(port) = within("chromedriver names its port", port(&mut said)).await {
            return (driver, said, port);
        }
    }
    panic!("chromedriver ended {TRIES} times before it served");
}

async fn port(said: &mut Lines<BufReader<ChildStdout>>) -> Option<u16> {
    while let Ok(Some(line)) = said.next_line().await {
        let digits = line.split("started successfully on port ").nth(1);
        if let Some(port) = digits.and_then(|digits| digits.trim_end_matches('.').parse().ok()) {
            return Some(port);
        }
    }
    None
}

/// One WebDriver command; without a body, a question.
async fn ask(client: &Client, url: &str, body: Option<&Value>) -> Value {
    let request = match body {
        Some(body) => client
            .post(url)
            .header("content-type", "application/json")
            .body(body.to_string()),
        None => client.get(url),
    };
    let response = request.send().await.expect("chromedriver answers");
    let status = response.status();
    let bytes = response
        .bytes()
        .await
        .expect("chromedriver's answer arrives whole");
    let answer: Value = serde_json::from_slice(&bytes).expect("chromedriver speaks JSON");
    assert!(status.is_success(), "{url}: {}", answer["value"]["message"]);
    answer["value"].clone()
}
