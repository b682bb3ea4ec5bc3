//! What the pages look like.
mod panel;

use crate::alive::Counts;
use crate::site::Settings;
use crate::tasks::{Post, Signed, User};
use crate::visit::Visit;
use maud::{DOCTYPE, Markup, html};
use runce::Ctx;
use std::sync::Arc;

pub(crate) fn page(ctx: &Ctx<Visit>, motto: &str, title: &str, content: Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) " · Marginalia" }
                link rel="stylesheet" href="/style.css";
                link rel="icon" href="data:,";
            }
            body {
                header {
                    p.name { a href="/" { "Marginalia" } }
                    p.motto { (motto) }
                    nav {
                        a href="/" { "Latest" }
                        a href="/hang-up" { "Hang up" }
                        a href="/broken" { "Broken" }
                        a href="/settings" { "Settings" }
                    }
                }
                main { h1 { (title) } (content) }
                (panel::panel(ctx))
            }
        }
    }
}

pub(crate) fn front(posts: &[Signed<Arc<Post>>], users: &[Arc<User>]) -> Markup {
    html! {
        @for (author, post) in posts {
            article.teaser {
                h2 { a href={ "/posts/" (post.id) } { (post.title) } }
                p.byline { "by " (name(author)) }
            }
        }
        h2 { "Who writes most" }
        (names(users))
    }
}

pub(crate) fn profile(user: &User, posts: &[Post], friends: &[Arc<User>]) -> Markup {
    html! {
        p.byline { "lives in " (user.city) }
        h2 { "Posts" }
        @if posts.is_empty() { p { "None so far." } }
        (titles(posts))
        h2 { "Follows" }
        (names(friends))
    }
}

pub(crate) fn titles(posts: &[Post]) -> Markup {
    html! {
        ul { @for post in posts { li { a href={ "/posts/" (post.id) } { (post.title) } } } }
    }
}

pub(crate) fn thread(author: &User, post: &Post, comments: &[Signed<String>]) -> Markup {
    html! {
        p.byline { "by " (name(author)) }
        p.text { (post.text) }
        h2 { (comments.len()) " comments" }
        ol.comments {
            @for (author, text) in comments {
                li { p { (text) } p.byline { (name(author)) } }
            }
        }
    }
}

pub(crate) fn hang_up(counts: Counts) -> Markup {
    html! {
        p {
            "The slow page asks three slow services at the same time. Open it, and stop it before "
            "it is there: close its tab, or press Escape. What it has in flight is dropped at that "
            "moment, though no line of its tasks says so."
        }
        p.actions {
            a.button href="/slow?seconds=8" target="_blank" { "Open the slow page" }
            a.button href="/slow?seconds=60" target="_blank" { "One that exceeds its deadline" }
            a.button href="/hang-up" { "Count again" }
        }
        h2 { "Parts of slow pages" }
        dl.counts {
            dt { "being worked on" } dd #working { (counts.parts) }
            dt { "finished" } dd #finished { (counts.finished) }
            dt { "dropped" } dd #dropped { (counts.dropped()) }
        }
        h2 { "Contexts of requests" }
        dl.counts { dt { "alive, with this page's own" } dd #contexts { (counts.contexts) } }
    }
}

pub(crate) fn report(parts: &[String]) -> Markup {
    html! { ul { @for part in parts { li { (part) } } } }
}

pub(crate) fn settings(settings: &Settings) -> Markup {
    html! {
        p {
            "The settings are read once, for all requests, into a context that lives as long as "
            "the server. What is saved here goes into the database; it is seen when what is "
            "remembered is forgotten. The front page has " (settings.posts) " posts."
        }
        form method="post" action="/settings" {
            label for="motto" { "Motto" }
            input #motto name="motto" value=(settings.motto) required maxlength="60";
            button { "Save" }
        }
        form method="post" action="/settings/forget" { button { "Forget what is remembered" } }
    }
}

pub(crate) fn apology(text: &str) -> Markup {
    html! { p.apology { (text) } p { a href="/" { "Go to the latest posts" } } }
}

fn name(user: &User) -> Markup {
    html! { a.user href={ "/users/" (user.id) } { (user.name) } }
}

fn names(users: &[Arc<User>]) -> Markup {
    html! { ul.names { @for user in users { li { (name(user)) } } } }
}
