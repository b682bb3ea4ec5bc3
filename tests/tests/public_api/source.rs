//! The sources of a crate: its modules, and what stands in them.
use crate::text::text;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::slice;
use syn::{Attribute, Expr, Item, ItemMod, ItemStruct, Lit, Meta};

/// Macros that write items. `written` asks the compiler for those of the first two; the
/// last one's are private.
const MACROS: [&str; 4] = ["wake_by", "task_fn", "tuple", "thread_local"];

/// The items of each module, by its path. Without tests and what is hidden.
#[derive(Default)]
pub(crate) struct Source {
    pub(crate) modules: BTreeMap<Vec<String>, Vec<Placed>>,
}

pub(crate) struct Placed {
    pub(crate) item: Item,
    /// On which conditions it is there; those of its modules too.
    pub(crate) cfgs: Vec<String>,
}

/// A module in a file of its own, or in its parent's, as if it had one.
struct Place<'a> {
    module: &'a [String],
    file: &'a Path,
    /// Where the files of its modules are.
    below: &'a Path,
    cfgs: &'a [String],
}

impl Source {
    pub(crate) fn read(lib: &Path) -> Self {
        let mut source = Self::default();
        source.file(&Place {
            module: &[],
            file: lib,
            below: lib.parent().unwrap(),
            cfgs: &[],
        });
        source
    }

    fn file(&mut self, place: &Place<'_>) {
        let file = place.file.display();
        let text = fs::read_to_string(place.file).unwrap_or_else(|e| panic!("{file}: {e}"));
        let parsed = syn::parse_file(&text).unwrap_or_else(|e| panic!("{file}: {e}"));
        self.items(place, parsed.items);
    }

    fn items(&mut self, place: &Place<'_>, items: Vec<Item>) {
        self.modules.entry(place.module.to_vec()).or_default();
        for item in items.into_iter().map(declared) {
            let cfgs = [place.cfgs, &cfgs(attrs(&item))].concat();
            if is_hidden(attrs(&item)) || cfgs.iter().any(|cfg| cfg == "test") {
                continue;
            }
            match &item {
                Item::Mod(inner) => self.module(place, inner, &cfgs),
                Item::Macro(call) if call.ident.is_none() => {
                    let name = text(&call.mac.path);
                    assert!(MACROS.contains(&&*name), "`{name}!` is not looked into");
                }
                _ => {}
            }
            let items = self.modules.get_mut(place.module).unwrap();
            items.push(Placed { item, cfgs });
        }
    }

    fn module(&mut self, place: &Place<'_>, inner: &ItemMod, cfgs: &[String]) {
        let name = inner.ident.to_string();
        let module = &[place.module, slice::from_ref(&name)].concat();
        let beside = place.file.parent().unwrap();
        let given = values(&inner.attrs, "path").next();
        let (file, below) = match given.map(|path| beside.join(path)) {
            Some(file) => (file.clone(), file.parent().unwrap().to_owned()),
            None => (
                place.below.join(format!("{name}.rs")),
                place.below.join(&name),
            ),
        };
        let place = Place {
            module,
            file: &file,
            below: &below,
            cfgs,
        };
        match &inner.content {
            Some((_, items)) => self.items(&place, items.clone()),
            None => self.file(&place),
        }
    }
}

/// What `pin_project!` declares is a struct like any other.
fn declared(item: Item) -> Item {
    match item {
        Item::Macro(call) if text(&call.mac.path).ends_with("pin_project") => {
            let parsed = call.mac.parse_body::<ItemStruct>();
            let mut declared = parsed.expect("it declares one struct, and no more");
            declared.attrs.extend(call.attrs);
            Item::Struct(declared)
        }
        item => item,
    }
}

pub(crate) fn attrs(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Union(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

pub(crate) fn cfgs(attrs: &[Attribute]) -> Vec<String> {
    lists(attrs, "cfg").collect()
}

pub(crate) fn is_hidden(attrs: &[Attribute]) -> bool {
    lists(attrs, "doc").any(|inside| inside == "hidden")
}

/// What stands in the parentheses of attributes of that name.
pub(crate) fn lists(attrs: &[Attribute], name: &str) -> impl Iterator<Item = String> {
    let named = attrs.iter().filter(move |attr| attr.path().is_ident(name));
    named.filter_map(|attr| attr.meta.require_list().ok().map(|list| text(&list.tokens)))
}

/// What is after the `=` of attributes of that name.
pub(crate) fn values(attrs: &[Attribute], name: &str) -> impl Iterator<Item = String> {
    let named = attrs.iter().filter(move |attr| attr.path().is_ident(name));
    named.filter_map(|attr| match &attr.meta {
        Meta::NameValue(pair) => match &pair.value {
            Expr::Lit(literal) => match &literal.lit {
                Lit::Str(string) => Some(string.value()),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    })
}
