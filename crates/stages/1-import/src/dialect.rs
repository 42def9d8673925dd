//! The exports we know: which tool wrote a list, and which of its headers mean something else than elsewhere.

/// One tool's way of writing lists.
pub(crate) struct Dialect {
    /// Its name in `Format::dialect`.
    pub name: &'static str,
    /// Headers (normalised) only this tool writes, or writes together.
    signs: &'static [&'static str],
    /// How many of them a list must have.
    least: usize,
    /// Headers that mean something of their own here; an empty field says "not what it looks like".
    pub own: &'static [(&'static str, &'static str)],
}

/// Ordered: the first that recognises itself wins.
#[rustfmt::skip]
const DIALECTS: &[Dialect] = &[
    Dialect {
        name: "linkedin",
        signs: &["firstname", "lastname", "url", "emailaddress", "company", "position", "connectedon"],
        least: 6,
        own: &[("url", "hs_linkedin_url"), ("position", "jobtitle"), ("connectedon", "listed_at")],
    },
    Dialect {
        name: "apollo",
        signs: &["apollocontactid", "apolloaccountid", "companynameforemails", "workdirectphone", "corporatephone", "personlinkedinurl", "primaryemailsource", "seodescription", "emailconfidence", "subsidiaryof", "latestfundingamount"],
        least: 2,
        own: &[("title", "jobtitle"), ("contactowner", ""), ("accountowner", ""), ("companynameforemails", ""), ("apolloaccountid", ""), ("emailstatus", ""), ("stage", ""), ("lists", "")],
    },
    Dialect {
        name: "google",
        signs: &["givenname", "familyname", "email1value", "email1type", "email1label", "phone1value", "organization1name", "organizationname", "groupmembership", "phoneticfirstname", "yominame", "nameprefix", "fileas", "labels"],
        least: 3,
        own: &[
            ("organizationtitle", "jobtitle"), ("organization1title", "jobtitle"), ("organization1department", "department"), ("labels", ""), ("fileas", ""), ("nickname", ""),
            ("organizationname", "company"), ("organization1name", "company"), ("photo", ""), ("email4value", "email"),
        ],
    },
    Dialect {
        name: "outlook",
        signs: &["businessphone", "emailaddress", "email2address", "emaildisplayname", "emailtype", "businessstreet", "homestreet", "companymainphone", "businesscountryregion", "webpage", "otherstreet", "telexnumber", "assistantsphone"],
        least: 3,
        // Outlook's title is "Dr." or "Mrs.", not the position.
        own: &[("title", ""), ("webpage", "website"), ("categories", ""), ("account", ""), ("location", ""), ("initials", ""), ("sensitivity", ""), ("priority", ""), ("private", "")],
    },
    Dialect {
        name: "sales-navigator",
        signs: &[
            "vmid", "connectiondegree", "sharedconnectionscount", "durationinrole", "durationincompany", "profileimageurl", "linkedinprofileurl", "salesnavigatorurl", "salesnavigatorprofileurl", "regularcompanyurl", "titledescription", "searchaccountprofileid",
            "matchesfilters", "nomatchreasons", "yearsinposition", "monthsinposition", "yearsincompany", "companyemployeerange", "prospectlinkedinurl", "currentjob", "isopenlink", "defaultprofileurl", "isopenprofile",
        ],
        least: 3,
        // `profileUrl` is the address inside Sales Navigator; nobody outside can open it.
        own: &[
            ("profileurl", ""), ("salesnavigatorurl", ""), ("salesnavigatorprofileurl", ""), ("name", ""), ("companyurl", ""), ("companyid", ""), ("query", ""), ("timestamp", "listed_at"), ("summary", ""), ("titledescription", ""),
            ("title", "jobtitle"), ("currentjob", "jobtitle"), ("companyemployeerange", ""),
        ],
    },
    Dialect {
        name: "clay",
        signs: &["companytabledata", "enrichperson", "enrichcompany", "findpeople", "findcompanies", "findworkemail", "findpeopleatcompany", "workemailwaterfall", "linkedinprofile", "companydomain", "profile", "experiencecompany"],
        least: 2,
        own: &[("findworkemail", "email"), ("workemailwaterfall", "email"), ("companytabledata", ""), ("profile", ""), ("location", "")],
    },
    Dialect {
        name: "hubspot",
        signs: &["recordid", "hsobjectid", "hubspotownerid", "hsleadstatus", "lifecyclestage", "contactowner", "companyowner", "associatedcompany", "associatedcompanyids", "marketingcontactstatus", "createdate", "lastactivitydate", "companydomainname", "associatedcompanyid", "associatedcontactids", "lastmodifieddate"],
        least: 3,
        own: &[("associatedcompanyids", ""), ("associatedcompanyid", ""), ("lastmodifieddate", ""), ("associatedcontact", ""), ("originalsource", ""), ("associatedcompany", "company"), ("ownerid", "")],
    },
];

/// The tool that writes such headers, if it is one we know.
pub(crate) fn recognise(normal_headers: &[String]) -> Option<&'static Dialect> {
    DIALECTS.iter().find(|dialect| {
        let found = dialect.signs.iter().filter(|sign| normal_headers.iter().any(|header| header == *sign)).count();
        found >= dialect.least
    })
}

impl Dialect {
    /// What the tool means by a header, when it means something of its own.
    pub(crate) fn field(&self, normal: &str) -> Option<&'static str> {
        self.own.iter().find(|(header, _)| *header == normal).map(|(_, field)| *field)
    }
}
