// Shows only what is wrong in the body, at its place.
#[runce::task]
async fn user(id: &str) -> Result<u64, std::num::ParseIntError> {
    let id: u32 = id.parse()?;
    Ok(id)
}

fn main() {
    let _ = user("1");
}
