// Says that the option is given twice.
#[runce::task(no_label, no_label)]
fn user(id: u64) -> u64 {
    id
}

fn main() {}
