//! The routes. A handler runs a task, and gives its output to a view.
use crate::db::DbError;
use crate::site::{self, Site, settings};
use crate::visit::Visit;
use crate::{slow, tasks, view};
use axum::Router;
use axum::extract::{Form, Path, Query, Request};
use axum::http::{StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use maud::Markup;
use runce::{Ctx, Error, WithExecutor, WithTimer};
use runce_axum::{CtxLayer, Failure, RequestCtx};
use runce_tokio::Tokio;
use serde::Deserialize;
use std::time::Duration;

type Page = Result<Markup, Failure>;

pub(crate) fn router(site: &Ctx<Site>, tokio: Tokio, deadline: Duration) -> Router {
    routes()
        .layer(contexts(site, tokio, deadline))
        .route("/style.css", get(style)) // it needs no context
}

pub(crate) fn routes() -> Router {
    Router::new()
        .route("/", get(front))
        .route("/users/{id}", get(user))
        .route("/posts/{id}", get(thread))
        .route("/hang-up", get(hang_up))
        .route("/slow", get(report))
        .route("/broken", get(broken))
        .route("/settings", get(show_settings).post(save_settings))
        .route("/settings/forget", post(forget_settings))
        .fallback(nothing)
        .layer(from_fn(explain))
}

/// Each request gets a context over a state of its own. It ends with the client's interest, with
/// the deadline, or with the site's context, whichever comes first.
pub(crate) fn contexts(
    site: &Ctx<Site>,
    tokio: Tokio,
    deadline: Duration,
) -> CtxLayer<Visit, WithExecutor, WithTimer> {
    let site = site.clone();
    CtxLayer::from_fn(move |_| {
        let builder = Ctx::builder(Visit::new(&site)).runtime(tokio.clone());
        builder.deadline(deadline).parent(&site)
    })
}

async fn front(RequestCtx(ctx): RequestCtx<Visit>) -> Page {
    let settings = ctx.state().site.run(settings()).await?;
    let (posts, users) = ctx.run(tasks::front(settings.posts)).await?;
    page(&ctx, "Latest posts", view::front(&posts, &users)).await
}

async fn user(RequestCtx(ctx): RequestCtx<Visit>, Path(id): Path<i64>) -> Page {
    let (user, posts, friends) = ctx.run(tasks::profile(id)).await?;
    page(&ctx, &user.name, view::profile(&user, &posts, &friends)).await
}

async fn thread(RequestCtx(ctx): RequestCtx<Visit>, Path(id): Path<i64>) -> Page {
    let ((author, post), comments) = ctx.run(tasks::thread(id)).await?;
    page(&ctx, &post.title, view::thread(&author, &post, &comments)).await
}

async fn broken(RequestCtx(ctx): RequestCtx<Visit>) -> Page {
    let posts = ctx.run(tasks::recommendations()).await?;
    page(&ctx, "Recommended", view::titles(&posts)).await
}

async fn hang_up(RequestCtx(ctx): RequestCtx<Visit>) -> Page {
    let counts = ctx.state().site.state().alive.now();
    page(&ctx, "Hang up", view::hang_up(counts)).await
}

#[derive(Deserialize)]
struct Slow {
    seconds: u64,
}

async fn report(RequestCtx(ctx): RequestCtx<Visit>, Query(slow): Query<Slow>) -> Page {
    let parts = ctx.run(slow::report(slow.seconds)).await?;
    page(&ctx, "Slow page", view::report(&parts)).await
}

async fn show_settings(RequestCtx(ctx): RequestCtx<Visit>) -> Page {
    let settings = ctx.state().site.run(settings()).await?;
    page(&ctx, "Settings", view::settings(&settings)).await
}

#[derive(Deserialize)]
struct Motto {
    motto: String,
}

/// What is remembered stays as it was.
async fn save_settings(
    RequestCtx(ctx): RequestCtx<Visit>,
    Form(form): Form<Motto>,
) -> Result<Redirect, Failure> {
    ctx.run(site::save_motto(form.motto)).await?;
    Ok(Redirect::to("/settings"))
}

/// Whoever asks next reads the settings anew.
async fn forget_settings(RequestCtx(ctx): RequestCtx<Visit>) -> Redirect {
    ctx.state().site.invalidate(&settings());
    Redirect::to("/settings")
}

async fn nothing(RequestCtx(ctx): RequestCtx<Visit>) -> Response {
    let text = "There is no such page.";
    (StatusCode::NOT_FOUND, apology(&ctx, text)).into_response()
}

async fn style() -> impl IntoResponse {
    let kind = [(header::CONTENT_TYPE, "text/css")];
    (kind, include_str!("style.css"))
}

async fn page(ctx: &Ctx<Visit>, title: &str, content: Markup) -> Page {
    let settings = ctx.state().site.run(settings()).await?;
    Ok(view::page(ctx, &settings.motto, title, content))
}

/// Makes pages of failures, and logs those that are ours.
async fn explain(RequestCtx(ctx): RequestCtx<Visit>, request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let Some(error) = response.extensions().get::<Error>() else {
        return response;
    };
    let (status, text) = match error.find::<DbError>() {
        Some(error @ (DbError::NoSuchUser(_) | DbError::NoSuchPost(_))) => {
            (StatusCode::NOT_FOUND, format!("Sorry, {error}."))
        }
        _ => {
            eprintln!("{error:#}");
            (response.status(), sentence(response.status()).to_owned())
        }
    };
    (status, apology(&ctx, &text)).into_response()
}

fn sentence(status: StatusCode) -> &'static str {
    match status {
        StatusCode::GATEWAY_TIMEOUT => "This took too long, and was given up.",
        StatusCode::SERVICE_UNAVAILABLE => "The server is shutting down.",
        _ => "Something went wrong. The server's log says what.",
    }
}

/// Waits for nothing: whatever failed, it does not.
fn apology(ctx: &Ctx<Visit>, text: &str) -> Markup {
    let settings = ctx.state().site.peek(&settings()).and_then(Result::ok);
    let motto = settings.as_ref().map_or("", |settings| &settings.motto);
    view::page(ctx, motto, "Sorry", view::apology(text))
}
