//! The server application: it is told of an upload before the last Fragment is acknowledged, and may answer with a reply.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

use bgcopy_protocol::ResultCode;
use bgcopy_protocol::limits::MAX_URL;
use bgcopy_protocol::upload::Refusal;
use hyper::body::{Body, Incoming};
use hyper::client::conn::http1;
use hyper::header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE, HOST, USER_AGENT};
use hyper::{Request, Response, Uri};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::sync::Semaphore;

use crate::byte_range::Slice;
use crate::config::Notification;
use crate::response::Payload;
use crate::sender::{Part, Sender};
use crate::session::{Record, Reply, Verdict};
use crate::storage::{Storage, reply_names};
use crate::url_path;

const STATIC_REPLY: &str = "BITS-Static-Response-URL";
const COPY: &str = "BITS-Copy-File-To-Destination";
/// As the protocol prints it for an application that does not answer.
const NO_ANSWER: ResultCode = ResultCode(0x8007_0112_u32.cast_signed());

/// Tells the application of an upload, and returns what it says.
///
/// # Errors
/// What the client is answered: the application cannot be reached, is too slow, or says no.
pub async fn tell(
    told: &Notification,
    storage: &Arc<Storage>,
    record: &Record,
    room: &Semaphore,
) -> Result<Verdict, Refusal> {
    let exchange = async {
        let _permit = room.acquire().await;
        let uri = address(&told.url, &record.url)
            .ok_or_else(|| unreachable(&record.url, "its URL is malformed"))?;
        let response = post(told, storage, record, &uri).await?;
        if !response.status().is_success() {
            eprintln!("{uri}: the server application answered {}", response.status());
            return Err(refused(response.status().as_u16()));
        }
        take(told, storage, record, response).await
    };
    tokio::time::timeout(told.timeout, exchange).await.unwrap_or_else(|_| {
        eprintln!("{}: the server application did not answer in time", told.url);
        Err(Refusal::application(408, NO_ANSWER))
    })
}

/// What later Fragments get when the application has said 403: the one answer after which it is not asked again.
pub fn forbidden() -> Refusal {
    Refusal::application(403, ResultCode::from_http_status(403))
}

/// What a client is told of a status of the application. Some would mean something else to it, about its own request: who it
/// is, or how large or where its Fragment.
fn refused(status: u16) -> Refusal {
    let shown = match status {
        401 | 407 => 502,
        413 | 416 => 500,
        status => status,
    };
    Refusal::application(shown, ResultCode::from_http_status(status))
}

fn unreachable(name: &str, reason: &str) -> Refusal {
    eprintln!("{name}: the server application cannot be reached: {reason}");
    Refusal::application(503, ResultCode::BG_E_WINHTTP_CANNOT_CONNECT)
}

/// Where the application is: the setting, relative to the URL of the upload, with the query of that.
fn address(setting: &str, upload: &str) -> Option<Uri> {
    let (upload, query) = match upload.split_once('?') {
        Some((upload, query)) => (upload, Some(query)),
        None => (upload, None),
    };
    let (_, rest) = upload.split_once("://")?;
    let (host, path) = rest.split_at(rest.find('/')?);
    let mut url = if setting.contains("://") {
        setting.to_owned()
    } else if setting.starts_with('/') {
        format!("http://{host}{setting}")
    } else {
        format!("http://{host}{}{setting}", &path[..=path.rfind('/')?])
    };
    if let Some(query) = query {
        url.push(if url.contains('?') { '&' } else { '?' });
        url.push_str(query);
    }
    url.parse().ok()
}

async fn post(
    told: &Notification,
    storage: &Arc<Storage>,
    record: &Record,
    uri: &Uri,
) -> Result<Response<Incoming>, Refusal> {
    let authority = uri.authority().ok_or_else(|| unreachable(&told.url, "its URL names no host"))?;
    let host = authority.host().trim_matches(['[', ']']);
    let failed = |error: io::Error| unreachable(authority.as_str(), &error.to_string());
    let stream = TcpStream::connect((host, authority.port_u16().unwrap_or(80))).await.map_err(failed)?;
    let broken = |error: hyper::Error| {
        eprintln!("{authority}: the server application answered nothing that is HTTP: {error}");
        Refusal::application(502, ResultCode::BG_E_INVALID_SERVER_RESPONSE)
    };
    let mut builder = http1::Builder::new();
    builder.title_case_headers(true);
    let (mut sender, connection) = builder.handshake(TokioIo::new(stream)).await.map_err(broken)?;
    // Ends with the exchange, whose errors tell what is wrong with it.
    tokio::spawn(connection);

    let target = uri.path_and_query().map_or("/", |target| target.as_str());
    let mut request = Request::post(target)
        .header(ACCEPT, "*/*")
        .header(USER_AGENT, "BITSExts 1.5")
        .header(HOST, authority.as_str())
        .header("BITS-Original-Request-URL", record.url.as_str());
    let (reader, id) = (Arc::clone(storage), record.id.clone());
    let stored = |error: io::Error| stored(&error);
    let mut body = Payload::empty();
    if told.by_value {
        let size = record.total.unwrap_or(0);
        let file = blocking(move || reader.data(&id, false)).await.map_err(stored)?;
        let parts = VecDeque::from([Part::File(Slice { start: 0, length: size })]);
        body = Payload::File(Sender::new(Arc::new(file), parts, size));
        request = request.header(CONTENT_TYPE, "application/octet-stream").header(CONTENT_LENGTH, size);
    } else {
        let data = storage.data_path(&record.id);
        let reply = blocking(move || reader.make_reply(&id)).await.map_err(stored)?;
        request = request
            .header("BITS-Request-DataFile-Name", bytes(&data))
            .header("BITS-Response-DataFile-Name", bytes(&reply))
            .header(CONTENT_LENGTH, 0);
    }
    let request = request.body(body).map_err(|error| unreachable(&told.url, &error.to_string()))?;
    sender.send_request(request).await.map_err(broken)
}

