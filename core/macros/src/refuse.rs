//! Signatures that cannot be a task's, and what to write instead.

use proc_macro2::{Ident, Span};
use quote::ToTokens;
use syn::{Error, FnArg, Pat, PatType, Result, ReturnType, Signature, Type};

use crate::tokens::{borrows, has_impl, last_segment, mentions, plain};

/// As many as a tuple may have and still be hashed, compared and shown.
const MOST_INPUTS: usize = 12;

/// All that is wrong with a signature, so that it is said at once.
#[derive(Default)]
pub(crate) struct Refusals(Option<Error>);

impl From<Error> for Refusals {
    fn from(error: Error) -> Self {
        Self(Some(error))
    }
}

impl Refusals {
    pub(crate) fn or<T>(self, accepted: T) -> Result<T> {
        self.0.map_or(Ok(accepted), Err)
    }

    pub(crate) fn inputs(&mut self, params: &[&PatType], first_may_be_context: bool) {
        for (index, param) in params.iter().enumerate() {
            let may_be_context = first_may_be_context && index == 0;
            if let Some(message) = input(param, may_be_context) {
                self.add(&param.ty, message);
            }
            self.no_cfg(param);
        }
        if let Some(param) = params.get(MOST_INPUTS) {
            self.add(
                param,
                "a task has at most 12 inputs: gather them in a struct",
            );
        }
    }

    pub(crate) fn state(&mut self, state: &Type) {
        if has_impl(state) {
            self.add(
                state,
                "name the state's type: a concrete one, or a generic of the function, \
                `S: Trait + Send + Sync + 'static`",
            );
        }
    }

    pub(crate) fn output(&mut self, output: &ReturnType) {
        let ReturnType::Type(_, ty) = output else {
            return;
        };
        if has_impl(ty) {
            self.add(
                ty,
                "name the output's type: it is stored, and `impl Trait` has no name",
            );
        } else if borrows(ty) {
            self.add(
                ty,
                "an output outlives the run and is handed to many callers: return \
                an owned type, such as `String` or `Arc<T>`",
            );
        }
    }

    fn qualifiers(&mut self, sig: &Signature) {
        if let Some(token) = &sig.constness {
            self.add(
                token,
                "a task is run by a context, never in a constant: remove `const`",
            );
        }
        if let Some(token) = &sig.unsafety {
            self.add(
                token,
                "a task is run by a context, which cannot uphold the contract of an \
                `unsafe fn`: make it safe, with an `unsafe` block inside",
            );
        }
        if let Some(abi) = &sig.abi {
            self.add(abi, "a task is a plain Rust function: remove `extern`");
        }
        if let Some(variadic) = &sig.variadic {
            self.add(
                variadic,
                "a task takes a fixed number of inputs: take a `Vec`",
            );
        }
    }

    fn method(&mut self, sig: &Signature) {
        if let Some(FnArg::Receiver(receiver)) = sig.inputs.first() {
            self.add(
                receiver,
                "a task is a free function, not a method: move it out of the `impl`, and let \
                it take what it needs of `self` as an input, or from the state, \
                `ctx: &Ctx<State>`",
            );
        } else if mentions(&sig, &[Ident::new("Self", Span::call_site())]) {
            self.add(
                &sig.ident,
                "a task is a free function: move it out of the `impl`, and write the type's \
                name for `Self`",
            );
        }
    }

    fn no_cfg(&mut self, param: &PatType) {
        for attr in param
            .attrs
            .iter()
            .filter(|attr| attr.path().is_ident("cfg"))
        {
            self.add(
                attr,
                "an input cannot be left out by `cfg`: write two tasks and put \
                `cfg` on each",
            );
        }
    }

    pub(crate) fn add(&mut self, at: &impl ToTokens, message: &str) {
        self.take(Error::new_spanned(at, message));
    }

    pub(crate) fn take(&mut self, error: Error) {
        match &mut self.0 {
            Some(errors) => errors.combine(error),
            None => self.0 = Some(error),
        }
    }
}

/// What is wrong before inputs and output are looked at.
pub(crate) fn form(sig: &Signature) -> Result<()> {
    let mut refusals = Refusals::default();
    refusals.qualifiers(sig);
    refusals.method(sig);
    for lifetime in sig.generics.lifetimes() {
        refusals.add(
            lifetime,
            "a task outlives its caller, so it has no lifetimes: take inputs by \
            value or as plain `&T`, of which the call keeps an owned copy",
        );
    }
    refusals.or(())
}

fn input(param: &PatType, may_be_context: bool) -> Option<&'static str> {
    if may_be_context {
        if let Some(message) = context(param) {
            return Some(message);
        }
    } else if is_context(referent(&param.ty)) {
        return Some("the context comes first: `fn task(ctx: &Ctx<State>, …)`");
    }
    match plain(&param.ty) {
        ty if has_impl(ty) => Some(
            "name the input's type: a concrete one, or a generic `T: Trait` of \
            the function",
        ),
        Type::Reference(reference) if reference.mutability.is_some() => Some(
            "an input is kept and compared, so it cannot be `&mut`: take it by \
            value or as `&T`, and return what is new",
        ),
        Type::Reference(reference) if reference.lifetime.is_none() => {
            borrows(&reference.elem).then_some(NESTED)
        }
        ty => borrows(ty).then_some(NESTED),
    }
}

const NESTED: &str = "an input outlives its caller and must own what it holds: only a \
                     plain `&T` is made owned for you; write `String` for `&str`, \
                     `Vec<T>` for `&[T]`";

/// A first parameter that was meant to be the context and is not `&Ctx<_>`.
fn context(param: &PatType) -> Option<&'static str> {
    let named_ctx =
        matches!(&*param.pat, Pat::Ident(pat) if pat.ident == "ctx" || pat.ident == "_ctx");
    match plain(&param.ty) {
        Type::Reference(reference)
            if reference.mutability.is_some() && is_context(&reference.elem) =>
        {
            Some("a context is shared: take it as `&Ctx<State>`, without `mut`")
        }
        Type::Reference(_) if named_ctx => Some(
            "the context is known by the name of its type, which must be `Ctx`: \
            write `ctx: &Ctx<State>`, or give the input another name",
        ),
        ty if is_context(ty) => Some("take the context by reference: `&Ctx<State>`"),
        _ => None,
    }
}

pub(crate) fn is_context(ty: &Type) -> bool {
    last_segment(ty).is_some_and(|segment| segment.ident == "Ctx")
}

pub(crate) fn referent(ty: &Type) -> &Type {
    match plain(ty) {
        Type::Reference(reference) => &reference.elem,
        ty => ty,
    }
}
