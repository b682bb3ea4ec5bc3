//! `impl Task<State> for` the hidden type.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::Type;
use syn::ext::IdentExt;
use syn::spanned::Spanned;

use crate::expand::Task;
use crate::inputs::{self, names};
use crate::keep::keep;
use crate::signature::Output;
use crate::tokens::ends;

pub(crate) fn implement(task: &Task) -> TokenStream {
    let (krate, hidden, arguments) = (task.krate(), task.hidden(), task.generics.to_hidden());
    let (state, generics) = state(task);
    let (params, _, bounds) = generics.split_for_impl();
    let (input, name) = (inputs::ty(task), name(task));
    let (output, run, label) = (output(task), run(task, &state), label(task, &name));
    let keep = keep(task);
    quote! {
        #[automatically_derived]
        impl #params #krate::Task<#state> for #hidden #arguments #bounds {
            type Input = #input;
            #output
            fn name() -> &'static str { #name }
            #run
            #keep
            #label
        }
    }
}

/// The state; any, where there is no context.
fn state(task: &Task) -> (TokenStream, syn::Generics) {
    let mut generics = task.generics.of_impl();
    if let Some(context) = &task.signature.context {
        return (context.state.to_token_stream(), generics);
    }
    let any = format_ident!("__State");
    let any_state = syn::parse_quote! {
        #any: ::core::marker::Send + ::core::marker::Sync + 'static
    };
    generics.params.push(any_state);
    (quote!(#any), generics)
}

fn name(task: &Task) -> TokenStream {
    match &task.options.name {
        Some(name) => quote!(#name),
        None => task.item.sig.ident.unraw().to_string().to_token_stream(),
    }
}

/// Both types have the place of the one that was written.
fn output(task: &Task) -> TokenStream {
    let infallible = quote!(
        type Error = ::core::convert::Infallible;
    );
    match &task.signature.output {
        Output::Unit => quote!(type Output = (); #infallible),
        Output::Plain(ty) => {
            let (start, end) = ends(ty);
            let semi = quote_spanned!(end=> ;);
            quote_spanned!(start=> type Output = #ty #semi #infallible)
        }
        Output::Fallible(ty) => [half(task, ty, "Output"), half(task, ty, "Error")]
            .into_iter()
            .collect(),
    }
}

/// `type Output = <Result<…> as Fallible>::Output;`
fn half(task: &Task, ty: &Type, half: &str) -> TokenStream {
    let (start, end) = ends(ty);
    let (krate, half) = (task.krate_at(end), Ident::new(half, end));
    let fallible = quote_spanned!(end=> #krate::__private::Fallible>::#half;);
    quote_spanned!(start=> type #half = <#ty as #fallible)
}

/// Makes no future of its own around that of an `async` body: one more coroutine in
/// each task halves the depth that `recursion_limit` allows, and shows up in errors
/// about circular tasks.
fn run(task: &Task, state: &TokenStream) -> TokenStream {
    let (krate, place) = (task.krate(), task.item.sig.ident.span());
    let (check, future) = (check(task), future(task));
    let needs_ctx = task.signature.context.is_some() || task.options.blocking.is_some();
    let ctx = if needs_ctx { quote!(ctx) } else { quote!(_) };
    let returned = quote_spanned! {place=>
        impl ::core::future::Future<
            Output = ::core::result::Result<Self::Output, Self::Error>
        > + ::core::marker::Send
    };
    let parts = inputs::pattern(task);
    quote! {
        #[allow(clippy::redundant_closure)]
        fn run(#ctx: &#krate::Ctx<#state>, input: Self::Input) -> #returned {
            #check
            let #parts = input;
            #future
        }
    }
}

/// An alias may hide a `Result`: its errors would be memoised as values.
fn check(task: &Task) -> TokenStream {
    let Output::Plain(ty) = &task.signature.output else {
        return TokenStream::new();
    };
    let (start, end) = ends(ty);
    let krate = task.krate_at(start);
    let verdict = quote_spanned!(end=> ::VERDICT);
    let asked = quote_spanned! {start=>
        #krate::__private::not_a_result(#krate::__private::Returned::<#ty>#verdict);
    };
    let krate = task.krate();
    quote!({
        #[allow(unused_imports)]
        use #krate::__private::Verdict as _;
        #asked
    })
}

fn future(task: &Task) -> TokenStream {
    let (place, body) = (task.item.sig.ident.span(), body(task));
    let krate = task.krate_at(place);
    let is_async = task.item.sig.asyncness.is_some();
    let is_fallible = matches!(task.signature.output, Output::Fallible(_));
    if task.options.blocking.is_some() {
        return blocking(task, &body, is_fallible);
    }
    match (is_async, is_fallible) {
        (true, true) => body,
        (true, false) => quote_spanned!(place=> #krate::__private::Infallibly::new(#body)),
        (false, true) => quote_spanned!(place=> async move { #body }),
        (false, false) => quote_spanned!(place=> async move { ::core::result::Result::Ok(#body) }),
    }
}

/// On a thread of its own, with a handle of its own.
fn blocking(task: &Task, body: &TokenStream, is_fallible: bool) -> TokenStream {
    let place = task.item.sig.ident.span();
    let krate = task.krate_at(place);
    let context = task.signature.context.as_ref();
    let ctx = context.map_or(quote!(_), |_| quote!(ctx));
    let result = match is_fallible {
        true => body.clone(),
        false => quote_spanned!(place=> ::core::result::Result::Ok(#body)),
    };
    quote_spanned!(place=> #krate::blocking(ctx, move |#ctx| #result))
}

/// The fn as written, called.
fn body(task: &Task) -> TokenStream {
    let sig = &task.item.sig;
    let name = &sig.ident;
    let (_, generics, _) = sig.generics.split_for_impl();
    let turbofish = generics.as_turbofish();
    let ctx = task
        .signature
        .context
        .as_ref()
        .map(|context| quote_spanned!(context.ty.span()=> ctx,));
    let inputs = names(task);
    quote_spanned!(name.span()=> __RunceBody::#name #turbofish (#ctx #(#inputs),*))
}

fn label(task: &Task, name: &TokenStream) -> TokenStream {
    if task.options.no_label {
        return TokenStream::new();
    }
    let krate = task.krate();
    let names: Vec<_> = names(task).collect();
    let parts = inputs::pattern(task);
    quote! {
        fn label(
            input: &Self::Input,
            f: &mut ::core::fmt::Formatter<'_>,
        ) -> ::core::fmt::Result {
            #[allow(unused_imports)]
            use #krate::__private::NoDebug as _;
            let #parts = input;
            #krate::__private::label(f, #name, &[#(#krate::__private::Part(#names).shown()),*])
        }
    }
}
