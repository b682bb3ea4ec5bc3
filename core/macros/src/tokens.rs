//! Questions about types, answered by their tokens.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::Type;

/// The type without the invisible groups that `macro_rules!` puts around its
/// fragments, and without parentheses.
pub(crate) fn plain(ty: &Type) -> &Type {
    match ty {
        Type::Group(group) => plain(&group.elem),
        Type::Paren(paren) => plain(&paren.elem),
        ty => ty,
    }
}

/// The last segment of the path that a type is.
pub(crate) fn last_segment(ty: &Type) -> Option<&syn::PathSegment> {
    match plain(ty) {
        Type::Path(path) => path.path.segments.last(),
        _ => None,
    }
}

pub(crate) fn mentions(tokens: &impl ToTokens, names: &[Ident]) -> bool {
    any(tokens.to_token_stream(), &|token, _| {
        is_one_of(token, names)
    })
}

/// A use of one of `names` through which nothing can be inferred: `S::Id`, or
/// anything in a type with `<S as …>`.
pub(crate) fn projects(tokens: &impl ToTokens, names: &[Ident]) -> bool {
    let is_as = |token: &TokenTree| matches!(token, TokenTree::Ident(ident) if ident == "as");
    any(tokens.to_token_stream(), &|token, next| {
        is_as(token) || is_one_of(token, names) && next.is_some_and(|next| is_punct(next, ':'))
    })
}

/// A type that borrows: a reference or a lifetime that is not `'static`. Types
/// of functions are left to rustc: they bind lifetimes of their own.
pub(crate) fn borrows(ty: &Type) -> bool {
    let tokens = ty.to_token_stream();
    let binds = |token: &TokenTree, _: Option<&TokenTree>| {
        ["fn", "Fn", "FnMut", "FnOnce", "for"]
            .into_iter()
            .any(|name| is_ident(token, name))
    };
    let borrow = |token: &TokenTree, next: Option<&TokenTree>| {
        let lifetime = |token| is_punct(token, '\'');
        is_punct(token, '&') && !next.is_some_and(lifetime)
            || lifetime(token) && !next.is_some_and(|next| is_ident(next, "static"))
    };
    !any(tokens.clone(), &binds) && any(tokens, &borrow)
}

pub(crate) fn has_impl(ty: &Type) -> bool {
    any(ty.to_token_stream(), &|token, _| is_ident(token, "impl"))
}

/// The places of the first and the last token. What is made from a token with the one,
/// others, and a token with the other is shown by rustc as the whole.
pub(crate) fn ends(tokens: &impl ToTokens) -> (Span, Span) {
    let mut tokens = tokens
        .to_token_stream()
        .into_iter()
        .map(|token| token.span());
    let first = tokens.next().unwrap_or_else(Span::call_site);
    (first, tokens.last().unwrap_or(first))
}

/// Whether something holds for a token and its successor, groups included.
fn any(tokens: TokenStream, holds: &dyn Fn(&TokenTree, Option<&TokenTree>) -> bool) -> bool {
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        let inside = match &token {
            TokenTree::Group(group) => any(group.stream(), holds),
            _ => false,
        };
        if inside || holds(&token, tokens.peek()) {
            return true;
        }
    }
    false
}

fn is_one_of(token: &TokenTree, names: &[Ident]) -> bool {
    matches!(token, TokenTree::Ident(ident) if names.contains(ident))
}

fn is_ident(token: &TokenTree, name: &str) -> bool {
    matches!(token, TokenTree::Ident(ident) if ident == name)
}

fn is_punct(token: &TokenTree, char: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == char)
}

#[cfg(test)]
mod tests {
    use super::*;
    use syn::parse_quote;

    #[test]
    fn only_static_references_own_their_data() {
        for ty in [
            parse_quote!(Option<&str>),
            parse_quote!(Cow<'_, str>),
            parse_quote!((&'a u8, u8)),
        ] {
            assert!(borrows(&ty), "{}", ty.to_token_stream());
        }
        for ty in [
            parse_quote!(&'static str),
            parse_quote!(Vec<u8>),
            parse_quote!(fn(&str) -> &str),
        ] {
            assert!(!borrows(&ty), "{}", ty.to_token_stream());
        }
    }

    #[test]
    fn a_projection_is_told_from_a_mention() {
        let names = [parse_quote!(S)];
        let shared: Type = parse_quote!(Arc<(u8, [S; 2])>);
        let part: Type = parse_quote!(S::Part);
        let foreign: Type = parse_quote!(crate::T<u8>);
        assert!(mentions(&shared, &names) && !projects(&shared, &names));
        assert!(mentions(&part, &names) && projects(&part, &names));
        assert!(!mentions(&foreign, &names));
    }
}
