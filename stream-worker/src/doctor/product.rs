//! The products that stand between a browser and a worker, and how each is recognised.

use serde::{Deserialize, Serialize};

use super::exchange::{Answer, Exchange};
use super::wire::Arrived;

/// A proxy, cache, balancer or development server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) enum Product {
    #[serde(rename = "nginx")]
    Nginx,
    #[serde(rename = "HAProxy")]
    Haproxy,
    #[serde(rename = "Caddy")]
    Caddy,
    #[serde(rename = "Apache httpd")]
    Apache,
    #[serde(rename = "Varnish")]
    Varnish,
    #[serde(rename = "lighttpd")]
    Lighttpd,
    #[serde(rename = "Envoy")]
    Envoy,
    #[serde(rename = "Traefik")]
    Traefik,
    #[serde(rename = "Vite")]
    Vite,
    #[serde(rename = "webpack")]
    Webpack,
    #[serde(rename = "ALB")]
    Alb,
    #[serde(rename = "CloudFront")]
    CloudFront,
    #[serde(rename = "Cloudflare")]
    Cloudflare,
}

impl Product {
    /// All, as far as can be said from the browser's side to the worker's.
    pub(crate) const ALL: [Self; 13] = [
        Self::Cloudflare,
        Self::CloudFront,
        Self::Alb,
        Self::Vite,
        Self::Webpack,
        Self::Haproxy,
        Self::Varnish,
        Self::Traefik,
        Self::Envoy,
        Self::Caddy,
        Self::Nginx,
        Self::Apache,
        Self::Lighttpd,
    ];

    /// Its name as its makers write it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Nginx => "nginx",
            Self::Haproxy => "HAProxy",
            Self::Caddy => "Caddy",
            Self::Apache => "Apache httpd",
            Self::Varnish => "Varnish",
            Self::Lighttpd => "lighttpd",
            Self::Envoy => "Envoy",
            Self::Traefik => "Traefik",
            Self::Vite => "Vite",
            Self::Webpack => "webpack",
            Self::Alb => "ALB",
            Self::CloudFront => "CloudFront",
            Self::Cloudflare => "Cloudflare",
        }
    }
}

/// Answers by which the proxies between caller and worker are recognised.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Clues {
    /// Answers of any kind.
    pub(crate) answers: Vec<Exchange>,
    /// A request as it arrived at the worker.
    pub(crate) echo: Option<Exchange>,
    /// The answer to a header that is larger than proxies take.
    pub(crate) oversize: Option<Exchange>,
    /// `/@vite/client`, which Vite serves to its pages.
    pub(crate) vite: Option<Exchange>,
    /// `/__webpack_dev_server__/sockjs.bundle.js`, which webpack's server serves to its pages.
    pub(crate) webpack: Option<Exchange>,
}

/// A header of an answer, a part of its value in lower case, and the product that it stands for.
const BY_ANSWER: &[(&str, &str, Product)] = &[
    ("server", "nginx", Product::Nginx),
    ("server", "openresty", Product::Nginx),
    ("server", "caddy", Product::Caddy),
    ("via", "caddy", Product::Caddy),
    ("server", "apache", Product::Apache),
    ("via", "apache", Product::Apache),
    ("server", "lighttpd", Product::Lighttpd),
    ("server", "varnish", Product::Varnish),
    ("via", "varnish", Product::Varnish),
    ("x-varnish", "", Product::Varnish),
    ("server", "envoy", Product::Envoy),
    ("x-envoy-upstream-service-time", "", Product::Envoy),
    ("server", "awselb", Product::Alb),
    ("via", "cloudfront", Product::CloudFront),
    ("x-amz-cf-id", "", Product::CloudFront),
    ("server", "cloudflare", Product::Cloudflare),
    ("cf-ray", "", Product::Cloudflare),
];

/// A header that a product adds to what it sends to the worker.
const BY_REQUEST: &[(&str, Product)] = &[
    ("x-varnish", Product::Varnish),
    ("x-amzn-trace-id", Product::Alb),
    ("x-amz-cf-id", Product::CloudFront),
    ("cf-ray", Product::Cloudflare),
    ("x-envoy-expected-rq-timeout-ms", Product::Envoy),
    ("x-envoy-external-address", Product::Envoy),
];

/// A part of an error page, and whose it is.
const BY_ERROR: &[(&str, Product)] = &[
    ("<center>nginx", Product::Nginx),
    ("Your browser sent an invalid request.", Product::Haproxy),
    (
        "Your browser sent a request that this server could not understand",
        Product::Apache,
    ),
    ("Guru Meditation", Product::Varnish),
];

