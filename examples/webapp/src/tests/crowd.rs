//! Clients that hang up at random.
use super::count::Count;
use super::server::{Server, get, run};
use crate::seed::Dice;
use std::sync::Arc;
use tokio::io::AsyncReadExt;
use tokio::runtime::Handle;
use tokio::task::JoinSet;

const CLIENTS: u64 = 1_000;
const AT_ONCE: usize = 64;

/// How a client behaves.
#[derive(Debug)]
enum Way {
    /// Hangs up after so many bytes of its request.
    Sends(usize),
    /// Sends all of it, and hangs up after so many bytes of the answer.
    Reads(usize),
    /// Hangs up once the server works on slow parts.
    Waits,
}

struct Client {
    request: String,
    way: Way,
}

impl Client {
    fn new(seed: u64) -> Self {
        let mut dice = Dice(seed);
        let slow = "/slow?seconds=3600".to_owned();
        let path = match dice.below(8) {
            0 => "/".to_owned(),
            1 => "/broken".to_owned(),
            2 => "/settings".to_owned(),
            3 => format!("/users/{}", 1 + dice.below(70)),
            4 | 5 => format!("/posts/{}", 1 + dice.below(310)),
            _ => slow.clone(),
        };
        let request = get(&path);
        let way = match dice.below(4) {
            0 => Way::Sends(dice.below(request.len() as u64) as usize),
            1 => Way::Reads(0),
            _ if path == slow => Way::Waits,
            2 => Way::Reads(1 + dice.below(4_000) as usize),
            _ => Way::Reads(usize::MAX),
        };
        Self { request, way }
    }

    async fn visit(self, server: Arc<Server>) {
        let sent = match self.way {
            Way::Sends(count) => &self.request[..count],
            Way::Reads(_) | Way::Waits => &self.request,
        };
        let mut connection = server.send(sent).await;
        match self.way {
            Way::Sends(_) => {}
            Way::Waits => {
                let mut alive = server.site.state().alive.watch();
                let working = alive.wait_for(|counts| counts.parts > 0).await;
                drop(working.expect("the site lives"));
            }
            Way::Reads(count) => {
                let mut answer = Vec::new();
                let mut read = (&mut connection).take(count as u64);
                read.read_to_end(&mut answer).await.expect("it answers");
                assert_eq!(answer.is_empty(), count == 0);
            }
        }
    }
}

#[test]
fn nothing_is_left_of_1_000_clients_that_hang_up() {
    run(async {
        let tasks = Handle::current().metrics();
        assert_eq!(tasks.num_alive_tasks(), 0);
        let entries = Count::default();
        let server = Server::with_entries("crowd", entries.clone()).await;
        let server = Arc::new(server);
        let mut clients = JoinSet::new();
        for seed in 0..CLIENTS {
            if clients.len() == AT_ONCE {
                let visited = clients.join_next().await.expect("there are clients");
                visited.expect("it does not panic");
            }
            clients.spawn(Client::new(seed).visit(server.clone()));
        }
        while let Some(visited) = clients.join_next().await {
            visited.expect("it does not panic");
        }

        // Connections are accepted in the order in which they came: now all are.
        assert_eq!(server.get("/settings").await.status, 200);
        // The server goes on, and nothing is left: no connection, no context of a request and
        // no entry in it, no query, no part of a slow page, which would take an hour.
        server.connections.becomes(0).await;
        entries.becomes(0).await;
        let mut alive = server.site.state().alive.watch();
        let nothing = alive.wait_for(|now| now.contexts + now.queries + now.parts == 0);
        let counts = *nothing.await.expect("the site lives");
        assert!(counts.begun > 0);
        assert_eq!((counts.finished, counts.dropped()), (0, counts.begun));

        let server = Arc::into_inner(server).expect("the clients are gone");
        let site = server.stop().await;
        // Of the site's own context: the settings.
        assert_eq!((site.len(), site.stats().in_flight), (1, 0));
        // Its own futures, woken by all that, take their last turn.
        while tasks.num_alive_tasks() > 0 {
            tokio::task::yield_now().await;
        }
    });
}
