//! How high a value stands.

#[derive(Clone, Copy)]
pub(super) enum Scale {
    /// Powers of ten from the floor to the top. What is less stands on the floor.
    Powers { floor: f64, top: f64 },
    /// As far as is needed.
    Linear,
}

pub(super) struct Axis {
    scale: Scale,
    step: f64,
    top: f64,
}

impl Axis {
    /// For values up to that.
    pub(super) fn new(scale: Scale, most: f64) -> Self {
        if let Scale::Powers { top, .. } = scale {
            let step = 10.0;
            return Self { scale, step, top };
        }
        let mut steps = (0..).flat_map(|zeros| [1.0, 2.0, 5.0].map(|n| n * 10_f64.powi(zeros)));
        let step = steps.find(|step| most <= step * 5.0).unwrap_or(most);
        // There is room for a name above the highest.
        let top = ((most / step).floor() + 1.0) * step;
        Self { scale, step, top }
    }

    /// From the bottom to the top, 0 to 1.
    pub(super) fn share(&self, value: f64) -> f64 {
        match self.scale {
            Scale::Powers { floor, top } => {
                (value.max(floor) / floor).log10() / (top / floor).log10()
            }
            Scale::Linear => value / self.top,
        }
    }

    pub(super) fn ticks(&self) -> Vec<f64> {
        let numbers = 1..=30;
        let above: Box<dyn Iterator<Item = f64>> = match self.scale {
            Scale::Powers { floor, .. } => {
                Box::new(numbers.map(move |n| floor * self.step.powi(n)))
            }
            Scale::Linear => Box::new(numbers.map(|n| f64::from(n) * self.step)),
        };
        let above = above.take_while(|value| *value <= self.top * 1.001);
        [0.0].into_iter().chain(above).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_have_few_ticks_and_room_above() {
        let axis = Axis::new(Scale::Linear, 15.8);
        assert_eq!(axis.ticks(), [0.0, 5.0, 10.0, 15.0, 20.0]);
        assert_eq!(axis.share(5.0), 0.25);
        assert_eq!(Axis::new(Scale::Linear, 500.0).top, 600.0);
        assert_eq!(Axis::new(Scale::Linear, 0.0).top, 1.0);
        let scale = Scale::Powers {
            floor: 0.1,
            top: 10.0,
        };
        let axis = Axis::new(scale, 7.0);
        assert_eq!(axis.ticks(), [0.0, 1.0, 10.0]);
        assert_eq!(
            [0.0, 1.0, 10.0].map(|value| axis.share(value)),
            [0.0, 0.5, 1.0]
        );
    }
}
