//! Calls to Redis: commands, and scripts by their digest.

use redis::{Arg, Cmd};

/// A script that the server runs as one step. Made once, as a static.
///
/// The server knows it by its digest; a server that does not (any more) is given the text, once.
#[derive(Debug)]
pub struct Script {
    text: String,
    digest: String,
}

impl Script {
    /// A script of these parts, with the flags of its first line: `allow-oom` runs also with a full memory, `no-writes` also
    /// where nothing may be written, nothing else changes.
    ///
    /// Before the parts stands a function: `now(offset)`, the server's time in whole milliseconds plus `offset`.
    #[must_use]
    pub fn new(flags: &str, parts: &[&str]) -> Self {
        let flags = if flags.is_empty() {
            String::new()
        } else {
            format!(" flags={flags}")
        };
        let text = format!("#!lua{flags}\n{PRELUDE}{}", parts.concat());
        let digest = redis::Script::new(&text).get_hash().to_owned();
        Self { text, digest }
    }

    /// A call with these `KEYS`; the `ARGV` follow.
    #[must_use]
    pub fn on(&'static self, keys: &[&[u8]]) -> Request {
        let mut command = redis::cmd("EVALSHA");
        command.arg(&self.digest).arg(keys.len());
        for key in keys {
            command.arg(key);
        }
        Request {
            command,
            script: Some(self),
        }
    }
}

const PRELUDE: &str = "
local function now(offset)
  local time = redis.call('TIME')
  return tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000) + tonumber(offset)
end
";

/// One call, ready to be sent.
#[derive(Debug, Clone)]
pub struct Request {
    pub(super) command: Cmd,
    script: Option<&'static Script>,
}

impl Request {
    /// A command; its arguments follow.
    #[must_use]
    pub fn command(name: &str) -> Self {
        Self {
            command: redis::cmd(name),
            script: None,
        }
    }

    /// Adds an argument of bytes or text.
    #[must_use]
    pub fn bytes(mut self, argument: impl AsRef<[u8]>) -> Self {
        self.command.arg(argument.as_ref());
        self
    }

    /// Adds an argument that is a whole number, as decimal text.
    #[must_use]
    pub fn number(mut self, argument: impl Into<i128>) -> Self {
        self.command.arg(argument.into().to_string());
        self
    }

    /// The same call with the script's text instead of its digest, after which the server knows it. Nothing if it runs no
    /// script.
    pub(super) fn with_text(&self) -> Option<Cmd> {
        let script = self.script?;
        let mut command = redis::cmd("EVAL");
        command.arg(&script.text);
        // The name of the command and the digest go, all that follows stays.
        for argument in self.command.args_iter().skip(2) {
            if let Arg::Simple(bytes) = argument {
                command.arg(bytes);
            }
        }
        Some(command)
    }
}
