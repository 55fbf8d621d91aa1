//! Guesses what the columns of an unknown file hold, from the names people give such columns in English, German,
//! French and Spanish.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use model::Kind;
use model::import::Target;

use crate::presets::header_key;
use crate::target::parse_target;

/// Headers, separated by `|`, and the target in a file whose rows are accounts, contacts and leads.
type Guess = (&'static str, [&'static str; 3]);

const fn same(headers: &'static str, target: &'static str) -> Guess {
    (headers, [target; 3])
}

const SKIP: &str = "skip";

#[rustfmt::skip]
static GUESSES: &[Guess] = &[
    // People.
    same("first name|given name|firstname|forename|vorname|prenom|nombre de pila|primer nombre", "contact.first_name"),
    same("middle name|zweiter vorname|deuxieme prenom|segundo nombre", "contact.middle_name"),
    same("last name|family name|surname|lastname|nachname|familienname|nom de famille|apellido|apellidos", "contact.last_name"),
    same("full name|contact name|contact|contact person|person|primary contact|ansprechpartner|kontakt|kontaktperson|nom complet|personne|nombre completo|contacto|persona de contacto", "contact.name"),
    same("job title|position|job position|funktion|jobtitel|berufsbezeichnung|fonction|poste|intitule du poste|cargo|puesto", "contact.title"),
    same("linkedin|linkedin url|linkedin profile|profil linkedin|perfil linkedin", "contact.linkedin_url"),
    same("email|e mail|mail|email address|e mail address|email 1|primary email|contact email|emailadresse|e mail adresse|mailadresse|courriel|adresse email|adresse e mail|adresse mail|correo|correo electronico|direccion de correo", "contact.email"),
    same("work email|business email|email work|email geschaftlich|e mail geschaftlich|email professionnel|correo del trabajo", "contact.emails/work"),
    same("home email|personal email|private email|email home|email privat|e mail privat|email personnel|correo personal", "contact.emails/home"),
    same("other email|secondary email|additional email|alternate email|email other", "contact.emails/other"),
    same("phone|phone number|telephone|telephone number|phone 1|tel|primary phone|contact phone|telefon|telefonnummer|rufnummer|numero de telephone|telefono|numero de telefono", "contact.phone"),
    same("mobile|mobile phone|mobile number|cell|cell phone|cellphone|handy|handynummer|mobil|mobiltelefon|mobilnummer|portable|telephone portable|movil|celular|telefono movil", "contact.phones/mobile"),
    same("work phone|business phone|office phone|phone work|telefon geschaftlich|telephone professionnel|telefono del trabajo", "contact.phones/work"),
    same("home phone|private phone|phone home|telefon privat|telephone personnel|telefono particular", "contact.phones/home"),
    same("other phone|phone other", "contact.phones/other"),
    // Organisations.
    same("company|company name|organization|organisation|organization name|organisation name|account|account name|business name|client|customer|associated company|employer|firma|firmenname|unternehmen|firmenbezeichnung|kunde|entreprise|societe|nom de l'entreprise|raison sociale|compagnie|empresa|compania|nombre de la empresa|organizacion", "account.name"),
    same("website|web site|url|company website|web|homepage|domain|company domain|domain name|webseite|internetseite|site web|site internet|sitio web|pagina web|dominio", "account.website"),
    same("industry|branche|sector|secteur|sektor|industria", "account.industry"),
    same("employees|company size|number of employees|size|mitarbeiter|mitarbeiterzahl|effectif|empleados", "account.size"),
    same("company phone|main phone|switchboard|zentrale|telefon zentrale", "account.phone"),
    same("company email|general email", "account.email"),
    same("street|address|street address|address line 1|address 1|mailing street|billing street|strasse|adresse|anschrift|rue|calle|direccion", "account.street"),
    same("city|town|ort|stadt|ville|ciudad", "account.city"),
    same("state|region|province|county|state region|bundesland|etat|estado|provincia", "account.state"),
    same("zip|zip code|postal code|postcode|post code|plz|postleitzahl|code postal|codigo postal", "account.postal_code"),
    same("country|country region|land|pays|pais", "account.country"),
    // Leads.
    same("deal|deal name|deal title|opportunity|opportunity name|lead title|project|project name|verkaufschance|geschaft|affaire|nom de l'affaire|opportunite|oportunidad|negocio|nombre del negocio", "lead.title"),
    same("stage|deal stage|pipeline stage|lead stage|sales stage|phase|etape|etapa|fase", "lead.stage"),
    same("amount|deal value|deal amount|value|lead value|opportunity amount|betrag|auftragswert|wert|montant|valeur|importe|monto|valor", "lead.value"),
    same("close date|closing date|abschlussdatum|date de cloture|fecha de cierre", "lead.close_date"),
    same("expected close|expected close date|estimated close date|erwartetes abschlussdatum|erwarteter abschluss|date de cloture prevue|cierre previsto|fecha de cierre prevista", "lead.expected_close_date"),
    same("won date|won time|won on|date won", "lead.won_on"),
    same("lost date|lost time|lost on|date lost", "lead.lost_on"),
    same("probability|win probability|wahrscheinlichkeit|probabilite|probabilidad", "lead.probability"),
    same("lost reason|loss reason|closed lost reason|verlustgrund|raison de la perte|motivo de perdida", "lead.lost_reason"),
    // Whatever the row is about.
    ("name|nom|nombre", ["account.name", "contact.name", "lead.title"]),
    ("title|titel|titre|titulo", [SKIP, "contact.title", "lead.title"]),
    ("source|lead source|quelle|fuente|origen|origine", ["custom/Source", "custom/Source", "lead.source"]),
    ("status|deal status|statut|estado del negocio", ["custom/Status", "custom/Status", "lead.status"]),
    ("notes|note|comments|comment|remarks|description|background|notizen|notiz|bemerkung|bemerkungen|kommentar|beschreibung|remarques|commentaire|commentaires|notas|nota|comentarios|observaciones|descripcion", ["account.notes", "contact.notes", "lead.notes"]),
    ("tags|tag|labels|label|categories|schlagworte|etiketten|etiquettes|etiquetas", ["account.tags", "contact.tags", "lead.tags"]),
    ("owner|account owner|contact owner|deal owner|lead owner|assigned to|assignee|sales rep|record owner|besitzer|zustandig|verantwortlich|proprietaire|responsable|propietario", ["account.owner", "contact.owner", "lead.owner"]),
    ("created|created at|created on|create date|creation date|date created|created date|added|add time|erstellt|erstellt am|erstelldatum|anlagedatum|date de creation|cree le|creado|fecha de creacion", ["account.created_at", "contact.created_at", "lead.created_at"]),
    // Conversations.
    same("activity subject|subject|betreff|sujet|objet|asunto", "activity.subject"),
    same("activity type", "activity.type"),
    same("activity date|occurred at", "activity.occurred_at"),
    same("activity notes|activity note|activity body", "activity.body"),
];

