// Says that a task is a free function, where it names `Self`.
use runce::{Ctx, task};

#[derive(Clone)]
struct App;

impl App {
    #[task]
    async fn parse(text: &str) -> Result<Self, String> {
        Err(text.into())
    }
}

#[task]
async fn twice(ctx: &Ctx, n: u64) -> Result<u64, runce::Error> {
    ctx.run(App::parse("2")).await?;
    Ok(2 * n)
}

fn main() {
    let _ = twice(1);
}
