//! What a task's signature says: context, inputs, output.

use proc_macro2::{Ident, Span};
use quote::format_ident;
use syn::ext::IdentExt;
use syn::{FnArg, Pat, PatType, PathArguments, ReturnType, Type, parse_quote};

use crate::refuse::{Refusals, form, is_context, referent};
use crate::tokens::{last_segment, plain};

pub(crate) struct Signature {
    pub(crate) context: Option<Context>,
    pub(crate) inputs: Vec<Input>,
    pub(crate) output: Output,
}

/// The parameter `ctx: &Ctx<State>`.
pub(crate) struct Context {
    pub(crate) ty: Type,
    pub(crate) state: Type,
}

pub(crate) struct Input {
    pub(crate) pat: Pat,
    pub(crate) ty: Type,
    /// Its name in the fn that makes the call.
    pub(crate) name: Ident,
}

impl Input {
    /// What a reference refers to. The input of the call is its owned form;
    /// `&'static T` is owned already.
    pub(crate) fn borrowed(&self) -> Option<&Type> {
        match plain(&self.ty) {
            Type::Reference(reference) if reference.lifetime.is_none() => Some(&reference.elem),
            _ => None,
        }
    }
}

pub(crate) enum Output {
    Unit,
    Plain(Type),
    /// A type whose last segment ends in `Result`.
    Fallible(Type),
}

impl Signature {
    pub(crate) fn read(sig: &syn::Signature) -> syn::Result<Self> {
        form(sig)?;
        let mut params = typed(sig);
        let context = params.first().and_then(|param| context(&param.ty));
        if context.is_some() {
            params.remove(0);
        }
        let mut refusals = Refusals::default();
        if let Some(context) = &context {
            refusals.state(&context.state);
        }
        refusals.inputs(&params, context.is_none());
        refusals.output(&sig.output);
        let output = output(&sig.output);
        refusals.or(Self {
            context,
            inputs: inputs(&params),
            output,
        })
    }
}

/// Of a signature that is refused, as far as it can be told.
impl Signature {
    pub(crate) fn guess(sig: &syn::Signature) -> Self {
        let given = |arg: &&FnArg| !Self::may_be_context(arg);
        let given: Vec<_> = sig
            .inputs
            .iter()
            .filter(given)
            .filter_map(one_typed)
            .collect();
        let mut params = sig.inputs.iter().filter_map(one_typed);
        Self {
            context: params.find_map(|param| stated(referent(&param.ty), &param.ty)),
            inputs: inputs(&given),
            output: output(&sig.output),
        }
    }

    pub(crate) fn may_be_context(arg: &FnArg) -> bool {
        one_typed(arg).is_some_and(|param| is_context(referent(&param.ty)) || named_ctx(param))
    }
}

fn one_typed(arg: &FnArg) -> Option<&PatType> {
    match arg {
        FnArg::Receiver(_) => None,
        FnArg::Typed(param) => Some(param),
    }
}

fn named_ctx(param: &PatType) -> bool {
    let is_named =
        matches!(&*param.pat, Pat::Ident(pat) if pat.ident == "ctx" || pat.ident == "_ctx");
    is_named && matches!(plain(&param.ty), Type::Reference(_))
}

fn typed(sig: &syn::Signature) -> Vec<&PatType> {
    sig.inputs.iter().filter_map(one_typed).collect()
}

fn context(ty: &Type) -> Option<Context> {
    let Type::Reference(reference) = plain(ty) else {
        return None;
    };
    if reference.mutability.is_some() {
        return None;
    }
    stated(&reference.elem, ty)
}

