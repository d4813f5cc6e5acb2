//! The table of lines that mend a fault, by product.
//!
//! Each line is written as it stands in a file of `infra/`, or as an operator would type it. One that begins with `no ` says what to
//! leave out, in backticks. Tests break real proxies and mend them with these very lines.

use super::fault::Fault;
use super::product::Product;
use super::product::Product::{
    Alb, Apache, Caddy, CloudFront, Cloudflare, Envoy, Haproxy, Lighttpd, Nginx, Traefik, Varnish,
    Vite, Webpack,
};

/// Lines, each with its product. `{read}` and `{idle}` stand for seconds, `{header}` for a header's name.
pub(super) type Lines = &'static [(Product, &'static str)];

/// All that mends `fault`.
pub(super) const fn settings(fault: &Fault) -> Lines {
    match fault {
        Fault::Unreachable | Fault::Redirected => &[],
        Fault::WorkerAway => WORKER_AWAY,
        Fault::Refused => REFUSED,
        Fault::Buffered => BUFFERED,
        Fault::Compressed => COMPRESSED,
        Fault::HeaderGone(_) => HEADER_GONE,
        Fault::CursorGone => CURSOR_GONE,
        Fault::QueryGone => QUERY_GONE,
        Fault::AuthorizationGone => AUTHORIZATION_GONE,
        Fault::IdleCut => IDLE_CUT,
        Fault::KeptTooLong => KEPT_TOO_LONG,
        Fault::AgeCut => AGE_CUT,
        Fault::LeavingHidden => LEAVING_HIDDEN,
        Fault::CutHidden => CUT_HIDDEN,
        Fault::PreflightRefused => PREFLIGHT_REFUSED,
        Fault::OriginGone => ORIGIN_GONE,
        Fault::OriginTwice => ORIGIN_TWICE,
        Fault::Cached => CACHED,
    }
}

const WORKER_AWAY: Lines = &[
    (Nginx, "server 127.0.0.1:8080;"),
    (Haproxy, "server worker 127.0.0.1:8080"),
    (Caddy, "reverse_proxy 127.0.0.1:8080"),
    (
        Apache,
        "ProxyPass \"/\" \"http://127.0.0.1:8080/\" timeout={read} ttl={idle}",
    ),
    (Varnish, ".port = \"8080\";"),
    (Lighttpd, "\"port\" => 8080,"),
    (Vite, "target: \"http://127.0.0.1:8080\","),
    (Webpack, "target: \"http://127.0.0.1:8080\","),
];

const REFUSED: Lines = &[
    (Nginx, "proxy_pass http://crawlcast;"),
    (Haproxy, "default_backend worker"),
    (Caddy, "reverse_proxy 127.0.0.1:8080"),
    (
        Apache,
        "ProxyPass \"/\" \"http://127.0.0.1:8080/\" timeout={read} ttl={idle}",
    ),
    (Vite, "\"/v1\": {"),
    (Webpack, "context: [\"/v1\"],"),
];

const BUFFERED: Lines = &[
    (Nginx, "proxy_buffering off;"),
    (Haproxy, "option http-no-delay"),
    (Caddy, "no `response_buffers`"),
    (Apache, "no `SetOutputFilter`"),
    (Varnish, "set beresp.do_stream = true;"),
    (Lighttpd, "server.stream-response-body = 2"),
    (Envoy, "no `envoy.filters.http.buffer`"),
    (Traefik, "responseForwarding: { flushInterval: 1ms }"),
    (Vite, "no `selfHandleResponse: true,`"),
    (Webpack, "no `selfHandleResponse: true,`"),
    (Alb, "TargetType: ip"),
    (
        CloudFront,
        "CachePolicyId: 4135ea2d-6df8-44a3-9df3-4b5a84be39ad",
    ),
    (Cloudflare, "Cache Rules: Bypass cache for /v1/*"),
];

const COMPRESSED: Lines = &[
    (Nginx, "gzip off;"),
    (Haproxy, "no `compression algo gzip`"),
    (Caddy, "no `encode gzip`"),
    (Apache, "SetEnv no-gzip 1"),
    (Varnish, "set beresp.do_gzip = false;"),
    (
        Lighttpd,
        "deflate.mimetypes = (\"text/html\", \"text/css\")",
    ),
    (Envoy, "content_type: [text/html, text/css]"),
    (Traefik, "excludedContentTypes: [text/event-stream]"),
    (Vite, "no `compression()`"),
    (Webpack, "compress: false,"),
    (CloudFront, "Compress: false"),
    (
        Cloudflare,
        "Compression Rules: Disable compression for /v1/*",
    ),
];