/// The products that these clues name.
pub(crate) fn recognise(clues: &Clues) -> Vec<Product> {
    let answers: Vec<&Answer> = clues
        .answers
        .iter()
        .chain(&clues.oversize)
        .filter_map(Exchange::answer)
        .collect();
    let arrived = clues.echo.as_ref().and_then(Exchange::json::<Arrived>);
    let is_seen = |product: Product| {
        by_answer(product, &answers)
            || by_error(product, &answers)
            || arrived
                .as_ref()
                .is_some_and(|arrived| by_request(product, arrived))
            || by_page(product, clues)
    };
    Product::ALL
        .into_iter()
        .filter(|product| is_seen(*product))
        .collect()
}

fn by_answer(product: Product, answers: &[&Answer]) -> bool {
    BY_ANSWER
        .iter()
        .filter(|(_, _, of)| *of == product)
        .any(|(name, part, _)| {
            let mut values = answers.iter().flat_map(|answer| answer.values(name));
            values.any(|value| value.to_ascii_lowercase().contains(part))
        })
}

fn by_error(product: Product, answers: &[&Answer]) -> bool {
    let errors = || answers.iter().filter(|answer| answer.status >= 400);
    BY_ERROR
        .iter()
        .filter(|(_, of)| *of == product)
        .any(|(part, _)| errors().any(|answer| answer.body.contains(part)))
}

fn by_request(product: Product, arrived: &Arrived) -> bool {
    let has = |name: &str| arrived.headers.iter().any(|header| header == name);
    let via = arrived
        .via
        .as_deref()
        .unwrap_or_default()
        .to_ascii_lowercase();
    match product {
        Product::Traefik => has("x-forwarded-server") && has("x-real-ip"),
        Product::Apache => has("x-forwarded-server") && !has("x-real-ip"),
        _ => {
            BY_REQUEST
                .iter()
                .any(|(name, of)| *of == product && has(name))
                || BY_ANSWER
                    .iter()
                    .any(|(name, part, of)| *of == product && *name == "via" && via.contains(part))
        }
    }
}

fn by_page(product: Product, clues: &Clues) -> bool {
    let page = match product {
        Product::Vite => &clues.vite,
        Product::Webpack => &clues.webpack,
        _ => return false,
    };
    let answer = page.as_ref().and_then(Exchange::good);
    answer.is_some_and(|answer| {
        let is_script = answer
            .header("content-type")
            .is_some_and(|kind| kind.contains("javascript"));
        let word = if product == Product::Vite {
            "vite"
        } else {
            "ockJS"
        };
        is_script && answer.body.contains(word)
    })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::doctor::exchange::recorded::{answered, headers, json};

    #[rstest]
    #[case(&[("server", "nginx/1.22.1")], Product::Nginx)]
    #[case(&[("server", "Apache/2.4.71 (Debian)")], Product::Apache)]
    #[case(&[("server", "Caddy")], Product::Caddy)]
    #[case(&[("server", "lighttpd/1.4.69")], Product::Lighttpd)]
    #[case(&[("via", "1.1 varnish (Varnish/7.1)")], Product::Varnish)]
    #[case(&[("server", "envoy")], Product::Envoy)]
    #[case(&[("server", "awselb/2.0")], Product::Alb)]
    #[case(&[("via", "1.1 a1b2.cloudfront.net (CloudFront)")], Product::CloudFront)]
    #[case(&[("server", "cloudflare"), ("cf-ray", "8")], Product::Cloudflare)]
    fn an_answer_names_its_proxy(#[case] pairs: &[(&str, &str)], #[case] product: Product) {
        let clues = Clues {
            answers: vec![answered(Answer {
                status: 200,
                headers: headers(pairs),
                ..Answer::default()
            })],
            ..Clues::default()
        };
        assert_eq!(recognise(&clues), [product]);
    }

    #[test]
    fn a_balancer_that_hides_is_known_by_its_error_page() {
        let clues = Clues {
            oversize: Some(answered(Answer {
                status: 400,
                body: "<html><body><h1>400 Bad request</h1>\nYour browser sent an invalid request.\n</body></html>".to_owned(),
                ..Answer::default()
            })),
            ..Clues::default()
        };
        assert_eq!(recognise(&clues), [Product::Haproxy]);
    }

    #[test]
    fn what_arrives_at_the_worker_names_hops_that_answers_hide() {
        let arrived = Arrived {
            headers: ["x-amzn-trace-id", "x-forwarded-server", "x-real-ip"]
                .map(str::to_owned)
                .to_vec(),
            ..Arrived::default()
        };
        let clues = Clues {
            echo: Some(json(&arrived)),
            ..Clues::default()
        };
        assert_eq!(recognise(&clues), [Product::Alb, Product::Traefik]);
    }

    #[test]
    fn a_worker_alone_is_nobody_else() {
        let clues = Clues {
            answers: vec![json(&Arrived::default())],
            echo: Some(json(&Arrived::default())),
            ..Clues::default()
        };
        assert_eq!(recognise(&clues), []);
    }
}
