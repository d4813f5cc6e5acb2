//! Every call of every client, without a key.

use e2e::{Caller, Sdk, Site, Worker};
use rstest::rstest;
use serde_json::{Value, json};

use super::{check_counts, documents, ended, pages, site, start, until, urls};

/// More than a status has on one page.
const MANY: usize = 130;
const NOBODYS: &str = "5f0c0b1e-7a52-4d57-9a3e-2b1c0d9e8f70";

#[rstest]
#[case::node(Sdk::Node)]
#[case::older_node(Sdk::OlderNode)]
#[case::node_v1(Sdk::NodeV1)]
#[case::python(Sdk::Python)]
#[case::python_async(Sdk::PythonAsync)]
#[tokio::test]
async fn every_call_is_answered_as_the_client_expects(#[case] sdk: Sdk) {
    let (worker, site) = (Worker::start().await, site().await);
    let mut caller = sdk.start(&worker.base(), None).await;
    let caller = &mut caller;
    a_crawl_to_its_end(caller, &site).await;
    a_running_crawl_that_is_cancelled(caller, &site).await;
    pages_of_a_status(caller).await;
    a_map(caller, &site).await;
    single_pages(caller, &site).await;
    batches(caller, &site).await;
    refusals(caller, &site).await;
}

async fn a_crawl_to_its_end(caller: &mut Caller, site: &Site) {
    let options = json!({ "limit": 20, "scrapeOptions": { "formats": ["markdown", "links"] } });
    let job = caller
        .ask("crawl", [json!(site.url("/")), options.clone()])
        .await;
    check_counts(&job);
    assert_eq!(job["status"], "completed");
    assert_eq!(pages(&job), documents(site));
    for page in job["pages"].as_array().unwrap() {
        let url = page["url"].as_str().unwrap();
        let status = if url.ends_with("/missing") { 404 } else { 200 };
        assert_eq!(page["status"], status, "{page}");
        if status == 200 {
            assert!(
                page["markdown"]
                    .as_str()
                    .is_some_and(|text| !text.is_empty()),
                "{page}"
            );
            assert!(page["links"].is_array() && page["html"].is_null(), "{page}");
        }
    }

    let id = start(caller, &site.url("/"), options).await;
    let job = ended(caller, &id).await;
    assert_eq!(job["status"], "completed");
    // The first client asks for them with DELETE, which is no question.
    if caller.sdk.is_v2() {
        errors_of(caller, &id, site).await;
    }

    // What is over cannot be cancelled: Python takes 409 for a no, JavaScript for an error.
    match caller.call("cancel", [id]).await {
        Ok(answer) => assert!(is_python(caller.sdk) && answer == false, "{answer}"),
        Err(error) => assert!(!is_python(caller.sdk) && says(&error, "409"), "{error}"),
    }
    let unknown = caller.raises("cancel", [json!(NOBODYS)]).await;
    assert!(says(&unknown, "404"), "{unknown}");
    let unknown = caller.raises("status", [json!(NOBODYS)]).await;
    assert!(
        says(&unknown, "404") || says(&unknown, "not found"),
        "{unknown}"
    );
}

