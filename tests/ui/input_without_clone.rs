// Says that the referent must be `Clone`, at its type.
#[derive(PartialEq, Eq, Hash)]
struct Id;

#[runce::task]
fn user(id: &Id) -> bool {
    *id == Id
}

fn main() {}
