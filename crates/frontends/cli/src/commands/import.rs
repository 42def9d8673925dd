//! `evergreen import`: stages lists, or reads the portal.

use std::path::PathBuf;

use evergreen_engine::{Imported, World, import_list, pipeline};
use evergreen_model::{Problem, Remedy};

use super::print_json;
use crate::args::Args;
use crate::exit::Exit;
use crate::views::table::table;

pub(crate) async fn perform(
    world: &World,
    args: &Args,
    files: &[PathBuf],
    maps: &[String],
    from_portal: bool,
) -> Result<Exit, Problem> {
    if files.is_empty() && !from_portal {
        return Err(Problem::new(
            "EG-CLI-004",
            Remedy::FixSettings,
            "nothing to import was named",
            "import takes lists, or --from-portal",
            "evergreen import contacts.csv",
        ));
    }
    let maps = maps.iter().map(|map| correction(map)).collect::<Result<Vec<_>, _>>()?;
    let mut imported = Vec::new();
    for file in files {
        imported.push(import_list(world, file, &maps).await?);
    }
    let portal = if from_portal { Some(pipeline::read_portal(world).await?) } else { None };
    if args.json {
        print_json(&serde_json::json!({ "lists": imported, "portal": portal }))?;
    } else {
        imported.iter().for_each(show);
        if let Some(run) = portal {
            println!("portal read: {} contacts are records with CRM evidence", run.portal_contacts);
        }
    }
    Ok(Exit::Done)
}

fn correction(map: &str) -> Result<(String, Option<String>), Problem> {
    let Some((header, field)) = map.rsplit_once('=') else {
        return Err(Problem::new(
            "EG-CLI-005",
            Remedy::FixSettings,
            format!("--map \"{map}\" is no correction"),
            "it needs the header, =, and the field",
            "--map \"Work Tel=phone\"",
        ));
    };
    Ok((header.to_owned(), (!field.is_empty()).then(|| field.to_owned())))
}

fn show(imported: &Imported) {
    let format = &imported.format;
    let mut form = vec![format!("{:?}", format.kind).to_uppercase(), format.encoding.clone()];
    form.extend(format.delimiter.map(|delimiter| format!("separated by {}", delimiter.escape_default())));
    form.extend(format.dialect.as_ref().map(|dialect| format!("written by {dialect}")));
    println!("{}: {}", imported.file, form.join(", "));
    if imported.already {
        println!("  imported before; nothing changed");
        return;
    }
    let rows: Vec<Vec<String>> = imported
        .mapping
        .columns
        .iter()
        .map(|column| {
            let field = column.field.clone().unwrap_or_else(|| "(kept as extra)".to_owned());
            vec![column.header.clone(), field, column.how.as_str().to_owned()]
        })
        .collect();
    println!("{}", table(&["column", "field", "how we know"], &rows));
    println!("{} rows staged, {} of them quarantined", imported.rows, imported.quarantined);
    if let Some(path) = &imported.quarantine_file {
        println!("quarantined rows with their reasons: {}", path.display());
    }
}
