//! The fn as it was written.
//!
//! It becomes an associated fn, so its own name means the call within its body, and
//! attributes such as `tracing::instrument` still see it by its name. One thing
//! changes: it owns what it took by reference, and lends it to the body. So no future
//! is needed around its own to keep the owned form.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{FnArg, PatType, Signature};

use crate::attrs::Attrs;
use crate::expand::Task;
use crate::inputs::owned;
use crate::signature::Input;

pub(crate) fn body(task: &Task, attrs: &Attrs) -> TokenStream {
    let (attrs, sig, body) = (&attrs.body, owning(task), lending(task));
    let unfit = unfit_lints(task);
    quote! {
        enum __RunceBody {}
        impl __RunceBody {
            #(#attrs)* #[allow(#unfit)] #sig #body
        }
    }
}

/// What nobody could follow or is said of the call already: a task is never `const`,
/// the owned form of a reference is only lent, and a call nobody makes is dead.
fn unfit_lints(task: &Task) -> TokenStream {
    let lends = task
        .signature
        .inputs
        .iter()
        .any(|input| input.borrowed().is_some());
    let by_value = lends.then(|| quote!(, clippy::needless_pass_by_value));
    quote!(dead_code, clippy::missing_const_for_fn #by_value)
}

fn owning(task: &Task) -> Signature {
    let mut sig = task.item.sig.clone();
    let context = usize::from(task.signature.context.is_some());
    let params = sig.inputs.iter_mut().skip(context);
    for (param, input) in params.zip(&task.signature.inputs) {
        if let (FnArg::Typed(param), Some(_)) = (param, input.borrowed()) {
            own(param, input, owned(task, input));
        }
    }
    sig
}

fn own(param: &mut PatType, input: &Input, owned: TokenStream) {
    let name = &input.name;
    *param.pat = syn::parse_quote!(#name);
    *param.ty = syn::Type::Verbatim(owned);
}

/// A `match` and no `let`: what the body's last expression makes and drops late may
/// borrow from the bindings of an arm, as from parameters. The braces have the place
/// of the body's, for errors to show the fn.
fn lending(task: &Task) -> TokenStream {
    let body = &task.item.body;
    let borrowed = |input| Input::borrowed(input).map(|ty| (input, ty));
    let inputs: Vec<_> = task.signature.inputs.iter().filter_map(borrowed).collect();
    if inputs.is_empty() {
        return body.to_token_stream();
    }
    let pats = inputs.iter().map(|(input, _)| &input.pat);
    let lent = inputs
        .iter()
        .map(|(Input { name, .. }, ty)| quote!(::core::borrow::Borrow::<#ty>::borrow(&#name)));
    let lent = quote!(match (#(#lent,)*) { (#(#pats,)*) => #body });
    quote_spanned!(body.span()=> { #lent })
}