/// With the state that its type names.
fn stated(referent: &Type, ty: &Type) -> Option<Context> {
    let segment = last_segment(referent).filter(|segment| segment.ident == "Ctx")?;
    let state = match &segment.arguments {
        PathArguments::AngleBracketed(state) => {
            let state = &state.args;
            parse_quote!(#state)
        }
        _ => parse_quote!(()),
    };
    Some(Context {
        ty: ty.clone(),
        state,
    })
}

fn inputs(params: &[&PatType]) -> Vec<Input> {
    let named = |(index, param): (usize, &&PatType)| Input {
        pat: (*param.pat).clone(),
        ty: (*param.ty).clone(),
        name: name(&param.pat, index),
    };
    params.iter().enumerate().map(named).collect()
}

/// A pattern's own name, without the underscore of an unused one; `arg1` for
/// patterns that have none. Its hygiene is the macro's: it meets no other name.
fn name(pat: &Pat, index: usize) -> Ident {
    let written = match pat {
        Pat::Ident(pat) => pat.ident.unraw().to_string(),
        _ => String::new(),
    };
    let name = match written.trim_start_matches('_') {
        name if name.starts_with(char::is_alphabetic) => format_ident!("{name}"),
        _ => format_ident!("arg{}", index + 1),
    };
    let name = syn::parse_str(&name.to_string()).unwrap_or_else(|_| format_ident!("r#{name}"));
    with_place_of(name, pat)
}

fn with_place_of(mut name: Ident, pat: &Pat) -> Ident {
    let place = syn::spanned::Spanned::span(pat);
    name.set_span(Span::mixed_site().located_at(place));
    name
}

fn output(output: &ReturnType) -> Output {
    let ReturnType::Type(_, ty) = output else {
        return Output::Unit;
    };
    match last_segment(ty) {
        Some(segment) if segment.ident.to_string().ends_with("Result") => {
            Output::Fallible((**ty).clone())
        }
        _ => Output::Plain((**ty).clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use quote::ToTokens;

    fn read(sig: &syn::Signature) -> Signature {
        Signature::read(sig).unwrap_or_else(|error| panic!("{error}"))
    }

    fn state(sig: syn::Signature) -> Option<String> {
        read(&sig)
            .context
            .map(|context| context.state.to_token_stream().to_string())
    }

    #[test]
    fn the_context_is_known_by_its_type() {
        assert_eq!(
            state(parse_quote!(fn f(_: &Ctx<App>))).as_deref(),
            Some("App")
        );
        assert_eq!(
            state(parse_quote!(fn f(c: &runce::Ctx<App>, id: u64))).as_deref(),
            Some("App")
        );
        assert_eq!(state(parse_quote!(fn f(ctx: &Ctx))).as_deref(), Some("()"));
        assert_eq!(state(parse_quote!(fn f(id: u64))), None);
    }

    #[test]
    fn inputs_get_names_that_read_well() {
        let sig =
            parse_quote!(fn f(mut a: u8, _b: u8, (x, y): (u8, u8), _: u8, r#type: u8, _loop: u8));
        let names: Vec<_> = read(&sig)
            .inputs
            .iter()
            .map(|input| input.name.to_string())
            .collect();
        assert_eq!(names, ["a", "b", "arg3", "arg4", "r#type", "r#loop"]);
    }

    #[test]
    fn fallible_is_what_ends_in_result() {
        let fallible = |sig| matches!(read(&sig).output, Output::Fallible(_));
        assert!(fallible(parse_quote!(fn f() -> Result<u8, E>)));
        assert!(fallible(parse_quote!(fn f() -> std::io::Result<u8>)));
        assert!(fallible(parse_quote!(fn f() -> DbResult<u8>)));
        assert!(!fallible(parse_quote!(fn f() -> Option<Result<u8, E>>)));
        assert!(!fallible(parse_quote!(fn f() -> Results)));
    }

    #[test]
    fn a_static_reference_is_owned() {
        let borrowed = |sig| read(&sig).inputs[0].borrowed().is_some();
        assert!(borrowed(parse_quote!(fn f(name: &str))));
        assert!(!borrowed(parse_quote!(fn f(name: &'static str))));
        assert!(!borrowed(parse_quote!(fn f(name: String))));
    }
}