/// Header key → line of the table.
static BY_KEY: LazyLock<BTreeMap<String, usize>> = LazyLock::new(|| {
    let lines = GUESSES.iter().enumerate();
    lines.flat_map(|(line, (headers, _))| headers.split('|').map(move |header| (header_key(header), line))).collect()
});

/// Whether a header's key is among the guesses.
pub(crate) fn is_known(key: &str) -> bool {
    BY_KEY.contains_key(key)
}

/// What the rows of a file with these headers are about.
pub(crate) fn main_kind(headers: &[String]) -> Kind {
    let targets: Vec<&str> = headers.iter().filter_map(|header| target_text(header, Kind::Contact)).collect();
    let count = |start: &str| targets.iter().filter(|target| target.starts_with(start)).count();
    let names_company = targets.contains(&"account.name");
    if count("lead.") >= 1 {
        return Kind::Lead;
    }
    let personal = ["contact.first_name", "contact.last_name", "contact.title", "contact.linkedin_url"];
    if targets.iter().any(|target| personal.contains(target)) {
        return Kind::Contact;
    }
    // `Name` beside `Company` is a person; alone with `Website` or `City` it is a company.
    let named = headers.iter().any(|header| target_text(header, Kind::Account) == Some("account.name"));
    let person_named = targets.contains(&"contact.name");
    match (names_company, person_named, count("account.") > 0) {
        (true, true, _) => Kind::Contact,
        (true, false, _) => Kind::Account,
        (false, _, true) if named && count("contact.email") == 0 => Kind::Account,
        _ => Kind::Contact,
    }
}

