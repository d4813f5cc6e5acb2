//! A site to try crawls on, without the internet: `crawlcast serve --demo`.
//!
//! It owns some two hundred linked pages of an almanac of weather and tides, and a cabinet of oddities: slow, broken,
//! redirecting, endless, oddly encoded ones. Every page is a pure function of its path, so that two crawls find the same
//! site. It refuses to know what crawls it.

mod page;
mod layout;
mod almanac;
mod oddities;
mod signposts;
mod site;
mod server;

pub(crate) use server::DemoSite;

#[cfg(test)]
mod tests;
