//! The headers we know for each field, in English, German, French, Spanish, Dutch and Italian, best first.
//!
//! All are written as `header::normalise` leaves them: lower case, without spaces, punctuation and accents. The order
//! within a field is the order of preference when a list has several such columns: work before private.

use std::collections::HashMap;
use std::sync::LazyLock;

use evergreen_model::{Entity, field};

use crate::header::normalise;
use crate::mapping::FULL_NAME;

type Table = &'static [(&'static str, &'static [&'static str])];

#[rustfmt::skip]
const CONTACT: Table = &[
    ("email", &[
        "workemail", "businessemail", "companyemail", "professionalemail", "corporateemail", "emailwork", "workemailaddress", "businessemailaddress",
        "geschaftlicheemail", "geschaeftlicheemail", "emailgeschaftlich", "emailgeschaeftlich", "emailprofessionnel", "emailpro", "mailpro", "correoprofesional", "zakelijkemail",
        "email", "emailaddress", "emailaddresses", "emails", "mail", "primaryemail", "emailid", "mailid", "emailaddr", "contactemail", "verifiedemail", "emailadresse", "mailadresse",
        "emailadres", "mailadres", "adresseemail", "adressemail", "adresseelectronique", "courriel", "mel", "correo", "correoelectronico", "direcciondecorreo",
        "direcciondecorreoelectronico", "indirizzoemail", "postaelettronica", "foundemail", "finalemail",
        "email1", "emailaddress1", "email1value", "email1address", "email2", "emailaddress2", "email2value", "email2address", "secondaryemail", "alternateemail", "otheremail", "additionalemail",
        "email3", "email3value", "email3address", "additionalemailaddresses", "tertiaryemail",
        "personalemail", "privateemail", "homeemail", "emailpersonal", "emailprivat", "privateemailadresse", "emailpersonnel", "correopersonal",
    ]),
    ("firstname", &["firstname", "givenname", "forename", "first", "fname", "prefname", "vorname", "prenom", "nombre", "nombredepila", "primernombre", "voornaam", "roepnaam"]),
    ("lastname", &["lastname", "surname", "familyname", "last", "lname", "nachname", "familienname", "nomdefamille", "apellido", "apellidos", "achternaam", "familienaam", "cognome"]),
    (FULL_NAME, &[
        "fullname", "contactname", "personname", "leadname", "prospectname", "candidatename", "attendeename", "vollstandigername", "vollstaendigername", "vorundnachname", "vornameundnachname",
        "nomcomplet", "nometprenom", "prenometnom", "nombrecompleto", "nombreyapellidos", "nombreyapellido", "volledigenaam", "nomecompleto", "displayname", "ansprechpartner", "contactpersoon", "contactperson",
        "name", "naam", "nom", "nome",
    ]),
    ("jobtitle", &[
        "jobtitle", "currentjobtitle", "currentjob", "currenttitle", "position", "jobposition", "jobrole", "role", "designation", "occupation", "job", "title", "linkedintitle", "headline", "function",
        "berufsbezeichnung", "stellenbezeichnung", "jobtitel", "funktion", "positionfunktion", "rolle", "poste", "fonction", "intituleduposte", "titre", "titreduposte", "cargo", "puesto", "titulo", "funcion",
        "functie", "functietitel", "rol", "titel", "ruolo", "posizione",
    ]),
    ("seniority", &["seniority", "senioritylevel", "managementlevel", "joblevel", "joborderlevel", "hierarchiestufe"]),
    ("department", &["department", "departments", "jobdepartment", "jobfunction", "division", "abteilung", "departement", "service", "departamento", "afdeling", "bereich", "reparto", "organizationdepartment"]),
    ("company", &[
        "companyname", "company", "companynameforemails", "currentcompany", "employer", "organization", "organisation", "organizationname", "organisationname", "account", "accountname", "business", "businessname",
        "firmname", "firm", "companyorganization", "associatedcompany", "employername", "companyaccount", "experiencecompany",
        "firma", "firmenname", "unternehmen", "unternehmensname", "arbeitgeber", "organisationsname", "entreprise", "societe", "nomdelentreprise", "nomentreprise", "nomdelasociete", "raisonsociale", "employeur", "empresa",
        "nombredelaempresa", "nombreempresa", "compania", "bedrijf", "bedrijfsnaam", "onderneming", "werkgever", "organisatie", "azienda", "societa", "ragionesociale", "organization1name",
    ]),
    ("domain", &["companydomain", "companydomainname", "domain", "domainname", "emaildomain", "organizationdomain", "organizationprimarydomain", "accountdomain", "rootdomain", "companyrootdomain", "primarydomain", "firmendomain", "domaine", "dominio", "domein"]),
    ("phone", &[
        "workdirectphone", "directphone", "directdial", "directdialphonenumber", "workphone", "businessphone", "officephone", "phonework", "phonenumber", "phone", "phonenumbers", "phones", "telephone", "telephonenumber", "tel", "telnr", "contactphone", "contactnumber", "primaryphone", "phone1", "phone1value", "businessphone1",
        "telefon", "telefonnummer", "telefongeschaftlich", "telefongeschaeftlich", "festnetz", "durchwahl", "telefono", "telefonodetrabajo", "numerodetelefono", "telephonefixe", "numerodetelephone", "telefoon", "telefoonnummer", "rufnummer",
        "businessphone2", "phone2", "phone2value", "otherphone", "phone3value", "corporatephone", "companyphone", "companyphonenumber", "hqphone", "companymainphone", "officetelephone", "mainphone", "homephone", "homephonenumber",
    ]),
    ("mobilephone", &["mobilephone", "mobilephonenumber", "mobile", "mobilenumber", "cell", "cellphone", "cellphonenumber", "cellnumber", "mobil", "mobiltelefon", "mobilnummer", "handy", "handynummer", "portable", "telephoneportable", "mobiele", "mobielnummer", "mobieletelefoon", "movil", "telefonomovil", "celular", "cellulare", "personalphone"]),
    ("hs_linkedin_url", &[
        "defaultprofileurl", "linkedinurl", "personlinkedinurl", "linkedinprofileurl", "linkedinprofile", "linkedin", "linkedinlink", "prospectlinkedinurl", "contactlinkedinurl", "contactlinkedin", "linkedinprofilelink", "personallinkedin", "personallinkedinurl", "profilelinkedin",
        "linkedinpublicurl", "publicprofileurl", "linkedinprofil", "profillinkedin", "urllinkedin", "linkedinbio", "personlinkedin", "leadlinkedinurl", "profileurl", "publicprofile", "linkedincontactprofileurl",
    ]),
    ("address", &["address", "streetaddress", "street", "address1", "addressline1", "mailingaddress", "mailingstreet", "businessstreet", "workaddress", "adresse", "strasse", "strassehausnummer", "anschrift", "rue", "direccion", "calle", "adres", "straat", "indirizzo", "address1street", "companystreet", "companyaddress", "companystreetaddress"]),
    ("city", &["city", "town", "personcity", "mailingcity", "businesscity", "stadt", "ort", "wohnort", "ville", "ciudad", "stad", "plaats", "woonplaats", "citta", "address1city", "companycity", "homecity"]),
    ("state", &["state", "stateregion", "stateprovince", "province", "region", "personstate", "mailingstate", "businessstate", "county", "bundesland", "kanton", "departementregion", "provincia", "estado", "provincie", "regione", "address1region", "companystate", "companyregion", "homestate"]),
    ("zip", &["zip", "zipcode", "postalcode", "postcode", "zippostalcode", "mailingpostalcode", "mailingzippostalcode", "businesspostalcode", "plz", "postleitzahl", "codepostal", "codigopostal", "cp", "cap", "address1postalcode", "companypostalcode", "companyzip", "homepostalcode"]),
    ("country", &["country", "countryregion", "countryname", "countrycode", "personcountry", "mailingcountry", "businesscountryregion", "businesscountry", "nation", "land", "pays", "pais", "paese", "address1country", "companycountry", "homecountryregion"]),
    ("industry", &["industry", "companyindustry", "primaryindustry", "sector", "vertical", "organizationindustry", "branche", "secteur", "secteurdactivite", "industria", "sectoractividad", "settore", "industrie"]),
    ("website", &["website", "websiteurl", "companywebsite", "companywebsiteurl", "webpage", "web", "homepage", "url", "companyurl", "regularcompanyurl", "organizationwebsiteurl", "internet", "internetseite", "webseite", "siteweb", "siteinternet", "sitioweb", "paginaweb", "sito", "sitoweb", "website1value", "companywebsitelink", "webadres", "accountwebsite"]),
    ("lifecyclestage", &["lifecyclestage", "lifecycle"]),
    ("hs_lead_status", &["hsleadstatus", "leadstatus"]),
    ("hubspot_owner_id", &["hubspotownerid", "contactowner", "ownerid"]),
    ("hs_email_optout", &["hsemailoptout", "unsubscribedfromallemail", "unsubscribed", "emailoptout", "optedout", "optedoutofemail", "optout", "hasoptedoutofemail", "donotemail", "abgemeldet", "desabonne", "uitgeschreven"]),
    ("lead_source", &["leadsource", "source", "originalsource", "sourcename", "campaign", "campaignname", "leadquelle", "quelle", "herkunft", "sourcedulead", "origine", "fuente", "origen", "bron"]),
    ("external_id", &["externalid", "recordid", "contactid", "apollocontactid", "hsobjectid", "id", "leadid", "personid", "crmid", "vmid", "customerid", "uuid"]),
    ("listed_at", &["listedat", "createdate", "createddate", "createdat", "dateadded", "addedon", "addedat", "connectedon", "dateconnected", "timestamp", "date", "datum", "fecha", "erstelltam", "datedecreation", "lastmodifieddate", "updatedat"]),
    ("notes", &["notes", "note", "comments", "comment", "remarks", "remark", "bemerkung", "bemerkungen", "notizen", "notiz", "kommentar", "remarques", "commentaire", "commentaires", "notas", "comentarios", "opmerkingen", "opmerking", "notities"]),
];

