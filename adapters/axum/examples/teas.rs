//! A tea shop: `curl -i localhost:3000/teas/green`, then `/teas/coffee`, then `/teas/slow`, and
//! hang up on that one.
use axum::extract::Path;
use axum::{Router, routing::get};
use http::StatusCode;
use runce::{Ctx, task};
use runce_axum::{CtxLayer, Failure, RequestCtx, map_failures};
use runce_tokio::Tokio;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

struct Shop {
    cents: u64,
}

/// Says when it is dropped.
struct Brewing;

#[derive(Debug)]
struct NoSuchTea(String);

#[task]
async fn price(ctx: &Ctx<Shop>, tea: &str) -> Result<u64, NoSuchTea> {
    println!("looking up the price of {tea} tea");
    match tea {
        "green" => Ok(ctx.state().cents),
        "slow" => {
            let _brewing = Brewing;
            std::future::pending().await
        }
        _ => Err(NoSuchTea(tea.to_owned())),
    }
}

#[task]
async fn pots(ctx: &Ctx<Shop>, tea: &str, pots: u64) -> Result<u64, runce::Error> {
    Ok(pots * ctx.run(price(tea)).await?)
}

/// Two pots need the price once.
async fn teas(
    RequestCtx(ctx): RequestCtx<Shop>,
    Path(tea): Path<String>,
) -> Result<String, Failure> {
    let (one, two) = ctx.run_parallel((pots(&tea, 1), pots(&tea, 2))).await?;
    Ok(format!("One pot: {one} cents, two pots: {two} cents.\n"))
}

fn shop(runtime: Tokio) -> Router {
    let contexts = CtxLayer::new(Arc::new(Shop { cents: 450 }))
        .runtime(runtime)
        .deadline(Duration::from_secs(10));
    let failures = map_failures(|error| {
        let NoSuchTea(tea) = error.find()?;
        Some((StatusCode::NOT_FOUND, format!("We have no {tea} tea.\n")))
    });
    let router = Router::new().route("/teas/{tea}", get(teas));
    router.layer(failures).layer(contexts)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 3000)).await?;
    println!("http://{}/teas/green", listener.local_addr()?);
    axum::serve(listener, shop(Tokio::current()?)).await?;
    Ok(())
}

impl Drop for Brewing {
    fn drop(&mut self) {
        println!("the slow tea was dropped");
    }
}

impl fmt::Display for NoSuchTea {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no such tea: {}", self.0)
    }
}

impl std::error::Error for NoSuchTea {}