const HEADER_GONE: Lines = &[
    (Nginx, "proxy_pass_header {header};"),
    (Haproxy, "no `http-response del-header {header}`"),
    (Caddy, "no `header_down -{header}`"),
    (Apache, "no `Header unset {header}`"),
    (Varnish, "no `unset beresp.http.{header};`"),
    (Lighttpd, "no `setenv.set-response-header`"),
    (Envoy, "no `response_headers_to_remove: [{header}]`"),
    (Traefik, "no `{header}` in `customResponseHeaders`"),
    (Vite, "no `delete` of `{header}` in `proxyRes.headers`"),
    (Webpack, "no `delete` of `{header}` in `proxyRes.headers`"),
    (CloudFront, "RemoveHeadersConfig: no {header}"),
];

const CURSOR_GONE: Lines = &[
    (Nginx, "proxy_set_header Last-Event-ID $http_last_event_id;"),
    (Haproxy, "no `http-request del-header Last-Event-ID`"),
    (Caddy, "no `header_up -Last-Event-ID`"),
    (Apache, "no `RequestHeader unset Last-Event-ID`"),
    (Varnish, "no `unset req.http.Last-Event-ID;`"),
    (Lighttpd, "no `setenv.set-request-header`"),
    (Envoy, "no `request_headers_to_remove: [last-event-id]`"),
    (Traefik, "no `customRequestHeaders: {Last-Event-ID: \"\"}`"),
    (Vite, "no `proxyReq.removeHeader(\"last-event-id\")`"),
    (Webpack, "no `proxyReq.removeHeader(\"last-event-id\")`"),
    (
        CloudFront,
        "OriginRequestPolicyId: b689b0a8-53d0-40ab-baf2-68738e2966ac",
    ),
];

const QUERY_GONE: Lines = &[
    (Nginx, "proxy_pass http://crawlcast$request_uri;"),
    (Haproxy, "no `http-request set-uri %[path]`"),
    (Caddy, "no `rewrite`"),
    (Apache, "no `RewriteRule` with `QSD`"),
    (Varnish, "no `set req.url`"),
    (Lighttpd, "no `url.rewrite-once`"),
    (Vite, "no `rewrite`"),
    (Webpack, "no `pathRewrite`"),
    (CloudFront, "QueryStringBehavior: all"),
];

const AUTHORIZATION_GONE: Lines = &[
    (Nginx, "proxy_set_header Authorization $http_authorization;"),
    (Haproxy, "no `http-request del-header Authorization`"),
    (Caddy, "no `header_up -Authorization`"),
    (Apache, "no `RequestHeader unset Authorization`"),
    (Varnish, "no `unset req.http.Authorization;`"),
    (Lighttpd, "no `setenv.set-request-header`"),
    (Envoy, "no `request_headers_to_remove: [authorization]`"),
    (Traefik, "removeHeader: false"),
    (Vite, "no `proxyReq.removeHeader(\"authorization\")`"),
    (Webpack, "no `proxyReq.removeHeader(\"authorization\")`"),
    (
        CloudFront,
        "CachePolicyId: 4135ea2d-6df8-44a3-9df3-4b5a84be39ad",
    ),
];

const IDLE_CUT: Lines = &[
    (Nginx, "proxy_read_timeout {read}s;"),
    (Haproxy, "timeout server {read}s"),
    (Caddy, "read_timeout {read}s"),
    (
        Apache,
        "ProxyPass \"/\" \"http://127.0.0.1:8080/\" timeout={read} ttl={idle}",
    ),
    (Varnish, ".between_bytes_timeout = {read}s;"),
    (Lighttpd, "\"read-timeout\" => {read}"),
    (Envoy, "stream_idle_timeout: {read}s"),
    (Traefik, "readTimeout: 0"),
    (Vite, "proxyTimeout: {read}_000,"),
    (Webpack, "proxyTimeout: {read}_000,"),
    (Alb, "idle_timeout.timeout_seconds = {read}"),
    (CloudFront, "OriginReadTimeout: {read}"),
];

const KEPT_TOO_LONG: Lines = &[
    (Nginx, "keepalive_timeout {idle}s;"),
    (Haproxy, "http-reuse never"),
    (Caddy, "keepalive {idle}s"),
    (
        Apache,
        "ProxyPass \"/\" \"http://127.0.0.1:8080/\" timeout={read} ttl={idle}",
    ),
    (Varnish, "-p backend_idle_timeout={idle}"),
    (Envoy, "idle_timeout: {idle}s"),
    (Traefik, "idleConnTimeout: {idle}s"),
    (Vite, "agent: undefined,"),
    (Webpack, "agent: undefined,"),
    (Alb, "idle_timeout.timeout_seconds = {idle}"),
    (CloudFront, "OriginKeepaliveTimeout: {idle}"),
];

