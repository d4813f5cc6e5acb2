//! A replica that takes over when its primary is lost.

use crate::{RedisServer, Relay, eventually};

/// A server that follows another, until it is cut off from it or promoted.
pub struct Standby {
    server: RedisServer,
    /// Its way to the primary.
    wire: Relay,
}

impl Standby {
    /// Starts a replica; it has all that the primary has when this returns.
    ///
    /// # Panics
    /// If it does not start or does not follow.
    pub async fn of(primary: &RedisServer) -> Self {
        let (server, wire) = (RedisServer::start().await, Relay::to(primary.port()).await);
        // It waits for more replicas otherwise.
        let prompt = "CONFIG SET repl-diskless-sync-delay 0";
        assert_eq!(primary.command(prompt).await, "+OK");
        let followed = server
            .command(&format!("REPLICAOF 127.0.0.1 {}", wire.port()))
            .await;
        assert_eq!(followed, "+OK");
        let standby = Self { server, wire };
        standby.catches_up(primary).await;
        standby
    }

    /// Waits until it has what the primary has now.
    ///
    /// # Panics
    /// If it never has.
    pub async fn catches_up(&self, primary: &RedisServer) {
        let written = field(primary, "master_repl_offset").await;
        let written: u64 = written.parse().expect("a primary counts what it has sent");
        eventually("the replica has what the primary has", || async {
            // One that has not begun counts from zero, as does a primary without replicas.
            let follows = field(&self.server, "master_link_status").await == "up";
            let read = field(&self.server, "slave_repl_offset").await;
            let has_all = read.parse().is_ok_and(|read: u64| read >= written);
            (follows && has_all).then_some(())
        })
        .await;
    }

    /// Cuts it off: what the primary takes from now on is not here.
    pub fn falls_behind(&self) {
        self.wire.lead_nowhere();
        self.wire.cut_all();
    }

    /// Ends a cut: it catches up.
    pub fn follows_again(&self, primary: &RedisServer) {
        self.wire.lead_to(primary.port());
    }

    /// Makes it a primary.
    ///
    /// # Panics
    /// If it refuses.
    pub async fn promote(self) -> RedisServer {
        let promoted = self.server.command("REPLICAOF NO ONE").await;
        assert_eq!(promoted, "+OK");
        self.server
    }
}

/// A field of the server's account of its replication; empty where it has none.
async fn field(server: &RedisServer, name: &str) -> String {
    let about = server.command("INFO replication").await;
    let mut lines = about.lines();
    let value = lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    value.unwrap_or_default().to_owned()
}
