//! The OpenAPI document, made from the types of requests and answers, and the endpoint that serves it.

use std::sync::LazyLock;

use http::StatusCode;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{AdditionalProperties, ObjectBuilder, Schema, Type};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};

use super::answer::{Answer, bytes};
use super::endpoints::{channel, doctor, events, service, submit, tenant};
use super::firecrawl::FirecrawlApi;
use crate::doctor::wire::Sent;
use crate::export::ResultsFormat;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Crawlcast",
        description = "Submit a crawl, watch it live over Server-Sent Events.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")
    ),
    paths(
        submit::submit,
        events::events,
        channel::status,
        channel::results,
        channel::pause,
        channel::resume,
        channel::cancel,
        tenant::channels,
        tenant::usage,
        doctor::facts,
        doctor::echo,
        doctor::frames,
        doctor::silence,
        doctor::lifetime,
        doctor::whole,
        doctor::cut,
        doctor::once,
        doctor::leave,
        doctor::left,
        doctor::hold,
        doctor::report,
        service::healthz,
        service::readyz,
        service::metrics,
        openapi,
    ),
    components(schemas(shared::Event, shared::Aside, ResultsFormat, Sent)),
    modifiers(&Security, &OptionalFields)
)]
struct Document;

/// The two kinds of bearer tokens.
struct Security;

impl Modify for Security {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let bearer = |description: &str| {
            SecurityScheme::Http(
                HttpBuilder::new()
                    .scheme(HttpAuthScheme::Bearer)
                    .description(Some(description))
                    .build(),
            )
        };
        let components = openapi.components.get_or_insert_default();
        components.add_security_scheme(
            "apiKey",
            bearer("An API key, where the operator has configured any."),
        );
        components.add_security_scheme(
            "token",
            bearer("A channel's watch or control token; may be sent as ?token= instead."),
        );
    }
}

/// A request may leave out every field that has a default, and give one start page as `url`; an echo of it has all of them.
struct OptionalFields;

impl Modify for OptionalFields {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let schemas = &mut openapi.components.get_or_insert_default().schemas;
        let Some(RefOr::T(Schema::Object(request))) = schemas.get_mut("CrawlRequest") else {
            return;
        };
        request.required.clear();
        request.additional_properties = Some(Box::new(AdditionalProperties::FreeForm(false)));
        let url = ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some(
                "The one start page, in place of `urls`. Only in requests.",
            ));
        request.properties.insert("url".to_owned(), url.into());
    }
}

/// The document as JSON, built at the first request.
static TEXT: LazyLock<String> = LazyLock::new(|| {
    let mut document = Document::openapi();
    document.merge(FirecrawlApi::openapi());
    document
        .to_json()
        .expect("the document is strings and numbers")
});

/// The OpenAPI 3.1 description of this service.
#[utoipa::path(get, path = "/openapi.json", tag = "service", responses((status = 200, description = "OpenAPI 3.1.")))]
pub(super) fn openapi() -> Answer {
    Answer::Response(bytes(StatusCode::OK, "application/json", TEXT.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::doctor::Probe;

    #[test]
    fn the_document_names_every_path_and_the_events_schemas() {
        let document: serde_json::Value = serde_json::from_str(&TEXT).unwrap();
        assert_eq!(document["openapi"], "3.1.0");
        for path in [
            "/v1/crawls",
            "/v1/channels/{id}",
            "/v1/channels/{id}/events",
            "/v1/channels/{id}/cancel",
            "/v1/scrape",
            "/v1/map",
            "/v2/crawl",
            "/v2/crawl/{id}",
            "/readyz",
        ]
        .into_iter()
        .chain(Probe::PATHS.map(|(path, _probe)| path))
        {
            assert!(document["paths"][path].is_object(), "{path}");
        }
        for schema in [
            "CrawlRequest",
            "Accepted",
            "Problem",
            "Event",
            "Progress",
            "Aside",
            "Hello",
        ] {
            assert!(
                document["components"]["schemas"][schema].is_object(),
                "{schema}"
            );
        }
    }
}
