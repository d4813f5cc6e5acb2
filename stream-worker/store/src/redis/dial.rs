//! One attempt to connect to the primary.

use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::io::tcp::TcpSettings;
use redis::{
    AsyncConnectionConfig, Client, ConnectionAddr, IntoConnectionInfo, ProtocolVersion, PushInfo,
    RedisConnectionInfo, RedisError, TlsCertificates, Value,
};

use super::address::{Host, Place};
use super::{LinkError, RedisAddress, Reply};

/// Time after which an answer is not waited for any more. Also the time for which a call waits for a lost connection.
pub const RESPONSE: Duration = Duration::from_secs(2);

/// Calls that wait to be written to one connection; whoever comes then waits to be let in.
const QUEUE: usize = 1024;

/// Opens a connection to the primary. The name is looked up anew each time: behind it the primary moves.
///
/// `pushed` is called for whatever the server sends unasked, and when the connection ends; it must not block.
pub(super) async fn dial(
    address: &RedisAddress,
    pushed: impl Fn(PushInfo) + Send + Sync + 'static,
) -> Result<MultiplexedConnection, LinkError> {
    let host = match &address.place {
        Place::Host(host) => host.clone(),
        Place::Sentinels { sentinels, master } => ask_sentinels(address, sentinels, master).await?,
    };
    let settings = login(address);
    let config = config().set_push_sender(move |info| {
        pushed(info);
        Ok::<(), redis::aio::SendError>(())
    });
    let mut connection = connect(address, &host, settings, &config).await?;
    if is_primary(&mut connection).await? {
        return Ok(connection);
    }
    Err(LinkError::Failed(format!(
        "the Redis at {host} is no primary now"
    )))
}

/// True if the server behind `connection` is (still) the primary.
pub(super) async fn is_primary(connection: &mut MultiplexedConnection) -> Result<bool, LinkError> {
    let answer = connection.send_packed_command(&redis::cmd("HELLO")).await;
    let answer = answer
        .and_then(Value::extract_error)
        .map_err(|error| LinkError::of(&error))?;
    let fields = Reply(answer).list()?;
    let role = fields
        .chunks_exact(2)
        .find(|field| field[0].text() == Ok("role"));
    role.map_or(Ok(false), |field| Ok(field[1].text()? == "master"))
}

/// Asks one sentinel after the other for the primary's address; the first answer counts.
async fn ask_sentinels(
    address: &RedisAddress,
    sentinels: &[Host],
    master: &str,
) -> Result<Host, LinkError> {
    let mut last = LinkError::Failed("there are no sentinels".to_owned());
    for sentinel in sentinels {
        match ask_sentinel(address, sentinel, master).await {
            Ok(host) => return Ok(host),
            Err(error) => last = LinkError::Failed(format!("the sentinel {sentinel}: {error}")),
        }
    }
    Err(last)
}

async fn ask_sentinel(
    address: &RedisAddress,
    sentinel: &Host,
    master: &str,
) -> Result<Host, LinkError> {
    let settings = RedisConnectionInfo::default().set_protocol(ProtocolVersion::RESP3);
    let mut connection = connect(address, sentinel, settings, &config()).await?;
    let mut ask = redis::cmd("SENTINEL");
    ask.arg("GET-MASTER-ADDR-BY-NAME").arg(master);
    let answer = connection.send_packed_command(&ask).await;
    let answer = Reply(
        answer
            .and_then(Value::extract_error)
            .map_err(|error| LinkError::of(&error))?,
    );
    if answer.is_nothing() {
        return Err(LinkError::Failed(format!(
            "it knows no master of the name {master}"
        )));
    }
    let [name, port] = answer.parts()?;
    let number = port.text()?.parse();
    Ok(Host {
        name: name.text()?.to_owned(),
        port: number.map_err(|error| LinkError::Unexpected(format!("a port: {error}")))?,
    })
}

/// Connects to one of the servers that `address` leads to.
async fn connect(
    address: &RedisAddress,
    host: &Host,
    settings: RedisConnectionInfo,
    config: &AsyncConnectionConfig,
) -> Result<MultiplexedConnection, LinkError> {
    let connected = async {
        let client = client(address, host, settings)?;
        client
            .get_multiplexed_async_connection_with_config(config)
            .await
    };
    let connected: Result<_, RedisError> = connected.await;
    connected.map_err(|error| LinkError::of(&error))
}

fn client(
    address: &RedisAddress,
    host: &Host,
    settings: RedisConnectionInfo,
) -> Result<Client, RedisError> {
    let (name, port) = (host.name.clone(), host.port);
    let tcp = TcpSettings::default().set_nodelay(true);
    if !address.tls {
        let plain = ConnectionAddr::Tcp(name, port).into_connection_info()?;
        return Client::open(plain.set_tcp_settings(tcp).set_redis_settings(settings));
    }
    let secure = ConnectionAddr::TcpTls {
        host: name,
        port,
        insecure: false,
        tls_params: None,
    };
    let secure = secure.into_connection_info()?;
    let certificates = TlsCertificates {
        client_tls: None,
        root_cert: address.authority.clone(),
    };
    Client::build_with_tls(
        secure.set_tcp_settings(tcp).set_redis_settings(settings),
        certificates,
    )
}

fn login(address: &RedisAddress) -> RedisConnectionInfo {
    let mut settings = RedisConnectionInfo::default()
        .set_protocol(ProtocolVersion::RESP3)
        .set_lib_name(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"))
        .set_db(address.database);
    if let Some(user) = &address.user {
        settings = settings.set_username(user);
    }
    if let Some(password) = &address.password {
        settings = settings.set_password(password);
    }
    settings
}

fn config() -> AsyncConnectionConfig {
    AsyncConnectionConfig::new()
        .set_connection_timeout(Some(RESPONSE))
        .set_response_timeout(Some(RESPONSE))
        .set_pipeline_buffer_size(QUEUE)
}
