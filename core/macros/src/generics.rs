//! Which generics of the fn go where.
//!
//! Those that the state's type fixes are generics of the `impl` alone: one call then
//! fits every state. All others belong to the hidden type too, and tell tasks apart.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::punctuated::Punctuated;
use syn::{GenericParam, Token, Type, TypeParamBound, WhereClause, WherePredicate, parse_quote};

use crate::signature::Signature;
use crate::tokens::{mentions, projects};

pub(crate) struct Generics {
    /// As written.
    all: syn::Generics,
    /// Those of the fn that makes the call.
    pub(crate) call: syn::Generics,
    hidden: Vec<GenericParam>,
}

impl Generics {
    pub(crate) fn split(all: &syn::Generics, signature: &Signature) -> Self {
        let fixed = fixed_by_state(all, signature);
        let inputs = signature.inputs.iter().map(|input| &input.ty);
        let unnamed = fixed.iter().filter(|name| {
            !inputs
                .clone()
                .any(|ty| mentions(ty, std::slice::from_ref(*name)))
        });
        let unnamed: Vec<Ident> = unnamed.cloned().collect();
        let is_hidden =
            |param: &&GenericParam| !name(param).is_some_and(|name| fixed.contains(name));
        Self {
            call: without(all, &unnamed),
            hidden: all.params.iter().filter(is_hidden).cloned().collect(),
            all: all.clone(),
        }
    }

    /// All, and those of the hidden type are `'static`, as tasks are: without it rustc
    /// says so a dozen times.
    pub(crate) fn of_impl(&self) -> syn::Generics {
        let mut generics = self.all.clone();
        let hidden: Vec<_> = self.hidden_types().collect();
        for param in generics
            .type_params_mut()
            .filter(|param| hidden.contains(&&param.ident))
        {
            param.bounds.push(parse_quote!('static));
        }
        generics
    }

    /// `<T: ?Sized, const N: usize>`, for the definition of the hidden type.
    pub(crate) fn of_hidden(&self) -> TokenStream {
        let param = |param: &GenericParam| match param {
            GenericParam::Type(ty) => {
                let name = &ty.ident;
                quote!(#name: ?::core::marker::Sized)
            }
            param => quote!(#param),
        };
        angled(self.hidden.iter().map(param))
    }

    /// `<T, N>`, after the hidden type's name.
    pub(crate) fn to_hidden(&self) -> TokenStream {
        let names = self.hidden.iter().filter_map(name);
        angled(names.map(|name| quote!(#name)))
    }

    /// The types among them, for the hidden type to hold.
    pub(crate) fn hidden_types(&self) -> impl Iterator<Item = &Ident> {
        self.hidden.iter().filter_map(|param| match param {
            GenericParam::Type(ty) => Some(&ty.ident),
            _ => None,
        })
    }
}

fn angled(params: impl Iterator<Item = TokenStream>) -> TokenStream {
    let mut params = params.peekable();
    if params.peek().is_none() {
        return TokenStream::new();
    }
    quote!(<#(#params),*>)
}

fn fixed_by_state(all: &syn::Generics, signature: &Signature) -> Vec<Ident> {
    let Some(context) = &signature.context else {
        return Vec::new();
    };
    let is_fixed = |name: &&Ident| is_fixed_by(&context.state, name);
    all.params
        .iter()
        .filter_map(name)
        .filter(is_fixed)
        .cloned()
        .collect()
}

fn is_fixed_by(state: &Type, name: &Ident) -> bool {
    let name = std::slice::from_ref(name);
    mentions(state, name) && !projects(state, name)
}

fn name(param: &GenericParam) -> Option<&Ident> {
    match param {
        GenericParam::Type(ty) => Some(&ty.ident),
        GenericParam::Const(constant) => Some(&constant.ident),
        GenericParam::Lifetime(_) => None,
    }
}

/// The generics that remain without those in `gone`, with the bounds that do not
/// mention these.
fn without(all: &syn::Generics, gone: &[Ident]) -> syn::Generics {
    let stays = |param: &&GenericParam| !name(param).is_some_and(|name| gone.contains(name));
    let mut rest = all.clone();
    rest.params = all.params.iter().filter(stays).cloned().collect();
    for param in rest.type_params_mut() {
        keep_bounds(&mut param.bounds, gone);
    }
    rest.where_clause = all
        .where_clause
        .as_ref()
        .map(|clause| where_without(clause, gone));
    rest
}

fn where_without(clause: &WhereClause, gone: &[Ident]) -> WhereClause {
    let predicates = clause
        .predicates
        .iter()
        .filter_map(|predicate| match predicate {
            WherePredicate::Type(ty) if !mentions(&ty.bounded_ty, gone) => {
                let mut ty = ty.clone();
                keep_bounds(&mut ty.bounds, gone);
                (!ty.bounds.is_empty()).then_some(WherePredicate::Type(ty))
            }
            _ => None,
        });
    WhereClause {
        where_token: clause.where_token,
        predicates: predicates.collect(),
    }
}

fn keep_bounds(bounds: &mut Punctuated<TypeParamBound, Token![+]>, gone: &[Ident]) {
    let kept = bounds
        .iter()
        .filter(|bound| !mentions(bound, gone))
        .cloned();
    *bounds = kept.collect();
}
