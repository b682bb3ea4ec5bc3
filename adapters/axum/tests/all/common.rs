//! A task that holds something, and says when it begins and when that is dropped.
use axum::Router;
use axum::body::Body;
use http::{Request, Response};
use http_body_util::BodyExt;
use runce::{Ctx, task};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::timeout;
use tower::ServiceExt;

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Event {
    Begun(u64),
    Finished(u64),
    Dropped(u64),
}

/// The state: where the task tells its events, and the gate that it waits at:
/// each permit lets one through.
pub(crate) struct Stage {
    events: UnboundedSender<Event>,
    pub(crate) gate: Semaphore,
}

pub(crate) struct Events(UnboundedReceiver<Event>);

/// Says that it is dropped.
pub(crate) struct Held(UnboundedSender<Event>, u64);

pub(crate) fn stage() -> (Arc<Stage>, Events) {
    let (events, seen) = unbounded_channel();
    let gate = Semaphore::new(0);
    (Arc::new(Stage { events, gate }), Events(seen))
}

#[task]
pub(crate) async fn hold(ctx: &Ctx<Stage>, n: u64) -> u64 {
    let stage = ctx.state();
    let _held = stage.held(n);
    stage.tell(Event::Begun(n));
    stage.gate.acquire().await.expect("it is open").forget();
    stage.tell(Event::Finished(n));
    n
}

impl Stage {
    pub(crate) fn held(&self, n: u64) -> Held {
        Held(self.events.clone(), n)
    }

    fn tell(&self, event: Event) {
        let _ = self.events.send(event); // the test may be over
    }
}

impl Events {
    /// The next `count` events, sorted: they come from several threads.
    pub(crate) async fn next(&mut self, count: usize) -> Vec<Event> {
        let mut events = Vec::new();
        for _ in 0..count {
            // Bounds how long a failure takes, and nothing else.
            let event = timeout(Duration::from_secs(60), self.0.recv()).await;
            let event = event.unwrap_or_else(|_| panic!("no more than {events:?}"));
            events.push(event.expect("the state lives"));
        }
        events.sort();
        events
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let _ = self.0.send(Event::Dropped(self.1));
    }
}

/// A real server, on a port of the system's choice.
pub(crate) async fn serve(router: Router) -> SocketAddr {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

/// Asks, and leaves the answer in the connection. To drop that is to hang up.
pub(crate) async fn ask(server: SocketAddr, path: &str) -> TcpStream {
    let mut connection = TcpStream::connect(server).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    connection.write_all(request.as_bytes()).await.unwrap();
    connection
}

/// An answer without a network.
pub(crate) async fn get(router: Router, path: &str) -> Response<Body> {
    let request = Request::get(path).body(Body::empty()).unwrap();
    router.oneshot(request).await.unwrap()
}

pub(crate) async fn text(response: Response<Body>) -> String {
    let body = response.into_body().collect().await.unwrap();
    String::from_utf8(body.to_bytes().into()).unwrap()
}
