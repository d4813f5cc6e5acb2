//! The commands that talk to a server: `submit`, `watch`, `status`, `results`, `pause`, `resume`, `cancel`.

use e2e::{Front, Relay, Shell, Site, Worker};
use rustix::process::Signal;
use serde_json::{Value, json};

#[tokio::test]
async fn a_job_is_submitted_watched_and_downloaded() {
    let (worker, site) = (Worker::start().await, Site::tree(15).await);
    let shell = Shell::default().set("CRAWLCAST_SERVER", &worker.base());

    let submitted = shell.run(&["submit", &site.url("/")]).await;

    assert_eq!(submitted.code, Some(0), "{}", submitted.stderr);
    std::fs::write(shell.path("job.json"), &submitted.stdout).unwrap();
    let answer: Value = serde_json::from_str(&submitted.stdout).unwrap();
    let events_url = answer["eventsUrl"].as_str().unwrap();
    let watched = shell
        .run(&[
            "watch",
            events_url,
            "-o",
            "watched.ndjson",
            "-o",
            "watched.csv",
        ])
        .await;
    assert_eq!(watched.code, Some(0), "{}", watched.stderr);
    for format in ["ndjson", "csv"] {
        let results = shell
            .run(&["results", "job.json", "--format", format])
            .await;
        assert_eq!(results.stdout, shell.text(&format!("watched.{format}")));
    }
    let status = shell.run_with(&["status", "-"], &submitted.stdout).await;
    assert!(
        status.stdout.starts_with("done, 100 %\n15 fetched, "),
        "{}",
        status.stdout
    );
    let saved = shell.run(&["results", "job.json", "-o", "all.csv"]).await;
    assert_eq!((saved.code, saved.stdout.as_str()), (Some(0), ""));
    assert_eq!(shell.text("all.csv"), shell.text("watched.csv"));
    let all = shell.text("watched.ndjson");
    for (option, value, expected) in [
        ("--state", "fetched", all.as_str()),
        ("--state", "failed", ""),
        ("--after", "0-0", &all),
    ] {
        let part = shell.run(&["results", "job.json", option, value]).await;
        assert_eq!(part.stdout, expected, "{option} {value}");
    }
    let wrong = shell.run(&["results", "job.json", "--after", "9-9"]).await;
    assert_eq!(wrong.code, Some(3), "{}", wrong.stderr);
    assert!(wrong.stderr.contains("9-9 is none"), "{}", wrong.stderr);
}

#[tokio::test]
async fn a_job_is_paused_resumed_and_cancelled() {
    let (worker, site) = (Worker::start().await, Site::tree(15).await);
    let mut hold = site.hold("/page/9");
    let shell = Shell::default().set("CRAWLCAST_SERVER", &worker.base());
    let submitted = shell
        .run(&["submit", &site.url("/"), "--on-disconnect", "continue"])
        .await;
    std::fs::write(shell.path("job.json"), &submitted.stdout).unwrap();
    let watching = shell.start(&["watch", "job.json"]);
    watching.prints("/page/1").await;
    hold.reached().await;

    for (command, state) in [("pause", ", paused,"), ("resume", "running, ")] {
        let ended = shell.run(&[command, "job.json"]).await;
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        let status = shell.run(&["status", "job.json"]).await;
        assert!(status.stdout.contains(state), "{}", status.stdout);
    }
    let cancelled = shell.run(&["cancel", "job.json", "--json"]).await;

    assert_eq!(cancelled.stdout, "{\"state\":\"cancelling\"}\n");
    assert_eq!(watching.end().await.code, Some(4));
    let again = shell.run(&["cancel", "job.json"]).await;
    assert_eq!(
        again.code,
        Some(0),
        "a cancelled job is cancelled: {}",
        again.stderr
    );
}

#[tokio::test]
async fn a_watch_survives_cuts_kills_restarts_a_502_and_a_sleep_and_says_so() {
    let mut worker = Worker::start().await;
    // A proxy that answers for a worker that is away, and a wire that breaks before it.
    let nginx = Front::plain(worker.port()).start().await;
    let relay = Relay::to(nginx.port()).await;
    let site = Site::tree(63).await;
    let hold = site.hold("/page/40");
    let shell = Shell::default().set("CRAWLCAST_SERVER", &worker.base());
    let submitted = shell
        .run(&["submit", &site.url("/"), "--on-disconnect", "continue"])
        .await;
    let answer: Value = serde_json::from_str(&submitted.stdout).unwrap();
    let events_url = answer["eventsUrl"]
        .as_str()
        .unwrap()
        .replace(&worker.base(), &relay.base());
    relay.cut_after("/page/7");

    let watching = shell.start(&["watch", &events_url, "-o", "watched.ndjson"]);
    watching.says("the stream was cut").await;
    watching.says("connected again").await;
    worker.kill().await;
    watching.says("the server answers 502").await;
    watching.signal(Signal::STOP);
    worker.restart().await;
    watching.signal(Signal::CONT);
    hold.open();
    let ended = watching.end().await;

    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    std::fs::write(shell.path("job.json"), &submitted.stdout).unwrap();
    let results = shell.run(&["results", "job.json"]).await;
    assert_eq!(
        results.stdout,
        shell.text("watched.ndjson"),
        "each page once, in order"
    );
}

