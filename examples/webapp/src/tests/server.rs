//! The server under test, and a client for it.
use super::count::{Count, Counted, One};
use crate::db::Db;
use crate::site::{self, Site};
use crate::visit::Visit;
use crate::{pages, runtime};
use axum::Router;
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use runce::{Ctx, task};
use runce_axum::RequestCtx;
use runce_tokio::Tokio;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

const HOUR: Duration = Duration::from_secs(3600);

pub(crate) struct Server {
    pub(crate) site: Ctx<Site>,
    pub(crate) address: SocketAddr,
    pub(crate) connections: Count,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<std::io::Result<()>>,
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) text: String,
}

/// Runs a test in the program's own kind of runtime.
pub(crate) fn run(test: impl Future<Output = ()>) {
    let runtime = runtime().expect("threads can be started");
    // Bounds how long a failure takes, and nothing else.
    let limited = async { tokio::time::timeout(Duration::from_secs(120), test).await };
    runtime.block_on(limited).expect("the test hangs");
}

impl Server {
    /// Over a new file beside the test program. Nothing is over before an hour has passed.
    pub(crate) async fn start(file: &str) -> Self {
        Self::with_deadline(file, HOUR).await
    }

    pub(crate) async fn with_deadline(file: &str, deadline: Duration) -> Self {
        Self::serving(file, |site, tokio| pages::router(site, tokio, deadline)).await
    }

    /// In the context of each request, one entry more than the application makes is counted.
    pub(crate) async fn with_entries(file: &str, entries: Count) -> Self {
        let marked = from_fn(move |RequestCtx(ctx), request: Request, next: Next| {
            ctx.insert(mark(), Arc::new(entries.enter()));
            next.run(request)
        });
        let pages = |site: &_, tokio| {
            let contexts = pages::contexts(site, tokio, HOUR);
            pages::routes().layer(marked).layer(contexts)
        };
        Self::serving(file, pages).await
    }

    async fn serving(file: &str, pages: impl FnOnce(&Ctx<Site>, Tokio) -> Router) -> Self {
        let program = std::env::current_exe().expect("we are running");
        let path = program.with_extension(format!("{file}.sqlite"));
        let _ = std::fs::remove_file(&path);
        let db = Db::open(&path).expect("the target directory takes files");
        let tokio = Tokio::current().expect("we are in a runtime");
        let site = site::open(db, tokio.clone());
        let pages = pages(&site, tokio);
        let listener = TcpListener::bind(("127.0.0.1", 0)).await;
        let listener = listener.expect("there is a free port");
        let address = listener.local_addr().expect("it is bound");
        let connections = Count::default();
        let count = connections.clone();
        let listener = Counted { listener, count };
        let (stop, stopped) = oneshot::channel::<()>();
        let stopped = async { drop(stopped.await) };
        let server = axum::serve(listener, pages).with_graceful_shutdown(stopped);
        Self {
            site,
            address,
            connections,
            stop,
            serving: tokio::spawn(async { server.await }),
        }
    }

    /// Waits until all connections are closed, and cancels nothing.
    pub(crate) async fn stop(self) -> Ctx<Site> {
        self.stop.send(()).expect("it is serving");
        let served = self.serving.await.expect("it does not panic");
        served.expect("it does not fail");
        self.site
    }

    pub(crate) async fn send(&self, request: &str) -> TcpStream {
        let mut connection = TcpStream::connect(self.address).await.expect("it listens");
        let sent = connection.write_all(request.as_bytes()).await;
        sent.expect("it reads");
        connection
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        Answer::read(self.send(&get(path)).await).await
    }

    pub(crate) async fn post(&self, path: &str, form: &str) -> Answer {
        let length = form.len();
        let request = format!(
            "POST {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\
             content-type: application/x-www-form-urlencoded\r\ncontent-length: {length}\r\n\r\n{form}"
        );
        Answer::read(self.send(&request).await).await
    }
}

#[task]
async fn mark(_ctx: &Ctx<Visit>) -> Arc<One> {
    unreachable!("it is inserted")
}

pub(crate) fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
}

impl Answer {
    pub(crate) async fn read(mut connection: TcpStream) -> Self {
        let mut text = String::new();
        let read = connection.read_to_string(&mut text).await;
        read.expect("the server answers in UTF-8");
        let status = text.get(9..12).and_then(|status| status.parse().ok());
        let status = status.unwrap_or_else(|| panic!("this is no answer: {text:?}"));
        Self { status, text }
    }

    /// The number with that id.
    pub(crate) fn number(&self, id: &str) -> usize {
        let start = format!("<dd id=\"{id}\">");
        let found = self.text.split_once(&start);
        let number = found.and_then(|(_, rest)| rest.split_once('<')?.0.parse().ok());
        number.unwrap_or_else(|| panic!("no number `{id}` in {}", self.text))
    }

    pub(crate) fn count(&self, text: &str) -> usize {
        self.text.matches(text).count()
    }

    /// How many different users are shown.
    pub(crate) fn users(&self) -> usize {
        let links = self.text.split("href=\"/users/").skip(1);
        let ids = links.filter_map(|link| link.split('"').next());
        ids.collect::<std::collections::HashSet<_>>().len()
    }
}
