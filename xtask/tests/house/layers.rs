//! Who may import whom: the crate graph is held against the table of the house, and each exception has a note.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

use crate::files;

/// One kind of folder.
struct Layer {
    /// Where its crates lie; `/*` for a folder of crates.
    folder: &'static str,
    /// Layers a crate of it may import. Its own is not among them unless it is named.
    imports: &'static [&'static str],
    /// Layers its tests may import besides.
    tests: &'static [&'static str],
    /// What follows, in words.
    so: &'static str,
}

/// From the words upward. No layer may name one below itself here, so there can be no circle.
#[rustfmt::skip]
const LAYERS: &[Layer] = &[
    Layer { folder: "crates/model", imports: &[], tests: &[], so: "the words know nothing but values" },
    Layer { folder: "crates/ports", imports: &["crates/model"], tests: &[], so: "doors are made of words" },
    Layer { folder: "crates/rules", imports: &["crates/model"], tests: &[], so: "rules are decisions without effects, below the stages that use them" },
    Layer {
        folder: "crates/stages/*",
        imports: &["crates/model", "crates/ports", "crates/rules"],
        tests: &["crates/testing"],
        so: "stages never import each other: the engine carries values between them",
    },
    Layer {
        folder: "crates/config",
        imports: &["crates/model", "crates/rules", "crates/stages/*"],
        tests: &["crates/testing"],
        so: "one file of settings is made of the stages' settings",
    },
    Layer {
        folder: "crates/engine",
        imports: &["crates/model", "crates/ports", "crates/rules", "crates/config", "crates/stages/*"],
        tests: &["crates/testing"],
        so: "the engine meets the world through ports only",
    },
    Layer {
        folder: "crates/sandbox",
        imports: &["crates/model"],
        tests: &["crates/testing"],
        so: "the sandbox shares no code with what it judges",
    },
    Layer {
        folder: "crates/adapters/*",
        imports: &["crates/model", "crates/ports"],
        tests: &["crates/sandbox", "crates/testing"],
        so: "adapters know nothing of stages, engine or each other",
    },
    Layer {
        folder: "crates/frontends/*",
        imports: &["crates/model", "crates/ports", "crates/engine"],
        tests: &["crates/testing"],
        so: "frontends parse, call and show; they never decide",
    },
    Layer {
        folder: "crates/evergreen",
        imports: &[
            "crates/model", "crates/ports", "crates/rules", "crates/stages/*", "crates/config", "crates/engine",
            "crates/sandbox", "crates/adapters/*", "crates/frontends/*",
        ],
        tests: &["crates/testing"],
        so: "the only place that names concrete adapters",
    },
    Layer {
        folder: "crates/testing",
        imports: &[
            "crates/model", "crates/ports", "crates/rules", "crates/stages/*", "crates/config", "crates/engine",
            "crates/sandbox", "crates/adapters/*", "crates/frontends/*",
        ],
        tests: &[],
        so: "fakes and suites are never a normal dependency",
    },
    Layer {
        folder: "bench",
        imports: &[
            "crates/model", "crates/ports", "crates/engine", "crates/sandbox", "crates/adapters/*", "crates/frontends/*",
            "crates/evergreen",
        ],
        tests: &[],
        so: "benches are never shipped",
    },
    Layer {
        folder: "xtask",
        imports: &[],
        tests: &["crates/config", "crates/adapters/*", "crates/frontends/*"],
        so: "the tests' door must build in seconds; only its tests ask the crates for their reference",
    },
];

/// What one crate imports beyond its layer: crate, imported crate, why.
const EXCEPTIONS: &[(&str, &str, &str)] = &[];

/// Libraries that open a door to the outside world, and the only folders that may have them.
#[rustfmt::skip]
const DOORS: &[(&str, &[&str], &str)] = &[
    ("sqlx", &["crates/adapters/store"], "SQL lives in one place"),
    ("reqwest", &["crates/adapters/outbound"], "there is one way out over HTTP"),
    ("hickory-resolver", &["crates/adapters/mail"], "DNS is asked in one place"),
    ("hickory-server", &["crates/sandbox"], "only the sandbox answers DNS"),
    ("axum", &["crates/sandbox", "crates/frontends/server", "crates/adapters/outbound"], "HTTP is served by frontends; outbound's tests serve themselves"),
    ("clap", &["crates/frontends/cli", "xtask", "bench"], "arguments are parsed at the edge"),
    ("tokio", &["crates/engine", "crates/adapters", "crates/sandbox", "crates/frontends", "crates/evergreen", "crates/testing", "bench"], "words, rules, stages and settings do no I/O"),
];

