//! Faults that are planted into the shipped configurations of real proxies, one at a time: `crawlcast doctor` names each by check,
//! kind and product, and the line that it tells heals it.

use e2e::{Diagnosis, Product, Proxy, Worker};
use futures_util::StreamExt;
use futures_util::stream;

/// Faults that are examined at the same time: an examination mostly waits.
const AT_ONCE: usize = 10;

/// Checks that need a worker with times of its own, or much time, and are made alone.
const SLOW: [&str; 2] = ["keepAlive", "lifetime"];

/// All others.
const QUICK: [&str; 11] = [
    "reachable",
    "buffering",
    "compression",
    "headers",
    "cursor",
    "authorization",
    "idleTimeout",
    "disconnect",
    "end",
    "preflight",
    "caching",
];

/// A fault in one configuration.
struct Planted {
    /// Everything that is found, each as `check` or `check kind`: one fault may break several promises.
    finds: &'static [&'static str],
    /// Texts of the shipped configuration, and what is there instead.
    plant: &'static [(&'static str, &'static str)],
    /// The part of the broken configuration whose place the cure takes.
    mend: &'static str,
    /// The beginning of the cure.
    cure: &'static str,
}

impl Planted {
    /// True for a fault of one check that is made alone.
    fn is_slow(&self) -> bool {
        SLOW.contains(&id(self.finds[0]))
    }

    /// Findings that this cure does not concern: over HTTP/1.0 no cut can be told from an end.
    fn leaves(&self) -> Vec<String> {
        let http_1_0 = self
            .plant
            .iter()
            .any(|(_, planted)| planted.contains("1.0;"));
        let is_left = |finding: &&&str| http_1_0 && **finding == "end" && self.finds.len() > 1;
        self.finds
            .iter()
            .filter(is_left)
            .map(|finding| (*finding).to_owned())
            .collect()
    }

    async fn examine(&self, product: Product, edits: &[(&str, &str)]) -> Diagnosis {
        let options = Worker::options()
            .set("HEARTBEAT", "4s")
            .set("IDLE_TIMEOUT", "5s")
            .set("CONNECTION_LIFETIME", "6s");
        let worker = options.start().await;
        let proxy: Proxy = product.start_with(worker.port(), edits).await;
        let checks = if self.is_slow() {
            vec![id(self.finds[0])]
        } else {
            QUICK.to_vec()
        };
        let arguments: Vec<&str> = checks.into_iter().flat_map(|id| ["--only", id]).collect();
        Diagnosis::of(proxy.api().base(), &arguments).await
    }

    /// The difference between the doctor's report and the planted fault; nothing if it named and mended it.
    async fn judge(&self, product: Product, name: &str) -> Option<String> {
        let what = format!("{name}: {}", self.plant.last().unwrap().1.trim());
        let broken = self.examine(product, self.plant).await;
        if broken.findings() != self.finds || broken.via() != [name] || broken.code != Some(1) {
            return Some(format!(
                "{what}\n  found {:?} via {:?}, not {:?}: {:#}",
                broken.findings(),
                broken.via(),
                self.finds,
                broken.report
            ));
        }
        let found = self.finds.iter().map(|finding| id(finding));
        let cures: Vec<String> = found.flat_map(|id| broken.cures(id)).collect();
        let Some(cure) = cures.iter().find(|cure| cure.starts_with(self.cure)) else {
            return Some(format!("{what}\n  no cure `{}` in {cures:?}", self.cure));
        };
        let line = match cure.strip_prefix("no `") {
            Some(named) => {
                let named = named.split('`').next().unwrap();
                if !self.mend.contains(named) {
                    return Some(format!("{what}\n  `{named}` is not there"));
                }
                ""
            }
            None => cure,
        };
        let mended = [self.plant, &[(self.mend, line)]].concat();
        let healed = self.examine(product, &mended).await;
        let left = healed.findings();
        (left != self.leaves())
            .then(|| format!("{what}\n  `{cure}` leaves {left:?}: {:#}", healed.report))
    }
}

/// The check of a finding.
fn id(finding: &str) -> &str {
    finding.split(' ').next().unwrap()
}

