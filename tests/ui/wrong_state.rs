// Says that the task does not run in a context of this state.
use runce::{Ctx, task};

struct App;
struct Other;

#[task]
fn user(_: &Ctx<App>, id: u64) -> u64 {
    id
}

#[task]
async fn page(ctx: &Ctx<Other>) -> Result<u64, runce::Error> {
    ctx.run(user(1)).await
}

fn main() {
    let _ = (App, Other, page());
}