struct Crate {
    name: String,
    layer: usize,
    folder: String,
    /// Name, and whether only tests need it.
    imports: Vec<(String, bool)>,
}

#[test]
fn every_crate_imports_only_what_its_layer_may() {
    let (crates, mut complaints) = crates();
    let layer_of: BTreeMap<&str, usize> = crates.iter().map(|one| (one.name.as_str(), one.layer)).collect();
    let mut used = BTreeSet::new();
    for one in &crates {
        let layer = &LAYERS[one.layer];
        for (import, only_tests) in &one.imports {
            let Some(imported) = layer_of.get(import.as_str()) else { continue };
            let target = LAYERS[*imported].folder;
            let fits = layer.imports.contains(&target) || (*only_tests && layer.tests.contains(&target));
            let exception = EXCEPTIONS.iter().position(|(name, other, _)| *name == one.name && other == import);
            used.extend(exception);
            if !fits && exception.is_none() {
                let kind = if *only_tests { "its tests import" } else { "it imports" };
                complaints
                    .push(format!("{}/Cargo.toml: {kind} {import}, but {} ({})", one.folder, layer.so, layer.folder));
            }
        }
    }
    let idle = EXCEPTIONS.iter().enumerate().filter(|(index, _)| !used.contains(index));
    complaints.extend(idle.map(|(_, (name, other, _))| format!("EXCEPTIONS: {name} does not import {other} any more")));
    files::none(
        &complaints,
        "move the code to the layer that may know both sides (often a word in crates/model or a door in crates/ports); \
         LAYERS in xtask/tests/house/layers.rs is the table",
    );
}

#[test]
fn doors_to_the_outside_world_stand_where_they_belong() {
    let (crates, mut complaints) = crates();
    for (library, folders, why) in DOORS {
        let users =
            crates.iter().filter(|one| one.imports.iter().any(|(name, only_tests)| name == library && !only_tests));
        for user in users {
            if !folders.iter().any(|folder| user.folder == *folder || user.folder.starts_with(&format!("{folder}/"))) {
                complaints.push(format!(
                    "{}/Cargo.toml: it uses {library}, but {why} ({})",
                    user.folder,
                    folders.join(", ")
                ));
            }
        }
    }
    files::none(&complaints, "ask through a port instead; DOORS in xtask/tests/house/layers.rs is the table");
}

#[test]
fn layers_are_named_from_the_words_upward() {
    for (index, layer) in LAYERS.iter().enumerate() {
        for import in layer.imports {
            let below = LAYERS[..index].iter().any(|other| other.folder == *import);
            assert!(
                below,
                "{} may import {import}, which does not stand above it in LAYERS: a circle, or a typing error",
                layer.folder
            );
        }
    }
}

/// The crates of the workspace with what each imports, and a complaint for each that no layer takes in.
fn crates() -> (Vec<Crate>, Vec<String>) {
    let metadata = metadata();
    let root = metadata["workspace_root"].as_str().expect("cargo names the root").to_owned();
    let (mut crates, mut complaints) = (Vec::new(), Vec::new());
    for package in metadata["packages"].as_array().expect("cargo lists packages") {
        let text = |key: &str| package[key].as_str().expect("cargo names each package and its manifest").to_owned();
        let folder = text("manifest_path").replace('\\', "/");
        let folder = folder
            .trim_start_matches(&root.replace('\\', "/"))
            .trim_matches('/')
            .trim_end_matches("/Cargo.toml")
            .to_owned();
        let holds = |layer: &Layer| match layer.folder.strip_suffix("/*") {
            Some(group) => folder.strip_prefix(group).is_some_and(|rest| rest.starts_with('/')),
            None => folder == layer.folder,
        };
        let Some(layer) = LAYERS.iter().position(holds) else {
            complaints.push(format!("{folder}: no layer takes in this folder; give it a line in LAYERS"));
            continue;
        };
        let imports = package["dependencies"].as_array().into_iter().flatten().map(|import| {
            let name = import["name"].as_str().unwrap_or_default().to_owned();
            (name, import["kind"].as_str() == Some("dev"))
        });
        crates.push(Crate { name: text("name"), layer, folder: folder.clone(), imports: imports.collect() });
    }
    (crates, complaints)
}

fn metadata() -> Value {
    let told = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(files::root())
        .output()
        .expect("cargo tells about the workspace");
    assert!(told.status.success(), "cargo metadata failed:\n{}", String::from_utf8_lossy(&told.stderr));
    serde_json::from_slice(&told.stdout).expect("cargo tells it in JSON")
}
