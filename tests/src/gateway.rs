//! API Gateway's events, as it sends them to a function.

use serde_json::{Value, json};

/// The event of an HTTP API (payload format 2.0) for a submission to `host`.
#[must_use]
pub fn http_api(host: &str, request: &Value) -> Value {
    json!({
        "version": "2.0",
        "routeKey": "POST /v1/crawls",
        "rawPath": "/v1/crawls",
        "rawQueryString": "",
        "headers": {
            "accept": "*/*",
            "content-length": request.to_string().len().to_string(),
            "content-type": "application/json",
            "host": host,
            "user-agent": "curl/8.5.0",
            "x-amzn-trace-id": "Root=1-65f0a1b2-0c1d2e3f4a5b6c7d8e9f0a1b",
            "x-forwarded-for": "192.0.2.1",
            "x-forwarded-port": "443",
            "x-forwarded-proto": "https"
        },
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "a1b2c3d4e5",
            "domainName": host,
            "domainPrefix": "a1b2c3d4e5",
            "http": {
                "method": "POST",
                "path": "/v1/crawls",
                "protocol": "HTTP/1.1",
                "sourceIp": "192.0.2.1",
                "userAgent": "curl/8.5.0"
            },
            "requestId": "JKJaXmPLvHcESHA=",
            "routeKey": "POST /v1/crawls",
            "stage": "$default",
            "time": "10/Mar/2026:05:16:23 +0000",
            "timeEpoch": 1_773_119_783_000_u64
        },
        "body": request.to_string(),
        "isBase64Encoded": false
    })
}

/// The event of a REST API (payload format 1.0), behind its stage `prod`, for a submission to `host`.
#[must_use]
pub fn rest_api(host: &str, request: &Value) -> Value {
    json!({
        "resource": "/v1/crawls",
        "path": "/v1/crawls",
        "httpMethod": "POST",
        "headers": {
            "Accept": "*/*",
            "Content-Type": "application/json",
            "Host": host,
            "User-Agent": "curl/8.5.0",
            "X-Amzn-Trace-Id": "Root=1-65f0a1b2-0c1d2e3f4a5b6c7d8e9f0a1b",
            "X-Forwarded-For": "192.0.2.1",
            "X-Forwarded-Port": "443",
            "X-Forwarded-Proto": "https"
        },
        "multiValueHeaders": {
            "Accept": ["*/*"],
            "Content-Type": ["application/json"],
            "Host": [host],
            "User-Agent": ["curl/8.5.0"],
            "X-Amzn-Trace-Id": ["Root=1-65f0a1b2-0c1d2e3f4a5b6c7d8e9f0a1b"],
            "X-Forwarded-For": ["192.0.2.1"],
            "X-Forwarded-Port": ["443"],
            "X-Forwarded-Proto": ["https"]
        },
        "queryStringParameters": null,
        "multiValueQueryStringParameters": null,
        "pathParameters": null,
        "stageVariables": null,
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "a1b2c3d4e5",
            "domainName": host,
            "domainPrefix": "a1b2c3d4e5",
            "extendedRequestId": "JKJaXmPLvHcESHA=",
            "httpMethod": "POST",
            "identity": { "sourceIp": "192.0.2.1", "userAgent": "curl/8.5.0" },
            "path": "/prod/v1/crawls",
            "protocol": "HTTP/1.1",
            "requestId": "c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
            "requestTime": "10/Mar/2026:05:16:23 +0000",
            "requestTimeEpoch": 1_773_119_783_000_u64,
            "resourceId": "123456",
            "resourcePath": "/v1/crawls",
            "stage": "prod"
        },
        "body": request.to_string(),
        "isBase64Encoded": false
    })
}