#[rustfmt::skip]
const COMPANY: Table = &[
    ("name", &[
        "companyname", "company", "name", "companynameforemails", "accountname", "account", "organization", "organisation", "organizationname", "organisationname", "businessname", "legalname", "firm", "firmname",
        "firma", "firmenname", "unternehmen", "unternehmensname", "entreprise", "societe", "nomdelentreprise", "nomentreprise", "nomdelasociete", "raisonsociale", "empresa", "nombredelaempresa", "nombreempresa", "nombre", "compania",
        "bedrijf", "bedrijfsnaam", "onderneming", "organisatie", "naam", "nom", "azienda", "societa", "ragionesociale",
    ]),
    ("domain", &["companydomainname", "companydomain", "domain", "domainname", "primarydomain", "rootdomain", "organizationdomain", "accountdomain", "firmendomain", "domaine", "dominio", "domein"]),
    ("website", &["website", "websiteurl", "companywebsite", "companywebsiteurl", "webpage", "web", "homepage", "url", "regularcompanyurl", "organizationwebsiteurl", "internet", "internetseite", "webseite", "siteweb", "siteinternet", "sitioweb", "paginaweb", "sito", "sitoweb", "accountwebsite"]),
    ("phone", &["phonenumber", "phone", "companyphone", "companyphonenumber", "corporatephone", "telephone", "tel", "hqphone", "mainphone", "officephone", "telefon", "telefonnummer", "telefono", "numerodetelephone", "telefoon", "telefoonnummer"]),
    ("industry", &["industry", "companyindustry", "primaryindustry", "sector", "vertical", "branche", "secteur", "secteurdactivite", "industria", "settore", "industrie"]),
    ("numberofemployees", &["numberofemployees", "numberemployees", "employees", "employeecount", "companyemployeecount", "companysize", "headcount", "size", "staffcount", "estimatednumemployees", "companyheadcount", "mitarbeiter", "mitarbeiterzahl", "anzahlmitarbeiter", "effectif", "nombredemployes", "empleados", "numerodeempleados", "werknemers", "aantalmedewerkers", "medewerkers", "dipendenti", "companyemployeerange", "employeerange"]),
    ("annualrevenue", &["annualrevenue", "revenue", "companyrevenue", "estimatedrevenue", "annualsales", "turnover", "umsatz", "jahresumsatz", "chiffredaffaires", "ca", "ingresos", "facturacion", "omzet", "fatturato"]),
    ("founded_year", &["foundedyear", "yearfounded", "founded", "foundedin", "foundingyear", "yearestablished", "companyfounded", "grundungsjahr", "gruendungsjahr", "anneedecreation", "anodefundacion", "oprichtingsjaar"]),
    ("description", &["description", "shortdescription", "companydescription", "seodescription", "about", "aboutus", "beschreibung", "descripcion", "beschrijving", "descrizione"]),
    ("linkedin_company_page", &["linkedincompanypage", "companylinkedinurl", "companylinkedin", "linkedinurl", "linkedin", "linkedincompanyurl", "linkedinpage", "companylinkedinprofileurl", "organizationlinkedinurl", "accountlinkedinurl", "linkedinprofile", "linkedincompanyprofileurl"]),
    ("address", &["address", "streetaddress", "street", "companystreet", "companyaddress", "address1", "addressline1", "billingstreet", "hqaddress", "adresse", "strasse", "anschrift", "rue", "direccion", "calle", "adres", "straat", "indirizzo"]),
    ("city", &["city", "companycity", "town", "billingcity", "hqcity", "stadt", "ort", "ville", "ciudad", "stad", "plaats", "citta"]),
    ("state", &["stateregion", "state", "companystate", "stateprovince", "province", "region", "billingstate", "hqstate", "bundesland", "kanton", "provincia", "estado", "provincie"]),
    ("zip", &["postalcode", "zip", "zipcode", "companypostalcode", "postcode", "billingpostalcode", "plz", "postleitzahl", "codepostal", "codigopostal", "cp", "cap"]),
    ("country", &["countryregion", "country", "companycountry", "countryname", "countrycode", "billingcountry", "hqcountry", "land", "pays", "pais", "paese"]),
    ("type", &["type", "companytype", "accounttype"]),
    ("lifecyclestage", &["lifecyclestage", "lifecycle"]),
    ("hubspot_owner_id", &["hubspotownerid", "companyowner", "ownerid"]),
    ("lead_source", &["leadsource", "source", "originalsource", "leadquelle", "quelle", "herkunft", "origine", "fuente", "bron"]),
];

