//! One request: which directory, who asks, what is wanted.

use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use bgcopy_protocol::upload::{METHOD, Packet, Refusal};
use hyper::body::Incoming;
use hyper::header::{ALLOW, CONNECTION, CONTENT_LENGTH, EXPECT, HOST, HeaderValue, TRANSFER_ENCODING};
use hyper::{Request, Response, Version};

use tokio::sync::Semaphore;

use crate::body;
use crate::config::Config;
use crate::download;
use crate::durable::Durable;
use crate::registry::Registry;
use crate::response::{self, Payload};
use crate::session::{Place, Session};
use crate::storage::{self, Storage};
use crate::tree::Tree;
use crate::upload::{self, Failure, Uploads};
use crate::url_path::UrlPath;

/// Most server applications that are told of uploads at once: more wait, so that many clients do not become many posts.
const NOTIFICATIONS: usize = 16;

/// What answers requests.
pub struct Service {
    /// As configured.
    pub config: Config,
    /// The directories, those with longer prefixes first.
    pub places: Vec<Arc<Place>>,
    /// What receives uploads.
    pub uploads: Uploads,
}

/// The connection is closed without an answer.
#[derive(Debug)]
pub struct Abandoned;

impl std::fmt::Display for Abandoned {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the request was given up")
    }
}

impl std::error::Error for Abandoned {}

impl Service {
    /// Opens all directories and finds the sessions in them.
    ///
    /// # Errors
    /// A directory cannot be used; the text names it.
    pub fn open(config: Config) -> io::Result<Service> {
        let mut storages: Vec<((u64, u64), Arc<Storage>)> = Vec::new();
        let mut places = Vec::new();
        for settings in &config.directories {
            let path = settings.path.clone();
            let named = |error: io::Error| {
                let reason = if error.kind() == io::ErrorKind::WouldBlock {
                    "another server receives uploads there".to_owned()
                } else {
                    error.to_string()
                };
                io::Error::new(error.kind(), format!("{}: {reason}", path.display()))
            };
            let tree = Tree::root(&settings.path).map_err(named)?;
            let status = tree.status(".").map_err(named)?;
            let key = (status.st_dev, status.st_ino);
            let mut storage =
                storages.iter().find(|(known, _)| *known == key).map(|(_, storage)| storage.clone());
            if settings.upload_enabled && storage.is_none() {
                // The group of a directory is that of its application, where one is told of the names of files.
                let shared = config.directories.iter().any(|other| {
                    let told = other.notification.as_ref().is_some_and(|told| !told.by_value);
                    other.path == settings.path && told
                });
                let opened = Arc::new(Storage::open(&tree, &settings.path, shared).map_err(named)?);
                storages.push((key, Arc::clone(&opened)));
                storage = Some(opened);
            }
            places.push(Arc::new(Place {
                settings: settings.clone(),
                tree,
                storage: storage.filter(|_| settings.upload_enabled),
                sessions: AtomicUsize::new(0),
            }));
        }
        places.sort_by_key(|place| std::cmp::Reverse(place.settings.url_prefix.depth()));
        let descriptors = storages.iter().map(|(_, storage)| storage.descriptor());
        let uploads = Uploads {
            registry: Registry::default(),
            durable: Durable::new(descriptors.collect::<io::Result<Vec<_>>>()?),
            idle_timeout: config.idle_timeout,
            applications: Semaphore::new(NOTIFICATIONS),
        };
        for (_, storage) in &storages {
            for found in storage.load(|text| eprintln!("{text}"))? {
                let place = places.iter().find(|place| {
                    place.storage.as_ref().is_some_and(|own| Arc::ptr_eq(own, storage))
                        && place.settings.url_prefix.to_string() == found.record.url_prefix
                });
                match place {
                    Some(place) => {
                        uploads.registry.insert(Arc::new(Session::new(Arc::clone(place), found, true)));
                    }
                    // Uploads were disabled there.
                    None => storage.remove(&found.record.id)?,
                }
            }
        }
        Ok(Service { config, places, uploads })
    }

    /// Removes what is left of old sessions in one directory. Returns how many sessions ended.
    pub async fn clean(&self, place: &Arc<Place>) -> usize {
        self.uploads.registry.clean(place).await
    }