/// Paths are bytes, as headers are.
fn bytes(path: &Path) -> &[u8] {
    std::os::unix::ffi::OsStrExt::as_bytes(path.as_os_str())
}

/// Reads what an application said that took the upload.
async fn take(
    told: &Notification,
    storage: &Arc<Storage>,
    record: &Record,
    response: Response<Incoming>,
) -> Result<Verdict, Refusal> {
    let copy = response.headers().contains_key(COPY);
    let fixed = match response.headers().get(STATIC_REPLY) {
        None => None,
        Some(url) => match url.to_str() {
            Ok(url) if url.len() <= MAX_URL => Some(url.trim().to_owned()).filter(|url| !url.is_empty()),
            _ => return Err(Refusal::application(400, ResultCode::BG_E_INVALIDARG)),
        },
    };
    let reply = if let Some(url) = fixed {
        Some(Reply::Static(url))
    } else {
        let id = record.id.clone();
        if told.by_value {
            spool(storage, record, response.into_body()).await?;
        }
        let reader = Arc::clone(storage);
        match blocking(move || reader.reply_entry(&id)).await {
            Ok(files) => {
                storage.durable.sync(files).await.map_err(|error| stored(&error))?;
                Some(Reply::Stored)
            }
            // By reference, no file is no reply.
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(stored(&error)),
        }
    };
    Ok(Verdict::Taken { copy, reply })
}

/// Writes the body of an answer to the reply of the session.
async fn spool(storage: &Arc<Storage>, record: &Record, mut body: Incoming) -> Result<(), Refusal> {
    let (writer, id) = (Arc::clone(storage), record.id.clone());
    let file = blocking(move || {
        writer.make_reply(&id)?;
        writer.reply(&id, true)
    });
    let file: Arc<File> = Arc::new(file.await.map_err(|error| stored(&error))?);
    loop {
        let frame = std::future::poll_fn(|context| std::pin::Pin::new(&mut body).poll_frame(context)).await;
        let Some(frame) = frame else { return Ok(()) };
        let broken = |_| Refusal::application(502, ResultCode::BG_E_INVALID_SERVER_RESPONSE);
        if let Ok(data) = frame.map_err(broken)?.into_data() {
            let file = Arc::clone(&file);
            blocking(move || (&*file).write_all(&data)).await.map_err(|error| stored(&error))?;
        }
    }
}

/// Where a client finds the reply: on the host that has it, as far as that has a name of its own, else where it found the
/// server with this request.
pub fn reply_url(reply: &Reply, record: &Record, request: &str) -> String {
    if let Reply::Static(url) = reply {
        return url.clone();
    }
    let names = reply_names(&record.id).map(|name| url_path::encode(&name)).join("/");
    let (scheme, rest) = request.split_once("://").unwrap_or(("http", ""));
    let host = rest.split('/').next().unwrap_or_default();
    let prefix = record.url_prefix.trim_end_matches('/');
    format!(
        "{scheme}://{}{prefix}/{names}",
        record.host.as_deref().map_or(host.to_owned(), |id| with_host(host, id))
    )
}

/// The authority of a URL with another host and the same port.
fn with_host(authority: &str, host: &str) -> String {
    let port = authority.rsplit_once(':').map(|(_, port)| port).filter(|port| !port.contains(']'));
    let host = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
    port.map_or(host.clone(), |port| format!("{host}:{port}"))
}

fn stored(error: &io::Error) -> Refusal {
    eprintln!("an upload cannot be passed on: {error}");
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Refusal::disk_full(),
        _ => Refusal::new(500, ResultCode::BG_E_WIN32_WRITE_FAULT),
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other)?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_application_is_where_setting_and_upload_say() {
        let to = |setting, upload| address(setting, upload).unwrap().to_string();
        let upload = "http://srv/vdir/sub/file.asp?ACCOUNT=86433";
        assert_eq!(to("http://other/vdir2/bag.asp", upload), "http://other/vdir2/bag.asp?ACCOUNT=86433");
        assert_eq!(to("http://other/bag.asp?a=1", upload), "http://other/bag.asp?a=1&ACCOUNT=86433");
        assert_eq!(to("myasp.asp", "http://srv/vdir/file.txt"), "http://srv/vdir/myasp.asp");
        assert_eq!(to("/take", "https://srv:8443/vdir/file.txt"), "http://srv:8443/take");
    }

    #[test]
    fn a_host_id_replaces_the_host_and_leaves_the_port() {
        assert_eq!(with_host("srv:8080", "node3"), "node3:8080");
        assert_eq!(with_host("srv", "fe80::1"), "[fe80::1]");
        assert_eq!(with_host("[::1]", "node3"), "node3");
        assert_eq!(with_host("[::1]:80", "node3"), "node3:80");
    }
}
