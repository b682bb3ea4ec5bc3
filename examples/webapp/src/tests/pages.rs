//! What is on the pages, and what their panels say.
use super::server::{Answer, Server, get, run};
use std::time::Duration;

#[test]
fn the_front_page_loads_each_user_once() {
    run(async {
        let page = Server::start("front").await.get("/").await;
        assert_eq!(page.status, 200);
        assert_eq!(page.count("<article"), 8);
        // The page, the latest posts and the busiest users; then eight of each, by their names.
        assert_eq!(page.number("calls"), 3 + 8 + 8);
        assert_eq!(page.number("runs"), 3 + page.users());
        assert_eq!(page.number("queries"), 2 + page.users());
        assert_eq!(page.number("shared"), 8 + 8 - page.users());
    });
}

#[test]
fn a_post_loads_each_of_its_commentators_once() {
    run(async {
        let page = Server::start("post").await.get("/posts/300").await;
        assert_eq!(page.status, 200);
        let comments = page.count("<li><p>");
        assert!(comments > page.users(), "somebody wrote two");
        assert_eq!(page.number("calls"), 6 + comments);
        assert_eq!(page.number("runs"), 5 + page.users());
        assert_eq!(page.number("queries"), 2 + page.users());
        assert_eq!(page.count("<span class=\"bar\""), page.number("queries"));
    });
}

#[test]
fn a_user_has_a_page() {
    run(async {
        let page = Server::start("user").await.get("/users/3").await;
        assert_eq!(page.status, 200);
        assert!(page.text.contains("<h1>Dario Duval</h1>"), "{}", page.text);
        assert_eq!(page.number("queries"), 3 + page.users());
    });
}

#[test]
fn each_request_has_a_context_of_its_own_and_they_share_the_settings() {
    run(async {
        let server = Server::start("contexts").await;
        let first = server.get("/posts/300").await;
        let second = server.get("/posts/300").await;
        assert_eq!(first.number("queries"), second.number("queries"));
        assert_eq!(second.number("asked"), first.number("asked") + 1);
        assert_eq!(second.number("read"), 1);
    });
}

#[test]
fn what_is_unknown_is_not_found() {
    run(async {
        let server = Server::start("unknown").await;
        for (path, text) in [
            ("/users/999", "Sorry, there is no user 999."),
            ("/posts/999", "Sorry, there is no post 999."),
            ("/nowhere", "There is no such page."),
        ] {
            let page = server.get(path).await;
            assert_eq!(page.status, 404, "{path}");
            assert!(page.text.contains(text), "{path}: {}", page.text);
        }
    });
}

#[test]
fn a_page_that_fails_does_not_say_why() {
    run(async {
        let page = Server::start("broken").await.get("/broken").await;
        assert_eq!(page.status, 500);
        assert!(page.text.contains("Something went wrong."));
        assert!(!page.text.contains("has no row"));
        assert_eq!(
            page.number("failed"),
            2,
            "the page's task, and what it needs"
        );
    });
}

#[test]
fn what_users_write_is_text() {
    run(async {
        let page = Server::start("text").await.get("/posts/300").await;
        assert!(page.text.contains("if x &lt; y"));
        assert!(!page.text.contains("x < y"));
    });
}

#[test]
fn settings_are_remembered_until_they_are_forgotten() {
    run(async {
        let server = Server::start("settings").await;
        let motto = |page: &Answer, motto| {
            let shown = format!("<p class=\"motto\">{motto}</p>");
            assert!(page.text.contains(&shown), "{}", page.text);
        };
        motto(&server.get("/").await, "Small notes on many things");
        let saved = server.post("/settings", "motto=a+%3Cb%3E+c").await;
        assert_eq!(saved.status, 303);
        motto(&server.get("/").await, "Small notes on many things");
        let forgotten = server.post("/settings/forget", "").await;
        assert_eq!(forgotten.status, 303);
        let page = server.get("/").await;
        motto(&page, "a &lt;b&gt; c");
        assert_eq!(page.number("read"), 2);
    });
}

#[test]
fn a_slow_page_arrives() {
    run(async {
        let server = Server::start("slow").await;
        let page = server.get("/slow?seconds=0").await;
        assert_eq!(page.count("took 0 s."), 3);
        assert_eq!(server.get("/hang-up").await.number("finished"), 3);
    });
}

#[test]
fn one_that_exceeds_its_deadline_is_given_up() {
    run(async {
        let deadline = Duration::from_millis(1);
        let server = Server::with_deadline("deadline", deadline).await;
        let page = server.get("/slow?seconds=3600").await;
        assert_eq!(page.status, 504);
        assert!(page.text.contains("This took too long"));
        assert_eq!(page.number("queries"), 0);
    });
}

#[test]
fn a_client_that_hangs_up_is_seen() {
    run(async {
        let server = Server::start("hang_up").await;
        let mut alive = server.site.state().alive.watch();
        let client = server.send(&get("/slow?seconds=3600")).await;
        let seen = alive.wait_for(|counts| counts.parts == 3).await;
        drop(seen.expect("the site lives"));
        drop(client);
        let seen = alive.wait_for(|counts| counts.contexts == 0).await;
        assert_eq!(seen.expect("the site lives").dropped(), 3);
        assert_eq!(server.get("/hang-up").await.number("dropped"), 3);
    });
}

#[test]
fn the_end_of_the_server_is_that_of_its_requests() {
    run(async {
        let server = Server::start("end").await;
        let mut alive = server.site.state().alive.watch();
        let client = server.send(&get("/slow?seconds=3600")).await;
        let seen = alive.wait_for(|counts| counts.parts == 3).await;
        drop(seen.expect("the site lives"));
        server.site.cancel();
        let page = Answer::read(client).await;
        assert_eq!(page.status, 503);
        assert!(page.text.contains("The server is shutting down."));
        server.stop().await;
    });
}
