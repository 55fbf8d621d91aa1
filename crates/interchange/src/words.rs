//! Lists of words that matching and mapping know: mail providers, legal forms, stage names and the like.

use std::collections::BTreeMap;
use std::sync::LazyLock;

/// Domains that many unrelated people and companies share: mail providers, social networks, site builders.
const SHARED_DOMAINS: &[&str] = &[
    "126.com",
    "139.com",
    "163.com",
    "189.cn",
    "abv.bg",
    "aim.com",
    "alice.it",
    "aol.com",
    "arcor.de",
    "att.net",
    "bellsouth.net",
    "bezeqint.net",
    "bigpond.com",
    "blogspot.com",
    "bluewin.ch",
    "bol.com.br",
    "btinternet.com",
    "centrum.cz",
    "charter.net",
    "chello.at",
    "chello.nl",
    "comcast.net",
    "cox.net",
    "daum.net",
    "duck.com",
    "earthlink.net",
    "email.com",
    "email.cz",
    "eircom.net",
    "etsy.com",
    "facebook.com",
    "fastmail.com",
    "fastmail.fm",
    "foxmail.com",
    "free.fr",
    "freemail.hu",
    "freenet.de",
    "frontier.com",
    "github.com",
    "gmail.com",
    "googlemail.com",
    "google.com",
    "gmx.at",
    "gmx.ch",
    "gmx.com",
    "gmx.de",
    "gmx.net",
    "hanmail.net",
    "hey.com",
    "home.nl",
    "hushmail.com",
    "icloud.com",
    "ig.com.br",
    "inbox.lv",
    "inbox.ru",
    "instagram.com",
    "interia.pl",
    "juno.com",
    "kakao.com",
    "kpnmail.nl",
    "kolabnow.com",
    "laposte.net",
    "libero.it",
    "linkedin.com",
    "linktr.ee",
    "list.ru",
    "live.com",
    "mac.com",
    "mail.com",
    "mail.de",
    "mail.ee",
    "mail.ru",
    "mailbox.org",
    "mailfence.com",
    "me.com",
    "medium.com",
    "msn.com",
    "myshopify.com",
    "naver.com",
    "neuf.fr",
    "notion.site",
    "ntlworld.com",
    "o2.pl",
    "online.de",
    "online.no",
    "onet.pl",
    "op.pl",
    "optonline.net",
    "optusnet.com.au",
    "orange.fr",
    "pinterest.com",
    "planet.nl",
    "pm.me",
    "posteo.de",
    "posteo.net",
    "proton.me",
    "protonmail.ch",
    "protonmail.com",
    "qq.com",
    "rambler.ru",
    "rediffmail.com",
    "rocketmail.com",
    "rogers.com",
    "runbox.com",
    "sapo.pt",
    "sbcglobal.net",
    "seznam.cz",
    "sfr.fr",
    "shaw.ca",
    "sina.com",
    "sina.cn",
    "skynet.be",
    "sohu.com",
    "squarespace.com",
    "substack.com",
    "sympatico.ca",
    "t-online.de",
    "talktalk.net",
    "telefonica.net",
    "telenet.be",
    "telia.com",
    "telus.net",
    "terra.com.br",
    "terra.es",
    "tiscali.it",
    "tuta.com",
    "tuta.io",
    "tutanota.com",
    "tutanota.de",
    "twitter.com",
    "ukr.net",
    "uol.com.br",
    "usa.net",
    "verizon.net",
    "virgilio.it",
    "virgin.net",
    "virginmedia.com",
    "walla.co.il",
    "walla.com",
    "wanadoo.fr",
    "web.de",
    "weebly.com",
    "windowslive.com",
    "wix.com",
    "wixsite.com",
    "wordpress.com",
    "wp.pl",
    "x.com",
    "xing.com",
    "xs4all.nl",
    "xtra.co.nz",
    "yandex.com",
    "yandex.ru",
    "yandex.ua",
    "ya.ru",
    "youtube.com",
    "ymail.com",
    "ziggo.nl",
    "zoho.com",
    "zohomail.com",
];