/// The guessed target of a column in a file whose rows are about `main`; `None` when the name says nothing.
pub(crate) fn target(header: &str, main: Kind) -> Option<Target> {
    let text = target_text(header, main)?;
    let company_only = main == Kind::Account;
    let text = match text {
        "contact.email" | "contact.emails/work" if company_only => "account.email",
        "contact.phone" | "contact.phones/work" if company_only => "account.phone",
        other => other,
    };
    parse_target(text, main).ok()
}

fn target_text(header: &str, main: Kind) -> Option<&'static str> {
    // `Country/Region` is `Country Region`.
    let line = *BY_KEY.get(&header_key(header).replace('/', ""))?;
    let (_, targets) = GUESSES.get(line)?;
    let text = match main {
        Kind::Account => targets[0],
        Kind::Lead => targets[2],
        _ => targets[1],
    };
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(headers: &[&str]) -> (Kind, Vec<String>) {
        let headers: Vec<String> = headers.iter().map(|&header| header.to_owned()).collect();
        let main = main_kind(&headers);
        let word = |header: &String| match target(header, main) {
            Some(Target::Field(kind, key)) => format!("{kind}.{key}"),
            other => format!("{other:?}"),
        };
        (main, headers.iter().map(word).collect())
    }

    #[test]
    fn every_guess_names_a_target() {
        for (headers, targets) in GUESSES {
            for (target, kind) in targets.iter().zip([Kind::Account, Kind::Contact, Kind::Lead]) {
                assert!(parse_target(target, kind).is_ok(), "{headers} -> {target}");
            }
        }
    }

    #[test]
    fn no_header_is_guessed_twice() {
        let mut keys: Vec<String> =
            GUESSES.iter().flat_map(|(headers, _)| headers.split('|').map(header_key)).collect();
        keys.sort();
        let twice: Vec<&[String]> = keys.windows(2).filter(|pair| pair[0] == pair[1]).collect();

        // `email` and `e mail` and the like fold together within one line; that is harmless.
        for pair in twice {
            let lines: std::collections::BTreeSet<usize> = GUESSES
                .iter()
                .enumerate()
                .filter(|(_, (headers, _))| headers.split('|').any(|header| header_key(header) == pair[0]))
                .map(|(line, _)| line)
                .collect();
            assert_eq!(lines.len(), 1, "{}", pair[0]);
        }
    }

    #[test]
    fn a_name_means_what_the_row_is_about() {
        assert_eq!(words(&["Name", "Company", "Email"]).0, Kind::Contact);
        assert_eq!(words(&["Name", "Email"]).1, ["contact.name", "contact.email"]);
        assert_eq!(words(&["Name", "Website", "City"]).1, ["account.name", "account.website", "account.city"]);
        assert_eq!(words(&["Name", "Stage", "Amount"]).1, ["lead.title", "lead.stage", "lead.value"]);
    }

    #[test]
    fn a_companys_mail_is_not_a_persons() {
        assert_eq!(words(&["Firma", "E-Mail", "Telefon"]).1, ["account.name", "account.email", "account.phone"]);
    }

    #[test]
    fn german_french_and_spanish_headers_are_understood() {
        let german = words(&["Vorname", "Nachname", "E-Mail-Adresse", "Telefonnummer", "Firma"]).1;
        let french = words(&["Prénom", "Nom de famille", "Courriel", "Téléphone", "Société"]).1;
        let spanish = words(&["Nombre", "Apellidos", "Correo electrónico", "Teléfono", "Empresa"]).1;

        let fields = ["contact.first_name", "contact.last_name", "contact.email", "contact.phone", "account.name"];
        assert_eq!(german, fields);
        assert_eq!(french, fields);
        assert_eq!(spanish[1..], fields[1..]);
    }
}
