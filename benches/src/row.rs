//! What was measured of one scenario.

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Role {
    /// What cannot be beaten, and does less.
    Limit,
    Runce,
    Peer,
    /// Shown with the others, and compared with nothing.
    Aside,
}

#[derive(Clone, Debug)]
pub struct Figure {
    pub name: String,
    pub role: Role,
    pub value: f64,
    /// For each operation.
    pub allocations: Option<f64>,
    pub samples: usize,
}

impl Figure {
    pub fn new(role: Role, name: impl Into<String>, value: f64) -> Self {
        Self {
            name: name.into(),
            role,
            value,
            allocations: None,
            samples: 1,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unit {
    Nanoseconds,
    Bytes,
    Times,
}

#[derive(Clone, Debug)]
pub struct Row {
    pub name: String,
    pub unit: Unit,
    pub figures: Vec<Figure>,
}

impl Row {
    pub fn new(name: impl Into<String>, figures: Vec<Figure>) -> Self {
        Self {
            name: name.into(),
            unit: Unit::Nanoseconds,
            figures,
        }
    }

    pub fn unit(mut self, unit: Unit) -> Self {
        self.unit = unit;
        self
    }

    pub fn of(&self, role: Role) -> Option<&Figure> {
        self.figures.iter().find(|figure| figure.role == role)
    }

    pub fn named(&self, name: &str) -> Option<&Figure> {
        self.figures.iter().find(|figure| figure.name == name)
    }

    pub fn best_peer(&self) -> Option<&Figure> {
        let peers = self.figures.iter().filter(|f| f.role == Role::Peer);
        peers.min_by(|one, other| one.value.total_cmp(&other.value))
    }
}

/// How the cost of one element changes with their number.
#[derive(Clone, Debug)]
pub struct Curve {
    pub name: String,
    pub lines: Vec<Line>,
}

#[derive(Clone, Debug)]
pub struct Line {
    pub name: String,
    pub role: Role,
    /// Number of elements, nanoseconds for each.
    pub points: Vec<(u64, f64)>,
}