/// Providers with a domain in nearly every country.
const SHARED_NAMES: &[&str] = &["gmx", "hotmail", "live", "msn", "outlook", "yahoo", "yandex"];

/// Whether a registrable domain says nothing about a company.
pub(crate) fn is_shared_domain(domain: &str) -> bool {
    let name = domain.split('.').next().unwrap_or("");
    SHARED_NAMES.contains(&name) || SHARED_DOMAINS.contains(&domain)
}

/// Legal forms at the end of company names: folded, without dots, words separated by blanks; longest first where
/// one ends with another.
const LEGAL_FORMS: &[&str] = &[
    "gmbh co kg",
    "gmbh co kgaa",
    "ag co kg",
    "gmbh and co kg",
    "gmbh und co kg",
    "sp z oo",
    "sp zoo",
    "pty ltd",
    "pty limited",
    "pvt ltd",
    "pte ltd",
    "private limited",
    "co ltd",
    "s de rl de cv",
    "sa de cv",
    "sapi de cv",
    "sdn bhd",
    "l l c",
    "s a",
    "s l",
    "s r l",
    "b v",
    "n v",
    "a s",
    "g m b h",
    "e v",
    "ab",
    "ag",
    "aktiengesellschaft",
    "as",
    "asa",
    "aps",
    "bhd",
    "bv",
    "bvba",
    "cc",
    "co",
    "company",
    "corp",
    "corporation",
    "cv",
    "doo",
    "dd",
    "ead",
    "eirl",
    "ek",
    "eood",
    "ev",
    "ehf",
    "eurl",
    "gbr",
    "gesmbh",
    "ggmbh",
    "gmbh",
    "hf",
    "inc",
    "incorporated",
    "kft",
    "kg",
    "kgaa",
    "kk",
    "lda",
    "limited",
    "limitada",
    "llc",
    "llp",
    "lp",
    "ltd",
    "ltda",
    "mbh",
    "nv",
    "nyrt",
    "ohg",
    "ood",
    "ou",
    "oy",
    "oyj",
    "plc",
    "pllc",
    "pte",
    "pty",
    "pvt",
    "sa",
    "sarl",
    "sas",
    "sasu",
    "sca",
    "scop",
    "se",
    "sia",
    "sl",
    "slu",
    "snc",
    "spa",
    "spol",
    "spolka",
    "sro",
    "srl",
    "srls",
    "tov",
    "uab",
    "ug",
    "ulc",
    "unipessoal",
    "vof",
    "zao",
    "ooo",
    "oao",
    "zrt",
];

/// Drops the legal form (several, if there are) from a company name's folded words; never everything.
pub(crate) fn without_legal_form(words: &[String]) -> &[String] {
    let mut rest = words;
    while let Some(shorter) = strip_one_form(rest) {
        rest = shorter;
    }
    rest
}

/// Last word → the forms that end with it, as words.
static FORMS: LazyLock<BTreeMap<&str, Vec<Vec<&str>>>> = LazyLock::new(|| {
    let mut forms: BTreeMap<&str, Vec<Vec<&str>>> = BTreeMap::new();
    for form in LEGAL_FORMS {
        let words: Vec<&str> = form.split(' ').collect();
        if let Some(last) = words.last() {
            forms.entry(last).or_default().push(words);
        }
    }
    forms
});

fn strip_one_form(words: &[String]) -> Option<&[String]> {
    let forms = FORMS.get(words.last()?.as_str())?;
    let ends = |form: &&Vec<&str>| words.len() > form.len() && words[words.len() - form.len()..] == ***form;
    let kept = words.len() - forms.iter().find(ends)?.len();
    let joined = matches!(words[kept - 1].as_str(), "and" | "und" | "et" | "y") && kept > 1;
    Some(&words[..kept - usize::from(joined)])
}