async fn plant_each(product: Product, name: &str, faults: &[Planted]) {
    let wrong: Vec<String> = stream::iter(faults)
        .map(|fault| fault.judge(product, name))
        .buffer_unordered(AT_ONCE)
        .filter_map(async |wrong| wrong)
        .collect()
        .await;
    assert!(
        wrong.is_empty(),
        "{} of {} faults:\n{}",
        wrong.len(),
        faults.len(),
        wrong.join("\n")
    );
}

macro_rules! fault {
    ([$($finds:literal),+], [$($from:literal => $to:literal),+], $mend:literal, $cure:literal) => {
        Planted { finds: &[$($finds),+], plant: &[$(($from, $to)),+], mend: $mend, cure: $cure }
    };
}

const NGINX: &[Planted] = &[
    fault!(["buffering bySize", "end"], ["proxy_pass_header X-Accel-Buffering;" => "proxy_ignore_headers X-Accel-Buffering; proxy_buffering on;",
        "proxy_http_version 1.1;" => "proxy_http_version 1.0;"],
        "proxy_buffering on;", "proxy_buffering off;"),
    fault!(["compression gzip"], ["proxy_http_version 1.1;" => "proxy_http_version 1.1; gzip on; gzip_types *; gzip_proxied any;"],
        "gzip on;", "gzip off;"),
    fault!(["headers cache-control"], ["proxy_http_version 1.1;" => "proxy_http_version 1.1; proxy_hide_header Cache-Control;"],
        "proxy_hide_header Cache-Control;", "proxy_pass_header Cache-Control;"),
    fault!(["headers content-type"], ["proxy_http_version 1.1;" => "proxy_http_version 1.1; proxy_hide_header Content-Type;"],
        "proxy_hide_header Content-Type;", "proxy_pass_header Content-Type;"),
    fault!(["cursor header"], ["proxy_set_header Connection $crawlcast_connection;" => "proxy_set_header Connection $crawlcast_connection; proxy_set_header Last-Event-ID \"\";"],
        "proxy_set_header Last-Event-ID \"\";", "proxy_set_header Last-Event-ID $http_last_event_id;"),
    fault!(["authorization header"], ["proxy_set_header Connection $crawlcast_connection;" => "proxy_set_header Connection $crawlcast_connection; proxy_set_header Authorization \"\";"],
        "proxy_set_header Authorization \"\";", "proxy_set_header Authorization $http_authorization;"),
    fault!(["cursor query", "authorization query"], ["location / {" => "location / { rewrite ^(.*)$ $1? break;"],
        "proxy_pass http://crawlcast;", "proxy_pass http://crawlcast$request_uri;"),
    fault!(["idleTimeout"], ["proxy_read_timeout 120s;" => "proxy_read_timeout 1s;"],
        "proxy_read_timeout 1s;", "proxy_read_timeout 24s;"),
    fault!(["end"], ["proxy_http_version 1.1;" => "proxy_http_version 1.0;"],
        "proxy_http_version 1.0;", "proxy_http_version 1.1;"),
    fault!(["preflight"], ["location / {" => "location / { if ($request_method = OPTIONS) { return 405; }"],
        "if ($request_method = OPTIONS) { return 405; }", "no `if ($request_method = OPTIONS)`"),
    fault!(["preflight"], ["location / {" => "location / { add_header Access-Control-Allow-Origin * always;"],
        "add_header Access-Control-Allow-Origin * always;", "no `add_header Access-Control-Allow-Origin`"),
    fault!(["preflight"], ["proxy_http_version 1.1;" => "proxy_http_version 1.1; proxy_hide_header Access-Control-Allow-Origin;"],
        "proxy_hide_header Access-Control-Allow-Origin;", "proxy_pass_header Access-Control-Allow-Origin;"),
    fault!(["disconnect", "caching"], ["map $request_uri" => "proxy_cache_path cache keys_zone=all:1m;\nmap $request_uri",
        "location / {" => "location / { proxy_cache all; proxy_cache_valid 200 10m; proxy_ignore_headers Cache-Control;"],
        "proxy_cache all;", "proxy_cache off;"),
    fault!(["keepAlive"], ["keepalive 16;" => "keepalive 16; keepalive_timeout 600s;"],
        "keepalive_timeout 600s;", "keepalive_timeout 4s;"),
];

