// Says that the output must be `Clone`, at the output's type.
struct User;

#[runce::task]
fn plain() -> User {
    User
}

#[runce::task]
fn fallible() -> Result<User, String> {
    Ok(User)
}

fn main() {}
