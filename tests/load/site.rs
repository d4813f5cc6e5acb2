//! A site of many pages of an ordinary size.

use std::convert::Infallible;
use std::fmt::Write;
use std::net::SocketAddr;

use bytes::Bytes;
use http_body_util::Full;
use hyper::Response;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio_util::task::TaskTracker;

/// Serves `pages` pages of about 14 KB, each of which leads to twenty others.
pub(crate) async fn serve(pages: usize, tasks: &TaskTracker) -> anyhow::Result<SocketAddr> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = listener.local_addr()?;
    let connections = tasks.clone();
    tasks.spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            connections.spawn(async move {
                let service = service_fn(move |request: hyper::Request<_>| async move {
                    let number = request
                        .uri()
                        .path()
                        .trim_start_matches("/page/")
                        .parse()
                        .unwrap_or(0);
                    let known =
                        request.uri().path() == "/" || request.uri().path().starts_with("/page/");
                    let status = if known { 200 } else { 404 };
                    let body = Full::new(Bytes::from(page(number, pages)));
                    let response = Response::builder()
                        .status(status)
                        .header("content-type", "text/html; charset=utf-8")
                        .body(body);
                    Ok::<_, Infallible>(response.expect("the head is valid"))
                });
                let _ended = http1::Builder::new()
                    .serve_connection(TokioIo::new(socket), service)
                    .await;
            });
        }
    });
    Ok(address)
}

fn page(number: usize, pages: usize) -> String {
    let mut html =
        format!("<!doctype html><html lang=en><head><title>Page {number}</title></head><body>");
    for link in 1..=20 {
        let to = (number * 20 + link) % pages;
        let _ = write!(
            html,
            "<p>Some words before <a href=\"/page/{to}\">page {to}</a> and some after it. "
        );
        for _ in 0..8 {
            html.push_str(
                "A paragraph of ordinary length, as a page about nothing in particular has it.",
            );
        }
        html.push_str("</p>");
    }
    html.push_str("</body></html>");
    html
}