const HAPROXY: &[Planted] = &[
    fault!(["buffering byTime"], ["    option http-no-delay\n" => "    no option http-no-delay\n"],
        "no option http-no-delay", "option http-no-delay"),
    fault!(["idleTimeout"], ["timeout server 120s" => "timeout server 1s"], "timeout server 1s", "timeout server 24s"),
    fault!(["headers cache-control"], ["    default_backend worker" => "    http-response del-header Cache-Control\n    default_backend worker"],
        "    http-response del-header Cache-Control\n", "no `http-response del-header Cache-Control`"),
    fault!(["cursor header"], ["    default_backend worker" => "    http-request del-header Last-Event-ID\n    default_backend worker"],
        "    http-request del-header Last-Event-ID\n", "no `http-request del-header Last-Event-ID`"),
    fault!(["authorization header"], ["    default_backend worker" => "    http-request del-header Authorization\n    default_backend worker"],
        "    http-request del-header Authorization\n", "no `http-request del-header Authorization`"),
    fault!(["cursor query", "authorization query"], ["    default_backend worker" => "    http-request set-uri %[path]\n    default_backend worker"],
        "    http-request set-uri %[path]\n", "no `http-request set-uri %[path]`"),
    fault!(["preflight"], ["    default_backend worker" => "    http-request deny if METH_OPTIONS\n    default_backend worker"],
        "    http-request deny if METH_OPTIONS\n", "no `http-request deny if METH_OPTIONS`"),
    fault!(["preflight"], ["    default_backend worker" => "    http-response add-header Access-Control-Allow-Origin *\n    default_backend worker"],
        "    http-response add-header Access-Control-Allow-Origin *\n", "no `http-response add-header Access-Control-Allow-Origin`"),
    fault!(["keepAlive"], ["server worker 127.0.0.1:8080" => "http-reuse always\n    server worker 127.0.0.1:8080"],
        "http-reuse always", "http-reuse never"),
];

const CADDY: &[Planted] = &[
    fault!(["buffering untilEnd"], ["reverse_proxy 127.0.0.1:8080 {" => "reverse_proxy 127.0.0.1:8080 {\n\t\tresponse_buffers 1MB\n"],
        "\t\tresponse_buffers 1MB\n", "no `response_buffers`"),
    fault!(["headers cache-control"], ["reverse_proxy 127.0.0.1:8080 {" => "reverse_proxy 127.0.0.1:8080 {\n\t\theader_down -Cache-Control\n"],
        "\t\theader_down -Cache-Control\n", "no `header_down -Cache-Control`"),
    fault!(["cursor header"], ["reverse_proxy 127.0.0.1:8080 {" => "reverse_proxy 127.0.0.1:8080 {\n\t\theader_up -Last-Event-ID\n"],
        "\t\theader_up -Last-Event-ID\n", "no `header_up -Last-Event-ID`"),
    fault!(["authorization header"], ["reverse_proxy 127.0.0.1:8080 {" => "reverse_proxy 127.0.0.1:8080 {\n\t\theader_up -Authorization\n"],
        "\t\theader_up -Authorization\n", "no `header_up -Authorization`"),
    fault!(["cursor query", "authorization query"], ["\treverse_proxy 127.0.0.1:8080 {" => "\trewrite * {path}?\n\treverse_proxy 127.0.0.1:8080 {"],
        "\trewrite * {path}?\n", "no `rewrite`"),
    fault!(["idleTimeout"], ["read_timeout 120s" => "read_timeout 1s"], "read_timeout 1s", "read_timeout 24s"),
    fault!(["preflight"], ["\treverse_proxy 127.0.0.1:8080 {" => "\t@options method OPTIONS\n\trespond @options 405\n\treverse_proxy 127.0.0.1:8080 {"],
        "\trespond @options 405\n", "no `respond @options`"),
    fault!(["preflight"], ["\treverse_proxy 127.0.0.1:8080 {" => "\theader Access-Control-Allow-Origin *\n\treverse_proxy 127.0.0.1:8080 {"],
        "\theader Access-Control-Allow-Origin *\n", "no `header Access-Control-Allow-Origin`"),
    fault!(["keepAlive"], ["keepalive 60s" => "keepalive 600s"], "keepalive 600s", "keepalive 4s"),
    fault!(["lifetime"], ["\tlog {\n\t\tformat filter" => "\tservers {\n\t\ttimeouts {\n\t\t\twrite 3s\n\t\t}\n\t}\n\tlog {\n\t\tformat filter"],
        "\t\t\twrite 3s\n", "no `write`"),
];