type Index = HashMap<&'static str, (&'static str, usize)>;

fn index(table: Table) -> Index {
    let mut index = Index::new();
    for (field, headers) in table {
        for (rank, header) in headers.iter().enumerate() {
            index.entry(header).or_insert((field, rank));
        }
    }
    index
}

static CONTACT_INDEX: LazyLock<Index> = LazyLock::new(|| index(CONTACT));
static COMPANY_INDEX: LazyLock<Index> = LazyLock::new(|| index(COMPANY));

/// HubSpot's internal names and our labels: headers that are exactly a field.
static EXACT: LazyLock<HashMap<(Entity, String), &'static str>> = LazyLock::new(|| {
    let mut exact = HashMap::new();
    for entity in [Entity::Contact, Entity::Company] {
        for field in field::fields(entity) {
            exact.insert((entity, normalise(field.name)), field.name);
        }
    }
    for entity in [Entity::Contact, Entity::Company] {
        for field in field::fields(entity) {
            exact.entry((entity, normalise(field.label))).or_insert(field.name);
        }
    }
    exact
});

fn index_of(entity: Entity) -> &'static Index {
    match entity {
        Entity::Contact => &CONTACT_INDEX,
        Entity::Company => &COMPANY_INDEX,
    }
}

/// The field whose name or label this header is.
pub(crate) fn exact(entity: Entity, normal: &str) -> Option<&'static str> {
    EXACT.get(&(entity, normal.to_owned())).copied()
}

