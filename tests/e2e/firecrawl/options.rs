//! A crawl with every option that a client has.

use e2e::{Receiver, Sdk, Worker};
use rstest::rstest;
use serde_json::{Value, json};

use super::{documents, ended, pages, site, start};

/// Options of a page.
fn scrape_options() -> Value {
    json!({
        "formats": ["markdown", "html", "rawHtml", "links", "images"],
        "headers": { "x-asked-by": "the tests" },
        "includeTags": ["main"], "excludeTags": [".ad"], "onlyMainContent": false,
        "timeout": 20_000, "waitFor": 0, "mobile": false, "parsers": [], "skipTlsVerification": false,
        "removeBase64Images": true, "blockAds": true, "proxy": "basic", "maxAge": 0, "storeInCache": true,
        "location": { "country": "US", "languages": ["en"] },
    })
}

/// Options of a crawl, as this client knows them, but for a webhook.
fn crawl_options(sdk: Sdk) -> Value {
    let mut options = json!({
        "limit": 10, "maxDiscoveryDepth": 3, "includePaths": ["/docs/.*"], "excludePaths": ["/docs/b"],
        "ignoreQueryParameters": true, "deduplicateSimilarURLs": true, "allowExternalLinks": false, "allowSubdomains": false,
        "delay": 0, "maxConcurrency": 2, "regexOnFullURL": false,
        "scrapeOptions": scrape_options(),
    });
    let more = if sdk.is_v2() {
        json!({
            "sitemap": "skip", "crawlEntireDomain": true, "ignoreRobotsTxt": false, "zeroDataRetention": false,
            "integration": "tests",
        })
    } else {
        json!({ "ignoreSitemap": true, "allowBackwardLinks": true, "maxDepth": 3 })
    };
    let options_of = options.as_object_mut().unwrap();
    options_of.extend(more.as_object().unwrap().clone());
    options
}

#[rstest]
#[case::node(Sdk::Node)]
#[case::older_node(Sdk::OlderNode)]
#[case::node_v1(Sdk::NodeV1)]
#[case::python(Sdk::Python)]
#[case::python_async(Sdk::PythonAsync)]
#[tokio::test]
async fn a_crawl_with_every_option_does_what_they_say(#[case] sdk: Sdk) {
    let (worker, site) = (Worker::start().await, site().await);
    let mut caller = sdk.start(&worker.base(), None).await;

    let id = start(&mut caller, &site.url("/"), crawl_options(sdk)).await;
    let job = ended(&mut caller, &id).await;

    assert_eq!(job["status"], "completed", "{job}");
    assert_eq!(pages(&job), [site.url("/"), site.url("/docs/a")], "{job}");
    let article = job["pages"]
        .as_array()
        .unwrap()
        .iter()
        .find(|page| page["url"] == site.url("/docs/a"));
    let article = article.unwrap();
    for format in ["markdown", "html", "rawHtml", "links", "metadata"] {
        assert!(
            article["has"].as_array().unwrap().contains(&json!(format)),
            "{format}: {article}"
        );
    }
    let markdown = article["markdown"].as_str().unwrap();
    assert!(markdown.contains("Words of the article"), "{markdown}");
    assert!(
        !markdown.contains("Buy this!") && !markdown.contains("The menu"),
        "{markdown}"
    );
    for visit in site.visits() {
        assert_eq!(visit.headers["x-asked-by"], "the tests", "{visit:?}");
    }
}

#[rstest]
#[case::node(Sdk::Node)]
#[case::node_v1(Sdk::NodeV1)]
#[case::python(Sdk::Python)]
#[tokio::test]
async fn a_webhook_is_told_as_by_firecrawl(#[case] sdk: Sdk) {
    let (worker, site, receiver) = (Worker::start().await, site().await, Receiver::start().await);
    let mut caller = sdk.start(&worker.base(), None).await;
    let webhook = json!({
        "url": receiver.url(), "headers": { "x-for": "us" }, "metadata": { "tag": "a" },
        "events": ["started", "page", "completed"],
    });

    let id = start(
        &mut caller,
        &site.url("/"),
        json!({ "limit": 20, "webhook": webhook }),
    )
    .await;
    let told = receiver
        .until("the webhook is told of the end", |told| {
            told.iter()
                .any(|told| told.json()["type"] == "crawl.completed")
        })
        .await;
    assert_eq!(told[0].json()["type"], "crawl.started");
    let mut given = Vec::new();
    for told in &told {
        let body = told.json();
        assert_eq!(body["id"], id, "{body}");
        // A page that never came is told as one, with the reason.
        assert_eq!(body["success"], body["error"].is_null(), "{body}");
        assert_eq!(body["metadata"]["tag"], "a", "{body}");
        assert_eq!(told.header("x-for"), "us");
        if body["type"] == "crawl.page" {
            given.extend(body["data"].as_array().unwrap().clone());
        }
    }
    let mut sources: Vec<&str> = given
        .iter()
        .map(|page| page["metadata"]["sourceURL"].as_str().unwrap())
        .collect();
    sources.sort_unstable();
    assert_eq!(sources, documents(&site));
}