const APACHE: &[Planted] = &[
    fault!(["compression gzip", "end"], ["    ProxyPreserveHost On" => "    SetOutputFilter DEFLATE\n    SetEnv force-no-vary 1\n    ProxyPreserveHost On"],
        "SetEnv force-no-vary 1", "SetEnv no-gzip 1"),
    fault!(["headers cache-control"], ["    ProxyPreserveHost On" => "    Header unset Cache-Control\n    ProxyPreserveHost On"],
        "    Header unset Cache-Control\n", "no `Header unset Cache-Control`"),
    fault!(["cursor header"], ["    ProxyPreserveHost On" => "    RequestHeader unset Last-Event-ID\n    ProxyPreserveHost On"],
        "    RequestHeader unset Last-Event-ID\n", "no `RequestHeader unset Last-Event-ID`"),
    fault!(["authorization header"], ["    ProxyPreserveHost On" => "    RequestHeader unset Authorization\n    ProxyPreserveHost On"],
        "    RequestHeader unset Authorization\n", "no `RequestHeader unset Authorization`"),
    fault!(["cursor query", "authorization query"], ["    ProxyPreserveHost On" => "    RewriteEngine On\n    RewriteRule ^(.*)$ $1 [QSD,PT]\n    ProxyPreserveHost On"],
        "    RewriteRule ^(.*)$ $1 [QSD,PT]\n", "no `RewriteRule`"),
    fault!(["idleTimeout"], ["timeout=120 ttl=60" => "timeout=1 ttl=60"],
        "ProxyPass \"/\" \"http://127.0.0.1:8080/\" timeout=1 ttl=60", "ProxyPass \"/\""),
    fault!(["preflight"], ["    ProxyPreserveHost On" => "    RewriteEngine On\n    RewriteCond %{REQUEST_METHOD} OPTIONS\n    RewriteRule ^ - [R=405,L]\n    ProxyPreserveHost On"],
        "    RewriteCond %{REQUEST_METHOD} OPTIONS\n    RewriteRule ^ - [R=405,L]\n", "no `RewriteCond %{REQUEST_METHOD} OPTIONS`"),
    fault!(["preflight"], ["    ProxyPreserveHost On" => "    Header add Access-Control-Allow-Origin *\n    ProxyPreserveHost On"],
        "    Header add Access-Control-Allow-Origin *\n", "no `Header add Access-Control-Allow-Origin`"),
    fault!(["keepAlive"], ["timeout=120 ttl=60" => "timeout=120"],
        "ProxyPass \"/\" \"http://127.0.0.1:8080/\" timeout=120", "ProxyPass \"/\""),
];

