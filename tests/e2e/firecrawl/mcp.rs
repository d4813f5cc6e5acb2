//! `firecrawl-mcp`, which brings Firecrawl's tools to assistants, on top of its client: this worker behind it.

use e2e::{Program, Worker};
use serde_json::{Value, json};

use super::{documents, site};

/// The server of the Model Context Protocol, spoken with in lines of JSON-RPC.
struct Mcp {
    program: Program,
    asked: usize,
}

impl Mcp {
    async fn start(api: &str) -> Self {
        let variables = [("FIRECRAWL_API_URL", api)];
        let program = Program::of_package("firecrawl-mcp/dist/index.js", &variables);
        let mut mcp = Self { program, asked: 0 };
        let hello = json!({
            "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": { "name": "tests", "version": "1" },
        });
        mcp.ask("initialize", hello).await;
        let ready = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
        mcp.program.tell(&ready.to_string()).await;
        mcp
    }

    async fn ask(&mut self, method: &str, params: Value) -> Value {
        self.asked += 1;
        let id = self.asked;
        let request = json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params });
        self.program.tell(&request.to_string()).await;
        let answer = |lines: &[String]| {
            let lines = lines
                .iter()
                .filter_map(|line| serde_json::from_str::<Value>(line).ok());
            let mut answers = lines.filter(|line| line["id"] == id && line["method"].is_null());
            answers.next()
        };
        let lines = self
            .program
            .until(method, |lines| answer(lines).is_some())
            .await;
        let answer = answer(&lines).unwrap();
        assert!(answer["error"].is_null(), "{method}: {answer}");
        answer["result"].clone()
    }

    /// Calls a tool; answers its text.
    async fn tool(&mut self, name: &str, arguments: Value) -> String {
        let called = json!({ "name": name, "arguments": arguments });
        let result = self.ask("tools/call", called).await;
        assert_ne!(result["isError"], true, "{name}: {result}");
        result["content"][0]["text"].as_str().unwrap().to_owned()
    }
}

#[tokio::test]
async fn an_assistant_crawls_maps_and_reads_through_it() {
    let (worker, site) = (Worker::start().await, site().await);
    let mut mcp = Mcp::start(&worker.base()).await;

    let tools = mcp.ask("tools/list", json!({})).await;
    let names: Vec<&str> = tools["tools"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tool| tool["name"].as_str().unwrap())
        .collect();
    for name in [
        "firecrawl_crawl",
        "firecrawl_check_crawl_status",
        "firecrawl_map",
        "firecrawl_scrape",
    ] {
        assert!(names.contains(&name), "{names:?}");
    }

    let page = mcp
        .tool(
            "firecrawl_scrape",
            json!({ "url": site.url("/docs/a"), "formats": ["markdown"] }),
        )
        .await;
    assert!(page.contains("Words of the article"), "{page}");
    let map = mcp
        .tool("firecrawl_map", json!({ "url": site.url("/") }))
        .await;
    assert!(map.contains(&site.url("/docs/b")), "{map}");

    // This tool waits for the end.
    let crawl = json!({ "url": site.url("/"), "limit": 20 });
    let job: Value = serde_json::from_str(&mcp.tool("firecrawl_crawl", crawl).await).unwrap();
    assert_eq!(job["status"], "completed", "{job}");
    let asked = json!({ "id": job["id"] });
    let status = mcp.tool("firecrawl_check_crawl_status", asked).await;
    let status: Value = serde_json::from_str(&status).unwrap();
    assert_eq!(status["status"], "completed", "{status}");
    let mut urls: Vec<&str> = status["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|page| page["metadata"]["sourceURL"].as_str().unwrap())
        .collect();
    urls.sort_unstable();
    assert_eq!(urls, documents(&site));
}
