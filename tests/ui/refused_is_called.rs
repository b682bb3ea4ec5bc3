// Says what is wrong with a task, and nothing of those who call it.
use runce::{Ctx, task};

#[derive(Clone)]
struct User {
    name: String,
}

#[task]
async fn user(ctx: &mut Ctx<App>, id: u64) -> Result<User, String> {
    let _ = (ctx, id);
    Err(String::new())
}

#[task]
async fn convert<S: Send, T: Clone + Send + Sync + 'static>(ctx: Ctx<S>, text: &str) -> T {
    text.into()
}

#[task]
fn names<'a>(all: &'a str) -> Vec<String> {
    all.split(',').map(String::from).collect()
}

struct App;

#[task]
async fn page(ctx: &Ctx<App>, id: u64) -> Result<String, runce::Error> {
    let one = ctx.run(user(id)).await?;
    let n = ctx.run(convert::<u32>("7")).await?;
    let (two, _) = ctx.run_parallel((user(id), convert::<u8>("8"))).await?;
    for name in ctx.run(names("a,b")).await? {
        drop(name.len());
    }
    ctx.invalidate_all(user);
    Ok(format!("{} {} {}", one.name, two.name, n + 1))
}

fn main() {
    let _ = page(1);
}
