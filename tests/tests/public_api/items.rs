//! The lines of a crate's API.
use crate::names::{Names, is_public, name_of};
use crate::signature::{clause, predicates, qualifier, signature};
use crate::source::{Placed, cfgs, is_hidden, lists, values};
use crate::text::text;
use std::collections::BTreeSet;
use syn::{Attribute, Fields, Generics, Item, ItemTrait, TraitItem};

/// Said behind an item that has them.
const MARKS: [&str; 4] = [
    "deprecated",
    "must_use",
    "non_exhaustive",
    "proc_macro_attribute",
];

pub(crate) fn lines(krate: &str, names: &Names) -> BTreeSet<String> {
    let mut api = Api {
        krate,
        names,
        lines: BTreeSet::new(),
    };
    for (public, path) in &names.foreign {
        let line = format!("{krate}::{} = {}", public.name.join("::"), path.join("::"));
        api.line(line, "", &[], &public.cfgs);
    }
    for (module, items) in &names.source.modules {
        for placed in items {
            api.placed(module, placed);
        }
    }
    api.lines
}

pub(crate) struct Api<'a> {
    pub(crate) krate: &'a str,
    pub(crate) names: &'a Names,
    lines: BTreeSet<String>,
}

impl Api<'_> {
    fn placed(&mut self, module: &[String], placed: &Placed) {
        let item = self.names.translated(module, &placed.item);
        if let (Item::Impl(original), Item::Impl(item)) = (&placed.item, &item) {
            return self.implementation(module, original, item, &placed.cfgs);
        }
        let Some((_, ident)) = name_of(&item) else {
            return;
        };
        let path = [module, &[ident]].concat();
        if let Some(public) = self.names.public.get(&path) {
            let name = format!("{}::{}", self.krate, public.name.join("::"));
            self.item(&name, &item, &[&*placed.cfgs, &public.cfgs].concat());
        }
    }

    fn item(&mut self, name: &str, item: &Item, cfgs: &[String]) {
        match item {
            Item::Struct(item) => {
                let unit = matches!(item.fields, Fields::Unit);
                let kind = if unit { "unit struct" } else { "struct" };
                self.data(name, kind, &item.generics, &item.attrs, cfgs);
                self.fields(name, &item.fields, cfgs);
            }
            Item::Enum(item) => {
                self.data(name, "enum", &item.generics, &item.attrs, cfgs);
                for variant in &item.variants {
                    let line = format!("{name}::{}{}", variant.ident, text(&variant.fields));
                    self.line(line, "variant", &variant.attrs, cfgs);
                }
            }
            Item::Trait(item) => self.interface(name, item, cfgs),
            Item::Fn(item) => {
                let line = signature(name, &item.sig, &[]);
                self.line(line, qualifier(&item.sig), &item.attrs, cfgs);
                self.options(name, &item.attrs);
            }
            item => panic!("`{name}` is not looked into: {}", text(item)),
        }
    }

    fn data(
        &mut self,
        name: &str,
        kind: &str,
        generics: &Generics,
        attrs: &[Attribute],
        cfgs: &[String],
    ) {
        let (parameters, wheres) = (text(generics), clause(&predicates(generics)));
        self.line(format!("{name}{parameters}{wheres}"), kind, attrs, cfgs);
        self.derives(name, generics, attrs, cfgs);
    }

    fn derives(&mut self, name: &str, generics: &Generics, attrs: &[Attribute], cfgs: &[String]) {
        let parameters = text(&generics.split_for_impl().1);
        let lists: Vec<_> = lists(attrs, "derive").collect();
        for derived in lists.iter().flat_map(|list| list.split(", ")) {
            let full = match derived {
                "Debug" => "core::fmt::Debug",
                "Hash" => "core::hash::Hash",
                other => other,
            };
            let types = generics.type_params();
            let bounds: Vec<_> = types.map(|ty| format!("{}: {full}", ty.ident)).collect();
            let line = format!("{name}{parameters}: {full}{}", clause(&bounds));
            self.line(line, "", &[], cfgs);
        }
    }

    fn fields(&mut self, name: &str, fields: &Fields, cfgs: &[String]) {
        for (at, field) in fields.iter().enumerate() {
            if is_public(&field.vis) && !is_hidden(&field.attrs) {
                let ident = field.ident.as_ref();
                let ident = ident.map_or(at.to_string(), ToString::to_string);
                let line = format!("{name}::{ident}: {}", text(&field.ty));
                self.line(line, "field", &field.attrs, cfgs);
            }
        }
    }

    fn interface(&mut self, name: &str, item: &ItemTrait, cfgs: &[String]) {
        let colon = item.colon_token.map_or("", |_| ": ");
        let (generics, above) = (text(&item.generics), text(&item.supertraits));
        let wheres = clause(&predicates(&item.generics));
        let line = format!("{name}{generics}{colon}{above}{wheres}");
        self.line(line, "trait", &item.attrs, cfgs);
        let name = format!("{name}{}", text(&item.generics.split_for_impl().1));
        for inner in &item.items {
            self.of_trait(&name, inner, cfgs);
        }
    }

    fn of_trait(&mut self, name: &str, item: &TraitItem, cfgs: &[String]) {
        let (line, attrs, provided) = match item {
            TraitItem::Fn(item) => {
                let name = format!("{name}::{}", item.sig.ident);
                let line = signature(&name, &item.sig, &[]);
                (line, &item.attrs, item.default.is_some())
            }
            TraitItem::Type(item) => {
                let (generics, bounds) = (text(&item.generics), text(&item.bounds));
                let colon = item.colon_token.map_or("", |_| ": ");
                let line = format!("{name}::{}{generics}{colon}{bounds}", item.ident);
                (line, &item.attrs, item.default.is_some())
            }
            other => panic!("not looked into: {}", text(other)),
        };
        if !is_hidden(attrs) {
            let kind = if provided { "provided" } else { "required" };
            self.line(line, kind, attrs, cfgs);
        }
    }

    /// Those of an attribute, which are public too: as its documentation lists them.
    fn options(&mut self, name: &str, attrs: &[Attribute]) {
        let docs = values(attrs, "doc").skip_while(|line| line.trim() != "# Options");
        for line in docs.skip(1).take_while(|line| !line.starts_with(" # ")) {
            let option = line
                .strip_prefix(" - `")
                .and_then(|rest| rest.split_once('`'));
            if let Some((option, _)) = option {
                self.line(format!("{name}({option})"), "option", &[], &[]);
            }
        }
    }

    pub(crate) fn line(
        &mut self,
        mut line: String,
        kind: &str,
        attrs: &[Attribute],
        around: &[String],
    ) {
        let is_marked = |mark: &&str| attrs.iter().any(|attr| attr.path().is_ident(mark));
        let marks = MARKS.into_iter().filter(is_marked).map(str::to_owned);
        let mut marks: Vec<_> = [kind.to_owned()].into_iter().chain(marks).collect();
        marks.extend(around.iter().cloned().chain(cfgs(attrs)));
        for (at, mark) in marks.iter().enumerate() {
            if !mark.is_empty() && !marks[..at].contains(mark) {
                line.push_str(&format!(" [{mark}]"));
            }
        }
        self.lines.insert(line);
    }
}