#[tokio::test]
async fn a_worker_that_drains_is_waited_for() {
    let mut worker = Worker::start().await;
    let site = Site::tree(31).await;
    let hold = site.hold("/page/20");
    let shell = Shell::default().set("CRAWLCAST_SERVER", &worker.base());
    let watching = shell.start(&[
        "submit",
        &site.url("/"),
        "--watch",
        "--on-disconnect",
        "continue",
    ]);
    watching.prints("/page/1").await;
    worker.terminate();
    watching.says("the server takes leave (drain)").await;
    worker.exit().await;
    worker.restart().await;
    hold.open();
    let ended = watching.end().await;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert_eq!(ended.stdout.lines().count(), 31, "{}", ended.stdout);
}

#[tokio::test]
async fn a_watch_begins_after_the_event_that_it_is_told() {
    let (worker, site) = (Worker::start().await, Site::tree(3).await);
    let job = worker.api().submit(json!({ "url": site.url("/") })).await;
    let seen = job.watch().until_over().await;
    let shell = Shell::default();
    let first = seen.named("progress").next().unwrap().id.clone().unwrap();
    let rest = shell
        .run(&["watch", &job.events_url, "--after", &first, "-o", "-"])
        .await;
    assert_eq!(rest.stdout.lines().count(), 2, "{}", rest.stdout);
    let last = seen.cursor();
    let nothing = shell
        .run(&["watch", &job.events_url, "--after", &last])
        .await;
    assert_eq!((nothing.code, nothing.stdout.as_str()), (Some(0), ""));
}

#[tokio::test]
async fn what_a_server_refuses_is_said_in_its_words() {
    let hash = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
    let worker = Worker::options()
        .set("API_KEYS", format!("me={hash}"))
        .start()
        .await;
    let (base, site) = (worker.base(), Site::tree(1).await);
    let url = site.url("/");
    let shell = Shell::default().set("CRAWLCAST_SERVER", &base);
    std::fs::write(shell.path("key"), "test\n").unwrap();
    std::fs::write(shell.path("wrong"), "other\n").unwrap();
    let unknown = format!("{base}/v1/channels/3f6c1c1e-0f4c-4b57-8a59-0c9d4b8c7f10?token=x");
    let cases: [(&[&str], i32, &str); 7] = [
        (
            &["submit", &url],
            3,
            "set CRAWLCAST_API_KEY, or name a file with --api-key-file",
        ),
        (
            &["submit", &url, "--api-key-file", "wrong"],
            3,
            "--api-key-file",
        ),
        (
            &["submit", &url, "--api-key-file", "nowhere"],
            1,
            "could not read the API key",
        ),
        (
            &["submit", &url, "--api-key-file", "key", "--limit", "0"],
            3,
            "1 to 1000000",
        ),
        (&["status", &unknown], 3, "no such channel"),
        (&["watch", &unknown], 3, "no such channel"),
        (
            &["submit", &url, "--server", "http://127.0.0.1:1"],
            1,
            "is a worker running there",
        ),
    ];
    for (arguments, code, words) in cases {
        let ended = shell.run(arguments).await;
        assert_eq!(ended.code, Some(code), "{arguments:?}: {}", ended.stderr);
        assert!(
            ended.stderr.contains(words),
            "{arguments:?}: {}",
            ended.stderr
        );
    }
    let submitted = shell.run(&["submit", &url, "--api-key-file", "key"]).await;
    assert_eq!(submitted.code, Some(0), "{}", submitted.stderr);
    let with_key = shell.set("CRAWLCAST_API_KEY", "test");
    let answer: Value = serde_json::from_str(&submitted.stdout).unwrap();
    let status_url = answer["statusUrl"]
        .as_str()
        .unwrap()
        .split('?')
        .next()
        .unwrap()
        .to_owned();
    assert_eq!(with_key.run(&["status", &status_url]).await.code, Some(0));
}

#[tokio::test]
async fn every_command_has_help_a_manual_and_completions() {
    let shell = Shell::default();
    let commands = [
        "crawl",
        "submit",
        "watch",
        "status",
        "results",
        "pause",
        "resume",
        "cancel",
        "doctor",
        "serve",
        "completions",
        "man",
    ];
    let help = shell.run(&["--help"]).await.stdout;
    let bash = shell.run(&["completions", "bash"]).await.stdout;
    for command in commands {
        assert!(
            help.contains(&format!("\n  {command} ")),
            "{command} in {help}"
        );
        assert!(bash.contains(command));
        let page = shell.run(&["man", command]).await;
        assert_eq!(page.code, Some(0), "{}", page.stderr);
        let title = format!(".TH crawlcast-{command} 1  \"crawlcast ");
        assert!(page.stdout.contains(&title), "{}", page.stdout);
    }
    assert!(help.contains("130 after Ctrl-C"));
    let unknown = shell.run(&["man", "craw"]).await;
    assert_eq!(unknown.code, Some(2));
}
