// Says that an input cannot be `&mut`.
#[runce::task]
fn push(list: &mut Vec<u8>) {
    list.push(1);
}

fn main() {}
