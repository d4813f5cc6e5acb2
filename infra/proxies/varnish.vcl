# Varnish in front of a Crawlcast worker. Copy it to /etc/varnish/default.vcl. Varnish speaks no TLS: put hitch or another
# proxy of this folder before it.
# Written for Varnish 7.1 (Debian 12) and later. infra/README.md has the reasons that all proxies share.
#
# varnishncsa writes URLs with their tokens unless it is told a format without the query: -F '%h %t "%m %U" %s %b'

vcl 4.1;

backend worker {
    .host = "127.0.0.1";
    .port = "8080";
    # Six heartbeats of the worker.
    .between_bytes_timeout = 120s;
}

sub vcl_recv {
    # Operators only: not through this door.
    if (req.url ~ "^/metrics(\?|$)") {
        return (synth(404));
    }
    # Every answer belongs to one caller. Not `pipe`: a piped connection takes no second request and knows no HTTP/2.
    return (pass);
}

# Nothing more is needed: an answer that is passed is neither kept nor, by default, compressed. Never set `beresp.do_gzip`, nor
# `beresp.do_stream` to false: a stream would be held back.
# For a slow watcher Varnish reads ahead, into its transient storage, which has no bound unless varnishd is started with one:
# `-s Transient=malloc,256m`.
