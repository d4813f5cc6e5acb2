//! The cost of watchers for the Redis behind the workers.

use e2e::{Cluster, Crowd, Site, heavy};
use serde_json::json;

#[tokio::test]
async fn connections_to_redis_do_not_grow_with_a_thousand_watchers() {
    let _alone = heavy().await;
    let (cluster, site) = (Cluster::of(2).await, Site::tree(7).await);
    let _never = site.hold("/page/1");
    let job = cluster.api().submit(json!({ "url": site.url("/") })).await;
    let path = job.events_path();
    let few = Crowd::gather(10, cluster.workers[0].port(), &path).await;
    let before = cluster.connections().await;

    let mut crowds = Vec::new();
    for worker in &cluster.workers {
        crowds.push(Crowd::gather(500, worker.port(), &path).await);
    }

    assert_eq!(cluster.connections().await, before);
    let watchers = few.len() + crowds.iter().map(Crowd::len).sum::<usize>();
    assert_eq!(watchers, 1_010);
}
