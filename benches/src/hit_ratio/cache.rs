//! The caches that are compared, each with room for so many keys.
use std::hash::{BuildHasherDefault, DefaultHasher};

/// Not seeded, so that a run can be repeated.
pub type Hasher = BuildHasherDefault<DefaultHasher>;

pub trait Cache {
    /// Whether the key was there; it is remembered if there is room.
    fn access(&mut self, key: u64) -> bool;
}

pub struct Moka(moka::sync::Cache<u64, (), Hasher>);

impl Moka {
    pub fn new(capacity: usize) -> Self {
        let builder = moka::sync::Cache::builder().max_capacity(capacity as u64);
        Self(builder.build_with_hasher(Hasher::default()))
    }
}

impl Cache for Moka {
    fn access(&mut self, key: u64) -> bool {
        let found = self.0.get(&key).is_some();
        if !found {
            self.0.insert(key, ());
        }
        // It evicts only when it finds the time.
        self.0.run_pending_tasks();
        found
    }
}

pub struct Quick(quick_cache::sync::Cache<u64, (), quick_cache::UnitWeighter, Hasher>);

impl Quick {
    /// In one piece: shards that fill unevenly would cost it hits.
    pub fn new(capacity: usize) -> Self {
        let options = quick_cache::OptionsBuilder::new()
            .estimated_items_capacity(capacity)
            .weight_capacity(capacity as u64)
            .shards(1)
            .build()
            .expect("all that is needed is given");
        Self(quick_cache::sync::Cache::with_options(
            options,
            quick_cache::UnitWeighter,
            Hasher::default(),
            quick_cache::sync::DefaultLifecycle::default(),
        ))
    }
}

impl Cache for Quick {
    fn access(&mut self, key: u64) -> bool {
        let found = self.0.get(&key).is_some();
        if !found {
            self.0.insert(key, ());
        }
        found
    }
}
