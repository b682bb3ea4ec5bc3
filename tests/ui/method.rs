// Says that a task is a free function, what to do, and nothing of those who call it.
use runce::{Ctx, task};

struct App {
    factor: u64,
}

impl App {
    #[task]
    async fn scaled(&self, ctx: &Ctx<App>, n: u64) -> Result<u64, runce::Error> {
        Ok(self.factor * ctx.run(Self::helper(n)).await?)
    }

    fn helper(n: u64) -> runce::Call<(), u64> {
        runce::Call::new(n)
    }
}

#[task]
async fn twice(ctx: &Ctx<App>, n: u64) -> Result<u64, runce::Error> {
    Ok(2 * ctx.run(ctx.state().scaled(n)).await?)
}

fn main() {
    let _ = twice(1);
}