/// What other programs call the stages they ship, and the default stage that is nearest; folded.
const STAGE_NAMES: &[(&str, &str)] = &[
    ("appointment scheduled", "new"),
    ("appointmentscheduled", "new"),
    ("lead in", "new"),
    ("opportunity", "new"),
    ("prospecting", "new"),
    ("contact made", "new"),
    ("neu", "new"),
    ("nouveau", "new"),
    ("nuevo", "new"),
    ("qualified to buy", "qualified"),
    ("qualifiedtobuy", "qualified"),
    ("qualification", "qualified"),
    ("demo scheduled", "qualified"),
    ("needs analysis", "qualified"),
    ("needs defined", "qualified"),
    ("meeting", "qualified"),
    ("meeting scheduled", "qualified"),
    ("qualifiziert", "qualified"),
    ("qualifie", "qualified"),
    ("calificado", "qualified"),
    ("presentation scheduled", "proposal"),
    ("presentationscheduled", "proposal"),
    ("proposal made", "proposal"),
    ("proposal sent", "proposal"),
    ("proposal-sent", "proposal"),
    ("value proposition", "proposal"),
    ("angebot", "proposal"),
    ("proposition", "proposal"),
    ("propuesta", "proposal"),
    ("decision maker bought-in", "negotiation"),
    ("decisionmakerboughtin", "negotiation"),
    ("contract sent", "negotiation"),
    ("contractsent", "negotiation"),
    ("negotiations started", "negotiation"),
    ("in negociation", "negotiation"),
    ("in-negociation", "negotiation"),
    ("negotiation/review", "negotiation"),
    ("verhandlung", "negotiation"),
    ("negociation", "negotiation"),
    ("negociacion", "negotiation"),
];

/// The default stage's id that another program's stage stands for.
pub(crate) fn default_stage_for(folded: &str) -> Option<&'static str> {
    STAGE_NAMES.iter().find(|(name, _)| *name == folded).map(|(_, stage)| *stage)
}

/// How a deal went, in the words of files; folded.
pub(crate) fn outcome_word(folded: &str) -> Option<model::StageKind> {
    use model::StageKind::{Lost, Open, Won};
    Some(match folded {
        "won" | "closed won" | "closed-won" | "closedwon" | "closed_won" | "win" | "gewonnen" | "gagne" | "gagnee"
        | "ganado" | "ganada" | "customer" => Won,
        "lost" | "closed lost" | "closed-lost" | "closedlost" | "closed_lost" | "verloren" | "perdu" | "perdue"
        | "perdido" | "perdida" => Lost,
        "open" | "offen" | "ouvert" | "ouverte" | "abierto" | "abierta" | "in progress" => Open,
        _ => return None,
    })
}

/// A type of activity in the words of files; folded.
pub(crate) fn activity_type(folded: &str) -> &'static str {
    match folded {
        "call" | "phone call" | "phone" | "cold call" | "anruf" | "telefonat" | "appel" | "llamada" => "call",
        "email" | "e-mail" | "mail" | "correo" | "courriel" => "email",
        "meeting" | "lunch" | "demo" | "visit" | "appointment" | "besprechung" | "termin" | "reunion" => "meeting",
        "sms" | "text" | "text message" | "whatsapp" => "sms",
        _ => "note",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn providers_are_shared_in_every_country() {
        for domain in ["gmail.com", "yahoo.co.uk", "hotmail.fr", "outlook.de", "web.de", "linkedin.com"] {
            assert!(is_shared_domain(domain), "{domain}");
        }
        for domain in ["acme.com", "outlookers.com", "live-events.de"] {
            assert!(!is_shared_domain(domain), "{domain}");
        }
    }

    #[test]
    fn stage_and_type_words_are_folded() {
        for (name, _) in STAGE_NAMES {
            assert_eq!(model::fold::fold(name), *name);
        }
        for form in LEGAL_FORMS {
            assert_eq!(model::fold::fold(form), *form);
        }
    }
}