async fn errors_of(caller: &mut Caller, id: &Value, site: &Site) {
    let errors = caller.ask("errors", [id.clone()]).await;
    let failed: Vec<&str> = errors["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| error["url"].as_str().unwrap())
        .collect();
    assert_eq!(failed, [site.url("/garbled")], "{errors}");
    assert!(
        errors["errors"][0]["error"]
            .as_str()
            .is_some_and(|text| !text.is_empty()),
        "{errors}"
    );
    assert!(
        errors["errors"][0]["code"]
            .as_str()
            .is_some_and(|code| code.starts_with("SCRAPE_")),
        "{errors}"
    );
    assert_eq!(
        errors["robotsBlocked"],
        json!([site.url("/secret")]),
        "{errors}"
    );
}

async fn a_running_crawl_that_is_cancelled(caller: &mut Caller, site: &Site) {
    let mut hold = site.hold("/docs/b");
    let id = start(caller, &site.url("/"), json!({ "limit": 20 })).await;
    hold.reached().await;
    let job = until(caller, &id, "there is a document", |job| {
        !pages(job).is_empty()
    })
    .await;
    assert_eq!(job["status"], "scraping");
    // A cursor to nowhere would make a client ask without a pause.
    assert!(job["next"].is_null(), "{job}");
    if caller.sdk.is_v2() && caller.sdk != Sdk::PythonAsync {
        let active = caller.ask("active", []).await;
        let crawl = &active[0];
        assert_eq!(
            (&crawl["id"], &crawl["url"]),
            (&id, &json!(site.url("/"))),
            "{active}"
        );
    }
    assert_eq!(caller.ask("cancel", [id.clone()]).await, true);
    let job = ended(caller, &id).await;
    assert_eq!(job["status"], "cancelled");
    hold.open();
}

async fn pages_of_a_status(caller: &mut Caller) {
    let site = Site::tree(MANY).await;
    let options = json!({ "limit": MANY, "sitemap": "skip", "maxConcurrency": 8 });
    let options = if caller.sdk.is_v2() {
        options
    } else {
        json!({ "limit": MANY })
    };
    let id = start(caller, &site.url("/"), options).await;
    let first = ended(caller, &id).await;
    let next = &first["next"];
    assert!(next.is_string(), "there are more: {first}");
    let rest = caller.ask("nextPage", [next.clone()]).await;
    assert!(rest["next"].is_null(), "there are no more: {rest}");
    let pages = [&first, &rest]
        .map(|job| job["pages"].as_array().unwrap().clone())
        .concat();
    let whole = caller.ask("status", [id]).await;
    let mut expected: Vec<String> = Site::tree_paths(MANY)
        .iter()
        .map(|path| site.url(path))
        .collect();
    expected.sort_unstable();
    assert_eq!(urls(&pages), expected);
    assert_eq!(super::pages(&whole), expected);
    assert_eq!(first["pages"].as_array().unwrap().len(), 100);
}

async fn a_map(caller: &mut Caller, site: &Site) {
    let links = caller.ask("map", [json!(site.url("/")), json!({})]).await;
    let links: Vec<&str> = links
        .as_array()
        .unwrap()
        .iter()
        .map(|link| link.as_str().unwrap())
        .collect();
    for path in ["/docs/a", "/docs/b"] {
        assert_eq!(
            links.iter().filter(|link| **link == site.url(path)).count(),
            1,
            "{links:?}"
        );
    }
    let found = caller
        .ask(
            "map",
            [
                json!(site.url("/")),
                json!({ "search": "docs", "limit": 1 }),
            ],
        )
        .await;
    assert_eq!(found.as_array().unwrap().len(), 1, "{found}");
}

async fn single_pages(caller: &mut Caller, site: &Site) {
    let formats = json!({ "formats": ["markdown", "html"] });
    let page = caller
        .ask("scrape", [json!(site.url("/docs/a")), formats.clone()])
        .await;
    assert_eq!(page["url"], site.url("/docs/a"), "{page}");
    assert!(
        page["markdown"]
            .as_str()
            .unwrap()
            .contains("Words of the article"),
        "{page}"
    );
    assert!(page["html"].is_string(), "{page}");
    let missing = caller
        .ask("scrape", [json!(site.url("/missing")), formats.clone()])
        .await;
    assert_eq!(missing["status"], 404, "{missing}");
    let garbled = caller
        .raises("scrape", [json!(site.url("/garbled")), formats.clone()])
        .await;
    assert!(says(&garbled, "500"), "{garbled}");
    let secret = caller
        .raises("scrape", [json!(site.url("/secret")), formats])
        .await;
    assert!(says(&secret, "403") || says(&secret, "robots"), "{secret}");
}

async fn batches(caller: &mut Caller, site: &Site) {
    let list = ["/docs/a", "/docs/b", "/docs/unlinked"].map(|path| site.url(path));
    let mut options = json!({ "idempotencyKey": "one-and-the-same" });
    let formats = json!({ "formats": ["markdown"] });
    if caller.sdk.is_v2() {
        options["options"] = formats;
    } else {
        options["formats"] = formats["formats"].clone();
    }
    // The asynchronous Python client takes no such key.
    if caller.sdk == Sdk::PythonAsync {
        options.as_object_mut().unwrap().remove("idempotencyKey");
    }
    let job = caller.ask("batch", [json!(list), options.clone()]).await;
    check_counts(&job);
    assert_eq!(job["status"], "completed");
    assert_eq!(pages(&job), list);
    let one = caller
        .ask("startBatch", [json!(list), options.clone()])
        .await;
    let other = caller.ask("startBatch", [json!(list), options]).await;
    assert_eq!(
        one["id"] == other["id"],
        caller.sdk != Sdk::PythonAsync,
        "{one} {other}"
    );
    if caller.sdk.is_v2() {
        let errors = caller.ask("batchErrors", [one["id"].clone()]).await;
        assert_eq!(errors["errors"], json!([]), "{errors}");
        let _hold = site.hold("/docs/b");
        let started = caller.ask("startBatch", [json!(list), json!({})]).await;
        assert_eq!(
            caller.ask("cancelBatch", [started["id"].clone()]).await,
            true
        );
    }
}

async fn refusals(caller: &mut Caller, site: &Site) {
    let url = json!(site.url("/"));
    for (options, field) in [
        (json!({ "includePaths": ["("] }), "includePaths"),
        (json!({ "excludePaths": ["a(?=b)"] }), "excludePaths"),
        (json!({ "limit": 1_000_000_000_000_u64 }), "limit"),
        (
            json!({ "scrapeOptions": { "formats": ["summary"] } }),
            "summary",
        ),
    ] {
        let refused = caller.raises("start", [url.clone(), options]).await;
        assert!(says(&refused, field) && says(&refused, "400"), "{refused}");
    }
    let refused = caller.raises("search", [json!("anything")]).await;
    assert!(says(&refused, "501"), "{refused}");
    if caller.sdk.is_v2() {
        let refused = caller
            .raises("preview", [url, json!("only the blog")])
            .await;
        assert!(
            says(&refused, "501") && says(&refused, "language model"),
            "{refused}"
        );
    }
}

fn is_python(sdk: Sdk) -> bool {
    matches!(sdk, Sdk::Python | Sdk::PythonAsync)
}

/// True if an error says this, in words or as its status.
fn says(error: &Value, what: &str) -> bool {
    error
        .to_string()
        .to_lowercase()
        .contains(&what.to_lowercase())
}
