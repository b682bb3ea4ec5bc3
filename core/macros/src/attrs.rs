//! Which attributes of the fn go where.

use quote::ToTokens;
use syn::{Attribute, Meta, parse_quote};

#[derive(Default)]
pub(crate) struct Attrs {
    /// `cfg`: on all that the fn becomes.
    pub(crate) everywhere: Vec<Attribute>,
    /// Documentation, deprecation and lints: on the fn that makes the call.
    pub(crate) call: Vec<Attribute>,
    /// Lints, and what is not known here (`inline`, `tracing::instrument`): on
    /// the fn that has the body.
    pub(crate) body: Vec<Attribute>,
}

impl Attrs {
    pub(crate) fn sort(attrs: &[Attribute]) -> Self {
        let mut sorted = Self::default();
        for attr in attrs {
            sorted.take(attr);
        }
        sorted
    }

    fn take(&mut self, attr: &Attribute) {
        let is = |name| attr.path().is_ident(name);
        if is("cfg") {
            return self.everywhere.push(attr.clone());
        }
        if is("doc") || is("deprecated") {
            return self.call.push(attr.clone());
        }
        if let "allow" | "warn" | "deny" | "forbid" = &*attr.path().to_token_stream().to_string() {
            self.call.push(attr.clone());
        } else if is("expect") {
            self.call.push(allowed(attr));
        }
        self.body.push(attr.clone());
    }
}

/// The body meets the expectation; the call may also cause what is expected.
fn allowed(expect: &Attribute) -> Attribute {
    match &expect.meta {
        Meta::List(list) => {
            let lints = &list.tokens;
            parse_quote!(#[allow(#lints)])
        }
        _ => expect.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(attrs: &[Attribute]) -> Vec<String> {
        attrs
            .iter()
            .map(|attr| attr.path().to_token_stream().to_string())
            .collect()
    }

    #[test]
    fn attributes_go_where_they_mean_something() {
        let sorted = Attrs::sort(&[
            parse_quote!(#[doc = "text"]),
            parse_quote!(#[cfg(test)]),
            parse_quote!(#[deprecated]),
            parse_quote!(#[allow(unused)]),
            parse_quote!(#[expect(clippy::pedantic)]),
            parse_quote!(#[instrument]),
        ]);
        assert_eq!(names(&sorted.everywhere), ["cfg"]);
        assert_eq!(names(&sorted.call), ["doc", "deprecated", "allow", "allow"]);
        assert_eq!(names(&sorted.body), ["allow", "expect", "instrument"]);
    }
}
