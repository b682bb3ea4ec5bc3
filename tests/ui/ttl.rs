// Says of each duration what is wrong with it, and nothing of those who call the task.
#[runce::task(ttl = "0s", limit = "0s")]
fn zero() {}

#[runce::task(ttl = "", error_ttl = "5 minutes")]
fn words() {}

#[runce::task(ttl = 300, limit = "s")]
fn number() {}

#[runce::task(ttl = "99999999999999999999d", ttl = "1s", ttl = "2s")]
fn long() {}

#[runce::task(retention = |_| None, weight = "2")]
fn closure() {}

#[runce::task(ttl = "1s", retention = keep)]
fn both() {}

fn main() {
    let _ = (zero(), words(), number(), long(), closure(), both());
}

fn keep(_: runce::Outcome<'_, (), std::convert::Infallible>) -> runce::Retention {
    runce::Retention::Forever
}