    /// Answers a request.
    ///
    /// # Errors
    /// There is nobody to answer.
    pub async fn answer(
        self: Arc<Self>,
        mut request: Request<Incoming>,
    ) -> Result<Response<Payload>, Abandoned> {
        match request.method().as_str() {
            METHOD => {
                // On a task of its own: what was begun with a file is finished when the client goes away.
                let task = tokio::spawn(async move { self.upload(&mut request).await });
                task.await.unwrap_or(Err(Abandoned))
            }
            "GET" => Ok(self.download(&request, false)),
            "HEAD" => Ok(self.download(&request, true)),
            _ => {
                let mut response = response::empty(405);
                response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD, BITS_POST"));
                Ok(response)
            }
        }
    }

    fn download(&self, request: &Request<Incoming>, head: bool) -> Response<Payload> {
        let path = UrlPath::parse(request.uri().path());
        let Some(path) = path.filter(|path| !path.is_directory()) else { return response::empty(404) };
        let Some(place) = self.place(&path) else { return response::empty(404) };
        let names = path.below(&place.settings.url_prefix).unwrap_or_default();
        let private = names.first().is_some_and(|first| first.eq_ignore_ascii_case(storage::DIRECTORY));
        let served =
            if private { self.uploads.is_reply(place, names, None) } else { place.settings.download_enabled };
        if !served {
            return response::empty(404);
        }
        download::answer(&place.tree, names, request.headers(), head)
    }

    fn place(&self, path: &UrlPath) -> Option<&Arc<Place>> {
        self.places.iter().find(|place| path.below(&place.settings.url_prefix).is_some())
    }

    async fn upload(&self, request: &mut Request<Incoming>) -> Result<Response<Payload>, Abandoned> {
        if request.version() != Version::HTTP_11 {
            return Ok(response::empty(505));
        }
        let length = length(request);
        match self.packet(request, length).await {
            Ok(response) => Ok(response),
            Err(Failure::Abandoned) => Err(Abandoned),
            Err(Failure::Refused(refusal)) => {
                // Who waits for permission to send has not sent anything.
                let sent = !request.headers().contains_key(EXPECT);
                let most = 4 * self.largest();
                let chunked = request.headers().contains_key(TRANSFER_ENCODING);
                let small = !chunked && length.is_none_or(|length| length <= most);
                if sent && small {
                    body::drain(request.body_mut(), most, self.config.idle_timeout).await;
                }
                let mut response = response::ack(Err(refusal));
                if !small {
                    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
                }
                Ok(response)
            }
        }
    }

    async fn packet(
        &self,
        request: &mut Request<Incoming>,
        length: Option<u64>,
    ) -> Result<Response<Payload>, Failure> {
        let path = UrlPath::parse(request.uri().path());
        let place = path.as_ref().and_then(|path| self.place(path));
        let (Some(path), Some(place)) = (&path, place) else {
            // A path that makes no sense is in no directory, but may have been meant for one.
            let refusal = if path.is_none() { Refusal::malformed() } else { Refusal::disabled() };
            return Err(refusal.into());
        };
        if place.storage.is_none() {
            return Err(Refusal::disabled().into());
        }
        let headers = request.headers();
        let told = length.or_else(|| {
            let bodiless = !headers.contains_key(TRANSFER_ENCODING);
            (place.settings.lenient_length && bodiless).then_some(0)
        });
        let pairs = headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
        let packet = Packet::parse(pairs, told)?;
        if length.is_some_and(|length| length > place.settings.maximum_fragment_size) {
            // As a web server would say it: the client sends smaller ones.
            return Err(Refusal {
                code: None,
                ..Refusal::new(413, bgcopy_protocol::ResultCode::BG_E_TOO_LARGE)
            }
            .into());
        }
        let url = url(request);
        let wanted = upload::Request { place, path, principal: None, url };
        let answer = self.uploads.answer(wanted, packet, request.body_mut()).await?;
        Ok(response::ack(Ok(answer)))
    }

    /// The largest Fragment of any directory.
    fn largest(&self) -> u64 {
        self.places.iter().map(|place| place.settings.maximum_fragment_size).max().unwrap_or(0)
    }
}

/// The length of the body, where it is told.
fn length(request: &Request<Incoming>) -> Option<u64> {
    if request.headers().contains_key(TRANSFER_ENCODING) {
        return None;
    }
    request.headers().get(CONTENT_LENGTH)?.to_str().ok()?.trim().parse().ok()
}

/// The URL that was asked for.
fn url(request: &Request<Incoming>) -> String {
    let uri = request.uri();
    let named = uri.authority().map(|authority| authority.as_str());
    let host = || request.headers().get(HOST).and_then(|host| host.to_str().ok());
    let target = uri.path_and_query().map_or("/", |target| target.as_str());
    format!("http://{}{target}", named.or_else(host).unwrap_or_default())
}