const VARNISH: &[Planted] = &[
    fault!(["buffering untilEnd", "disconnect"], ["# Nothing more is needed" => "sub vcl_backend_response { set beresp.do_stream = false; }\n# Nothing more is needed"],
        "set beresp.do_stream = false;", "set beresp.do_stream = true;"),
    fault!(["buffering bySize", "compression gzip", "disconnect"], ["# Nothing more is needed" => "sub vcl_backend_response { set beresp.do_gzip = true; }\n# Nothing more is needed"],
        "set beresp.do_gzip = true;", "set beresp.do_gzip = false;"),
    fault!(["headers cache-control"], ["# Nothing more is needed" => "sub vcl_backend_response { unset beresp.http.Cache-Control; }\n# Nothing more is needed"],
        "unset beresp.http.Cache-Control;", "no `unset beresp.http.Cache-Control;`"),
    fault!(["cursor header"], ["return (pass);" => "unset req.http.Last-Event-ID;\n    return (pass);"],
        "unset req.http.Last-Event-ID;", "no `unset req.http.Last-Event-ID;`"),
    fault!(["authorization header"], ["return (pass);" => "unset req.http.Authorization;\n    return (pass);"],
        "unset req.http.Authorization;", "no `unset req.http.Authorization;`"),
    fault!(["cursor query", "authorization query"], ["return (pass);" => "set req.url = regsub(req.url, \"\\?.*$\", \"\");\n    return (pass);"],
        "set req.url = regsub(req.url, \"\\?.*$\", \"\");", "no `set req.url`"),
    fault!(["idleTimeout"], [".between_bytes_timeout = 120s;" => ".between_bytes_timeout = 1s;"],
        ".between_bytes_timeout = 1s;", ".between_bytes_timeout = 24s;"),
    fault!(["preflight"], ["return (pass);" => "if (req.method == \"OPTIONS\") { return (synth(405)); }\n    return (pass);"],
        "if (req.method == \"OPTIONS\") { return (synth(405)); }", "no `if (req.method == \"OPTIONS\")`"),
    fault!(["preflight"], ["# Nothing more is needed" => "sub vcl_backend_response { set beresp.http.Access-Control-Allow-Origin = \"https://www.example.com\"; }\n# Nothing more is needed"],
        "set beresp.http.Access-Control-Allow-Origin = \"https://www.example.com\";", "no `set beresp.http.Access-Control-Allow-Origin`"),
    fault!(["disconnect", "caching"], ["# Nothing more is needed" => "sub vcl_backend_response { set beresp.ttl = 10m; return (deliver); }\n# Nothing more is needed",
        "return (pass);" => "if (req.method == \"GET\") { return (hash); }\n    return (pass);"],
        "return (hash);", "return (pass);"),
];

const LIGHTTPD: &[Planted] = &[
    fault!(["buffering untilEnd", "disconnect", "end"], ["server.stream-response-body = 2" => "server.stream-response-body = 0"],
        "server.stream-response-body = 0", "server.stream-response-body = 2"),
    fault!(["idleTimeout"], ["\"read-timeout\" => 120" => "\"read-timeout\" => 1"],
        "\"read-timeout\" => 1", "\"read-timeout\" => 24"),
    fault!(["cursor query", "authorization query"], ["    # eventsUrl carries" => "    url.rewrite-once = (\"^([^?]*)\" => \"$1\")\n    # eventsUrl carries"],
        "    url.rewrite-once = (\"^([^?]*)\" => \"$1\")\n", "no `url.rewrite-once`"),
    fault!(["cursor header"], ["    # eventsUrl carries" => "    setenv.set-request-header = (\"Last-Event-ID\" => \"\")\n    # eventsUrl carries"],
        "    setenv.set-request-header = (\"Last-Event-ID\" => \"\")\n", "no `setenv.set-request-header`"),
    fault!(["authorization header"], ["    # eventsUrl carries" => "    setenv.set-request-header = (\"Authorization\" => \"\")\n    # eventsUrl carries"],
        "    setenv.set-request-header = (\"Authorization\" => \"\")\n", "no `setenv.set-request-header`"),
    fault!(["headers cache-control"], ["    # eventsUrl carries" => "    setenv.set-response-header = (\"Cache-Control\" => \"max-age=60\")\n    # eventsUrl carries"],
        "    setenv.set-response-header = (\"Cache-Control\" => \"max-age=60\")\n", "no `setenv.set-response-header`"),
    fault!(["preflight"], ["    # eventsUrl carries" => "    setenv.add-response-header = (\"Access-Control-Allow-Origin\" => \"*\")\n    # eventsUrl carries"],
        "    setenv.add-response-header = (\"Access-Control-Allow-Origin\" => \"*\")\n", "no `setenv.add-response-header`"),
];

