//! A value of whatever type.
use alloc::boxed::Box;
use core::any::Any;
use core::fmt;

/// A boxed value that knows the name of its type.
///
/// # Examples
///
/// ```
/// use runce::AnyValue;
///
/// let value = AnyValue::new(7_u64);
/// assert_eq!(value.type_name(), "u64");
/// let value = value.downcast::<String>().unwrap_err(); // not lost
/// assert_eq!(value.downcast::<u64>().unwrap(), 7);
/// ```
pub struct AnyValue {
    value: Box<dyn Any + Send + Sync>,
    type_name: &'static str,
}

impl AnyValue {
    /// Boxes a value.
    #[must_use]
    pub fn new<T: Send + Sync + 'static>(value: T) -> Self {
        Self {
            value: Box::new(value),
            type_name: core::any::type_name::<T>(),
        }
    }

    /// The value, if it is of that type.
    ///
    /// # Errors
    ///
    /// Itself, if it is of another.
    pub fn downcast<T: 'static>(self) -> Result<T, Self> {
        let Self { value, type_name } = self;
        match value.downcast() {
            Ok(value) => Ok(*value),
            Err(value) => Err(Self { value, type_name }),
        }
    }

    /// A look at the value, if it is of that type.
    #[must_use]
    pub fn downcast_ref<T: 'static>(&self) -> Option<&T> {
        self.value.downcast_ref()
    }

    /// The name of its type, for people: two types may have the same.
    #[must_use]
    pub fn type_name(&self) -> &'static str {
        self.type_name
    }
}

impl fmt::Debug for AnyValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AnyValue({})", self.type_name)
    }
}
