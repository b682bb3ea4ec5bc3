//! A map of tokio's once-cells.
use super::{Hasher, Nesting};
use dashmap::DashMap;
use hashbrown::HashMap;
use papaya::ResizeMode;
use parking_lot::RwLock;
use std::future::Future;
use std::sync::Arc;
use tokio::sync::OnceCell;

type Cell = Arc<OnceCell<u64>>;

/// What the map has for a key; a value is copied while we are at it.
enum Found {
    Value(u64),
    Cell(Cell),
}

impl Found {
    fn of(cell: &Cell) -> Self {
        match cell.get() {
            Some(value) => Self::Value(*value),
            None => Self::Cell(cell.clone()),
        }
    }
}

pub struct LockedCells(RwLock<HashMap<u64, Cell, Hasher>>);

impl LockedCells {
    fn find(&self, key: u64) -> Found {
        if let Some(cell) = self.0.read().get(&key) {
            return Found::of(cell);
        }
        Found::of(self.0.write().entry(key).or_default())
    }
}

impl Nesting for LockedCells {
    const NAME: &'static str = "RwLock + OnceCell";

    fn new(_keys: usize) -> Self {
        Self(RwLock::default())
    }

    fn peek(&self, key: u64) -> Option<u64> {
        self.0.read().get(&key)?.get().copied()
    }

    async fn get<F>(&self, key: u64, body: impl FnOnce() -> F + Send) -> u64
    where
        F: Future<Output = u64> + Send,
    {
        match self.find(key) {
            Found::Value(value) => value,
            Found::Cell(cell) => *cell.get_or_init(body).await,
        }
    }
}

pub struct DashCells(DashMap<u64, Cell, Hasher>);

impl DashCells {
    fn find(&self, key: u64) -> Found {
        if let Some(cell) = self.0.get(&key) {
            return Found::of(&cell);
        }
        Found::of(&self.0.entry(key).or_default())
    }
}

impl Nesting for DashCells {
    const NAME: &'static str = "dashmap + OnceCell";

    fn new(_keys: usize) -> Self {
        Self(DashMap::default())
    }

    fn peek(&self, key: u64) -> Option<u64> {
        self.0.get(&key)?.get().copied()
    }

    async fn get<F>(&self, key: u64, body: impl FnOnce() -> F + Send) -> u64
    where
        F: Future<Output = u64> + Send,
    {
        match self.find(key) {
            Found::Value(value) => value,
            Found::Cell(cell) => *cell.get_or_init(body).await,
        }
    }
}

pub struct PapayaCells(papaya::HashMap<u64, Cell, Hasher>);

impl PapayaCells {
    fn find(&self, key: u64) -> Found {
        Found::of(self.0.pin().get_or_insert_with(key, Cell::default))
    }
}

impl Nesting for PapayaCells {
    const NAME: &'static str = "papaya + OnceCell";

    /// It grows at once: else who only reads after that would go on looking into two tables.
    fn new(_keys: usize) -> Self {
        let builder = papaya::HashMap::builder().hasher(Hasher::default());
        Self(builder.resize_mode(ResizeMode::Blocking).build())
    }

    fn peek(&self, key: u64) -> Option<u64> {
        self.0.pin().get(&key)?.get().copied()
    }

    async fn get<F>(&self, key: u64, body: impl FnOnce() -> F + Send) -> u64
    where
        F: Future<Output = u64> + Send,
    {
        match self.find(key) {
            Found::Value(value) => value,
            Found::Cell(cell) => *cell.get_or_init(body).await,
        }
    }
}
