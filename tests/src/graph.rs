//! Random graphs of keys, and the oracle that says what they come to.
use crate::Rng;

/// Which keys each key asks for. Its value is one more than the sum of theirs.
#[derive(Clone, Debug)]
pub struct Graph(pub Vec<Vec<u32>>);

impl Graph {
    /// Up to three edges a node, all to smaller ones.
    pub fn acyclic(rng: &mut Rng, nodes: u32) -> Self {
        Self::random(rng, nodes, |node| node)
    }

    /// Up to three edges a node, to any.
    pub fn any(rng: &mut Rng, nodes: u32) -> Self {
        Self::random(rng, nodes, |_| nodes)
    }

    fn random(rng: &mut Rng, nodes: u32, bound: impl Fn(u32) -> u32) -> Self {
        let mut edges = Vec::new();
        for node in 0..nodes {
            let count = if bound(node) == 0 { 0 } else { rng.below(4) };
            let mut to = || u32::try_from(rng.below(bound(node).into())).unwrap();
            edges.push((0..count).map(|_| to()).collect());
        }
        Self(edges)
    }

    pub fn below(&self, node: u32) -> &[u32] {
        &self.0[node as usize]
    }

    /// For nodes that reach no circle.
    pub fn value(&self, node: u32) -> u64 {
        let below = self.below(node).iter();
        1 + below.map(|below| self.value(*below)).sum::<u64>()
    }

    /// Does a path from there lead into a circle?
    pub fn reaches_a_circle(&self, node: u32) -> bool {
        let mut reached = self.reached(node);
        reached.push(node);
        reached
            .iter()
            .any(|node| self.reached(*node).contains(node))
    }

    /// Those that a path of at least one edge leads to.
    fn reached(&self, node: u32) -> Vec<u32> {
        let mut seen = Vec::new();
        let mut work = self.below(node).to_vec();
        while let Some(next) = work.pop() {
            if !seen.contains(&next) {
                seen.push(next);
                work.extend(self.below(next));
            }
        }
        seen
    }
}
