// Says that only a plain `&T` is made owned, and what to write.
#[runce::task]
fn len(text: Option<&str>) -> usize {
    text.map_or(0, str::len)
}

fn main() {}
