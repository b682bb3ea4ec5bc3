//! What a path means, and under which name users know it.
use crate::source::{Placed, Source};
use std::collections::BTreeMap;
use std::slice;
use syn::{Item, UseTree, Visibility};

pub(crate) struct Names {
    pub(crate) source: Source,
    /// By the path where it is defined.
    pub(crate) public: BTreeMap<Vec<String>, Public>,
    /// What is re-exported from other crates: as what, from where.
    pub(crate) foreign: Vec<(Public, Vec<String>)>,
}

#[derive(Default)]
pub(crate) struct Public {
    pub(crate) name: Vec<String>,
    pub(crate) cfgs: Vec<String>,
}

pub(crate) enum Meaning {
    Module(Vec<String>),
    /// By the path where it is defined.
    Item(Vec<String>),
    /// Of another crate, the prelude's, or generic.
    Foreign(Vec<String>),
}

impl Names {
    pub(crate) fn of(source: Source) -> Self {
        let mut names = Self {
            source,
            public: BTreeMap::new(),
            foreign: Vec::new(),
        };
        let mut found = Vec::new();
        names.walk(&[], &Public::default(), &mut found);
        for (public, meaning) in found {
            match meaning {
                Meaning::Item(path) => drop(names.public.insert(path, public)),
                Meaning::Foreign(path) => names.foreign.push((public, path)),
                Meaning::Module(_) => {}
            }
        }
        names
    }

    /// What can be reached from there by `pub`.
    fn walk(&self, module: &[String], here: &Public, found: &mut Vec<(Public, Meaning)>) {
        for Placed { item, cfgs } in &self.source.modules[module] {
            let Some(leaves) = exported(item) else {
                continue;
            };
            for (name, path) in leaves {
                let public = Public {
                    name: [&*here.name, &[name]].concat(),
                    cfgs: [&*here.cfgs, cfgs].concat(),
                };
                match self.meaning(module, &path) {
                    Meaning::Module(module) => self.walk(&module, &public, found),
                    meaning => found.push((public, meaning)),
                }
            }
        }
    }

    pub(crate) fn meaning(&self, module: &[String], path: &[String]) -> Meaning {
        let Some((first, rest)) = path.split_first() else {
            return Meaning::Module(module.to_vec());
        };
        let child = [module, slice::from_ref(first)].concat();
        match &**first {
            "crate" => self.meaning(&[], rest),
            "self" => self.meaning(module, rest),
            "super" => self.meaning(&module[..module.len() - 1], rest),
            _ if self.source.modules.contains_key(&child) => self.meaning(&child, rest),
            _ if rest.is_empty() && self.defines(module, first) => Meaning::Item(child),
            _ => match self.import(module, first) {
                // Of the crate of that name: `use quote::quote`.
                Some(target) if target[0] == *first => Meaning::Foreign([&*target, rest].concat()),
                Some(target) => self.meaning(module, &[&*target, rest].concat()),
                None => Meaning::Foreign(path.to_vec()),
            },
        }
    }

    fn items(&self, module: &[String]) -> impl Iterator<Item = &Item> {
        self.source.modules[module]
            .iter()
            .map(|placed| &placed.item)
    }

    fn defines(&self, module: &[String], name: &str) -> bool {
        let mut names = self.items(module).filter_map(name_of);
        names.any(|(_, other)| other == name)
    }

    fn import(&self, module: &[String], name: &str) -> Option<Vec<String>> {
        let uses = self.items(module).filter_map(|item| match item {
            Item::Use(item) => Some(leaves(&item.tree, &[])),
            _ => None,
        });
        let mut all = uses.flatten();
        all.find(|(leaf, _)| leaf == name).map(|(_, path)| path)
    }
}

/// What an item exports: as what, from where.
fn exported(item: &Item) -> Option<Vec<(String, Vec<String>)>> {
    match item {
        Item::Use(item) if is_public(&item.vis) => Some(leaves(&item.tree, &[])),
        Item::Macro(item) => {
            let exported = item
                .attrs
                .iter()
                .any(|attr| attr.path().is_ident("macro_export"));
            assert!(!exported, "exported `macro_rules` are not looked into");
            None
        }
        item => {
            let (vis, name) = name_of(item)?;
            is_public(vis).then(|| vec![(name.clone(), vec![name])])
        }
    }
}

pub(crate) fn is_public(vis: &Visibility) -> bool {
    matches!(vis, Visibility::Public(_))
}

pub(crate) fn name_of(item: &Item) -> Option<(&Visibility, String)> {
    let (vis, ident) = match item {
        Item::Const(item) => (&item.vis, &item.ident),
        Item::Enum(item) => (&item.vis, &item.ident),
        Item::Fn(item) => (&item.vis, &item.sig.ident),
        Item::Mod(item) => (&item.vis, &item.ident),
        Item::Static(item) => (&item.vis, &item.ident),
        Item::Struct(item) => (&item.vis, &item.ident),
        Item::Trait(item) => (&item.vis, &item.ident),
        Item::Type(item) => (&item.vis, &item.ident),
        Item::Union(item) => (&item.vis, &item.ident),
        _ => return None,
    };
    Some((vis, ident.to_string()))
}

/// The names that a `use` brings, and what each is.
fn leaves(tree: &UseTree, before: &[String]) -> Vec<(String, Vec<String>)> {
    let with = |ident: &syn::Ident| [before, &[ident.to_string()]].concat();
    match tree {
        UseTree::Path(path) => leaves(&path.tree, &with(&path.ident)),
        UseTree::Name(name) if name.ident == "self" => {
            vec![(before.last().unwrap().clone(), before.to_vec())]
        }
        UseTree::Name(name) => vec![(name.ident.to_string(), with(&name.ident))],
        UseTree::Rename(new) => vec![(new.rename.to_string(), with(&new.ident))],
        UseTree::Glob(_) => panic!("globs are not followed: {}::*", before.join("::")),
        UseTree::Group(group) => {
            let items = group.items.iter();
            items.flat_map(|tree| leaves(tree, before)).collect()
        }
    }
}