const AGE_CUT: Lines = &[
    (Haproxy, "no `timeout tunnel`"),
    (Caddy, "no `write` in `timeouts`"),
    (Apache, "no `ProxyTimeout`"),
    (Varnish, "no `last_byte_timeout`"),
    (Envoy, "timeout: 0s"),
    (Envoy, "max_stream_duration: 0s"),
    (Traefik, "writeTimeout: 0"),
    (CloudFront, "ResponseCompletionTimeout: 0"),
];

const LEAVING_HIDDEN: Lines = &[
    (Nginx, "proxy_buffering off;"),
    (Nginx, "proxy_cache off;"),
    (Nginx, "proxy_ignore_client_abort off;"),
    (Haproxy, "option abortonclose"),
    (Caddy, "no `response_buffers`"),
    (Varnish, "set beresp.do_stream = true;"),
    (Varnish, "return (pass);"),
    (Lighttpd, "server.stream-response-body = 2"),
    (Vite, "no `selfHandleResponse: true,`"),
    (Webpack, WEBPACK_BOTH_ENDS),
];

const CUT_HIDDEN: Lines = &[
    (Nginx, "proxy_http_version 1.1;"),
    (Lighttpd, "server.stream-response-body = 2"),
    (Caddy, "Caddy 2.11 or later"),
    (Vite, VITE_CUT),
    (Webpack, WEBPACK_BOTH_ENDS),
];

/// Without it Vite leaves an answer open whose stream was broken off.
const VITE_CUT: &str = "configure: (proxy) => proxy.on(\"proxyRes\", (proxyRes, _, response) => proxyRes.on(\"aborted\", () => response.destroy())),";

/// Without it webpack's server does, and hides that a browser has left.
const WEBPACK_BOTH_ENDS: &str = "onProxyRes: (proxyRes, _, response) => (proxyRes.on(\"aborted\", () => response.destroy()), response.on(\"close\", () => proxyRes.destroy())),";

const PREFLIGHT_REFUSED: Lines = &[
    (Nginx, "no `if ($request_method = OPTIONS)`"),
    (Haproxy, "no `http-request deny if METH_OPTIONS`"),
    (Caddy, "no `respond @options`"),
    (Apache, "no `RewriteCond %{REQUEST_METHOD} OPTIONS`"),
    (Varnish, "no `if (req.method == \"OPTIONS\")`"),
    (Lighttpd, "no `$HTTP[\"request-method\"] == \"OPTIONS\"`"),
    (Envoy, "no `envoy.filters.http.cors`"),
    (Traefik, "no `accessControlAllowMethods`"),
    (Vite, "cors: false,"),
    (Webpack, "no `app.options`"),
    (
        CloudFront,
        "AllowedMethods: [GET, HEAD, OPTIONS, PUT, POST, PATCH, DELETE]",
    ),
];

const ORIGIN_GONE: Lines = &[
    (Nginx, "proxy_pass_header Access-Control-Allow-Origin;"),
    (
        Haproxy,
        "no `http-response del-header Access-Control-Allow-Origin`",
    ),
    (Caddy, "no `header_down -Access-Control-Allow-Origin`"),
    (Apache, "no `Header unset Access-Control-Allow-Origin`"),
    (
        Varnish,
        "no `unset beresp.http.Access-Control-Allow-Origin;`",
    ),
    (Vite, "cors: false,"),
];

const ORIGIN_TWICE: Lines = &[
    (Nginx, "no `add_header Access-Control-Allow-Origin`"),
    (
        Haproxy,
        "no `http-response add-header Access-Control-Allow-Origin`",
    ),
    (Caddy, "no `header Access-Control-Allow-Origin`"),
    (Apache, "no `Header add Access-Control-Allow-Origin`"),
    (Varnish, "no `set beresp.http.Access-Control-Allow-Origin`"),
    (Lighttpd, "no `setenv.add-response-header`"),
    (Envoy, "no `envoy.filters.http.cors`"),
    (Traefik, "no `accessControlAllowOriginList`"),
    (Vite, "cors: false,"),
    (Webpack, "no `headers` with `Access-Control-Allow-Origin`"),
];

const CACHED: Lines = &[
    (Nginx, "proxy_cache off;"),
    (Haproxy, "no `http-request cache-use`"),
    (Caddy, "no `cache`"),
    (Apache, "no `CacheEnable`"),
    (Varnish, "return (pass);"),
    (
        CloudFront,
        "CachePolicyId: 4135ea2d-6df8-44a3-9df3-4b5a84be39ad",
    ),
    (Cloudflare, "Cache Rules: Bypass cache for /v1/*"),
];
