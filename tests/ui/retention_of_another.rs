// Shows the function that does not fit the task's types.
use runce::{Outcome, Retention, task};

fn keep(_: Outcome<'_, String, String>) -> Retention {
    Retention::Forever
}

#[task(retention = keep)]
fn user(id: u64) -> Result<u64, String> {
    Ok(id)
}

fn main() {
    let _ = user(1);
}
