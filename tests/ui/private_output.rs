// Says at the output's type that it is less visible than the task.
#[derive(Clone)]
struct Page;

#[runce::task]
pub fn page() -> Page {
    Page
}

fn main() {}