const VITE: &[Planted] = &[
    fault!(["end"], ["configure: (proxy) => proxy.on(\"proxyRes\", (proxyRes, _, response) => proxyRes.on(\"aborted\", () => response.destroy()))," => "secure: true,"],
        "secure: true,", "configure: "),
    fault!(["preflight"], ["cors: false," => "cors: { origin: \"http://localhost:3000\" },"], "cors: { origin: \"http://localhost:3000\" },", "cors: false,"),
    fault!(["cursor header"], ["configure: (proxy) => " => "configure: (proxy) => proxy.on(\"proxyReq\", (proxyReq) => { proxyReq.removeHeader(\"last-event-id\"); }) && "],
        "proxyReq.removeHeader(\"last-event-id\")", "no `proxyReq.removeHeader(\"last-event-id\")`"),
    fault!(["authorization header"], ["configure: (proxy) => " => "configure: (proxy) => proxy.on(\"proxyReq\", (proxyReq) => { proxyReq.removeHeader(\"authorization\"); }) && "],
        "proxyReq.removeHeader(\"authorization\")", "no `proxyReq.removeHeader(\"authorization\")`"),
    fault!(["cursor query", "authorization query"], ["configure: (proxy)" => "rewrite: (path) => path.split(\"?\")[0],\n configure: (proxy)"],
        "rewrite: (path) => path.split(\"?\")[0],", "no `rewrite`"),
    fault!(["idleTimeout"], ["configure: (proxy)" => "proxyTimeout: 1_000,\n configure: (proxy)"],
        "proxyTimeout: 1_000,", "proxyTimeout: 24_000,"),
];

const WEBPACK: &[Planted] = &[
    fault!(["disconnect", "end"], ["onProxyRes: (proxyRes, _, response) => (proxyRes.on(\"aborted\", () => response.destroy()), response.on(\"close\", () => proxyRes.destroy()))," => "secure: true,"],
        "secure: true,", "onProxyRes: "),
    fault!(["cursor header"], ["onProxyRes: " => "onProxyReq: (proxyReq) => { proxyReq.removeHeader(\"last-event-id\"); },\n onProxyRes: "],
        "proxyReq.removeHeader(\"last-event-id\");", "no `proxyReq.removeHeader(\"last-event-id\")`"),
    fault!(["authorization header"], ["onProxyRes: " => "onProxyReq: (proxyReq) => { proxyReq.removeHeader(\"authorization\"); },\n onProxyRes: "],
        "proxyReq.removeHeader(\"authorization\");", "no `proxyReq.removeHeader(\"authorization\")`"),
    fault!(["cursor query", "authorization query"], ["onProxyRes: " => "pathRewrite: (path) => path.split(\"?\")[0],\n onProxyRes: "],
        "pathRewrite: (path) => path.split(\"?\")[0],", "no `pathRewrite`"),
    fault!(["idleTimeout"], ["onProxyRes: " => "proxyTimeout: 1_000,\n onProxyRes: "],
        "proxyTimeout: 1_000,", "proxyTimeout: 24_000,"),
];

macro_rules! planted_into {
    ($($name:ident: $product:ident $spelled:literal $faults:ident;)+) => { $(
        #[tokio::test]
        async fn $name() {
            plant_each(Product::$product, $spelled, $faults).await;
        }
    )+ };
}

planted_into! {
    nginx: Nginx "nginx" NGINX;
    haproxy: Haproxy "HAProxy" HAPROXY;
    caddy: Caddy "Caddy" CADDY;
    apache: Apache "Apache httpd" APACHE;
    varnish: Varnish "Varnish" VARNISH;
    lighttpd: Lighttpd "lighttpd" LIGHTTPD;
    vite: Vite "Vite" VITE;
    webpack: Webpack "webpack" WEBPACK;
}

/// Caddy 2.6, which Debian 12 has, makes a clean end of every cut; no setting changes that.
#[tokio::test]
async fn a_version_that_cannot_be_mended_is_told() {
    let worker = Worker::options().set("HEARTBEAT", "2s").start().await;
    let proxy = Product::CaddyOfDebian.start(worker.port()).await;
    let diagnosis = Diagnosis::of(proxy.api().base(), &["--only", "end"]).await;
    assert_eq!(diagnosis.findings(), ["end"], "{:#}", diagnosis.report);
    assert_eq!(diagnosis.cures("end"), ["Caddy 2.11 or later"]);
}
