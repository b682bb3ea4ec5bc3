// Says that a task is a free function, and that the state takes the place of `self`.
struct App;

impl App {
    #[runce::task]
    async fn user(&self, id: u64) -> u64 {
        id
    }
}

fn main() {
    drop(App.user(1));
}