/// The field that is known under this header, and how good a column it is for it (0 is best).
pub(crate) fn synonym(entity: Entity, normal: &str) -> Option<(&'static str, usize)> {
    index_of(entity).get(normal).copied()
}

/// The field that is known under a header one typing mistake away, among long headers without digits.
pub(crate) fn misspelt(entity: Entity, normal: &str) -> Option<&'static str> {
    if normal.len() < 8 || normal.bytes().any(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let near = |known: &str| {
        known.len() >= 8 && known.len().abs_diff(normal.len()) <= 1 && strsim::osa_distance(known, normal) == 1
    };
    let mut fields = index_of(entity).iter().filter(|(known, _)| near(known)).map(|(_, (field, _))| *field);
    let first = fields.next()?;
    fields.all(|other| other == first).then_some(first)
}

/// Whether any field of any entity is known under this header.
pub(crate) fn is_known(normal: &str) -> bool {
    [Entity::Contact, Entity::Company]
        .into_iter()
        .any(|entity| synonym(entity, normal).is_some() || exact(entity, normal).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_hold_normalised_headers_of_existing_fields() {
        for (entity, table) in [(Entity::Contact, CONTACT), (Entity::Company, COMPANY)] {
            let mut seen = std::collections::BTreeMap::new();
            for (name, headers) in table {
                assert!(*name == FULL_NAME || field::find(entity, name).is_some(), "{name}");
                for header in *headers {
                    assert_eq!(normalise(header), *header);
                    assert_eq!(seen.insert(*header, *name), None, "{header} stands twice");
                }
            }
        }
    }

    #[test]
    fn every_field_is_found_under_its_own_name() {
        for entity in [Entity::Contact, Entity::Company] {
            for field in field::fields(entity) {
                assert_eq!(exact(entity, &normalise(field.name)), Some(field.name));
            }
        }
    }
}
