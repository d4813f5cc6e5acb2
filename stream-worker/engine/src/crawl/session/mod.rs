//! The user on whose behalf a crawl asks: the headers and cookies that a request gives, and the cookies that sites set meanwhile.
//!
//! It owns which origin may see what. What the caller gives goes to the origins of the start pages and to those that `headersFor`
//! names, what a site sets goes where a browser would send it. Each request is judged anew by its own URL, so that nothing
//! crosses a redirect.

mod credentials;
mod jar;
mod set_cookie;

pub(crate) use credentials::Credentials;
pub(crate) use jar::CookieJar;
pub(crate) use set_cookie::ChainCookies;
