//! PRODUCT 8.1's validation table: e-mail, phone, URL.

use model::input::{
    EmailError, InputContext, PhoneError, UrlError, Warning, is_free_mail, parse_email, parse_phone, parse_url,
};

use crate::{in_america, in_europe};

#[test]
fn emails_are_normalised_and_keyed() {
    let cases = [
        ("ann@acme.com", "ann@acme.com", "ann@acme.com", None),
        ("  Ann.Lee@ACME.Com \n", "Ann.Lee@acme.com", "ann.lee@acme.com", None),
        ("mailto:ann@acme.com", "ann@acme.com", "ann@acme.com", None),
        ("MAILTO:ann@acme.com?subject=Hi", "ann@acme.com", "ann@acme.com", None),
        ("Ann Lee <ann@acme.com>", "ann@acme.com", "ann@acme.com", Some("Ann Lee")),
        ("\"Lee, Ann\" <mailto:ann@acme.com>", "ann@acme.com", "ann@acme.com", Some("Lee, Ann")),
        ("<ann@acme.com>", "ann@acme.com", "ann@acme.com", None),
        ("ann+crm@shop.acme.co.uk", "ann+crm@shop.acme.co.uk", "ann+crm@shop.acme.co.uk", None),
        ("jörg@MÜNCHEN.de", "jörg@münchen.de", "jörg@xn--mnchen-3ya.de", None),
        ("jo@xn--mnchen-3ya.de", "jo@münchen.de", "jo@xn--mnchen-3ya.de", None),
    ];
    for (typed, address, key, name) in cases {
        let email = parse_email(typed).expect(typed).value;
        assert_eq!(
            (email.address.as_str(), email.key.as_str(), email.name.as_deref()),
            (address, key, name),
            "{typed}"
        );
    }
}

#[test]
fn what_is_no_email_says_why() {
    let long_local = format!("{}@acme.com", "a".repeat(65));
    let longest_local = format!("{}@acme.com", "a".repeat(64));
    let long = format!("{}@{}.com", "a".repeat(64), vec!["b".repeat(60); 4].join("."));
    let cases = [
        ("", EmailError::NotOneAt),
        ("ann", EmailError::NotOneAt),
        ("ann@acme@com", EmailError::NotOneAt),
        ("a@b.com, c@d.com", EmailError::NotOneAt),
        ("@acme.com", EmailError::EmptyLocal),
        (&long_local, EmailError::LongLocal),
        ("ann lee@acme.com", EmailError::BadLocal),
        ("ann@acme", EmailError::BadDomain),
        ("ann@", EmailError::BadDomain),
        ("ann@acme..com", EmailError::BadDomain),
        ("ann@-acme.com", EmailError::BadDomain),
        ("ann@acme.com.", EmailError::BadDomain),
        ("ann@ac me.com", EmailError::BadDomain),
        ("ann@10.0.0.1", EmailError::BadDomain),
        (&long, EmailError::TooLong),
    ];
    for (typed, error) in cases {
        assert_eq!(parse_email(typed), Err(error), "{typed}");
    }
    assert!(parse_email(&longest_local).is_ok());
}

#[test]
fn a_domain_one_slip_from_a_well_known_one_is_asked_about() {
    let cases = [
        ("ann@gmial.com", Some("gmail.com")),
        ("ann@gmail.co", Some("gmail.com")),
        ("ann@outlok.com", Some("outlook.com")),
        ("ann@yaho.com", Some("yahoo.com")),
        ("ann@iclould.com", Some("icloud.com")),
        ("ann@gmail.com", None),
        ("ann@ymail.com", None),
        ("ann@mail.com", None),
        ("ann@acme.com", None),
    ];
    for (typed, domain) in cases {
        let warnings = parse_email(typed).expect(typed).warnings;
        assert_eq!(warnings, Vec::from_iter(domain.map(Warning::DomainLooksLike)), "{typed}");
    }
    assert_eq!(Warning::DomainLooksLike("gmail.com").to_string(), "did you mean gmail.com?");
}

#[test]
fn free_mail_domains_are_nobodys_company() {
    assert!(["gmail.com", "GMX.de", "yahoo.co.uk", "hotmail.fr"].into_iter().all(is_free_mail));
    assert!(!["acme.com", "yahoo.acme.com", "mygmail.com"].into_iter().any(is_free_mail));
}

#[test]
fn phones_are_kept_as_typed_and_keyed_in_the_workspaces_region() {
    let american = [
        ("(212) 456-7890", "+12124567890", None),
        ("212.456.7890 x123", "+12124567890", Some("123")),
        ("+1 212 456 7890 ext. 9", "+12124567890", Some("9")),
        ("1-212-456-7890, extension 42", "+12124567890", Some("42")),
        ("212 456 7890 #7", "+12124567890", Some("7")),
        ("+44 20 7946 0958", "+442079460958", None),
        ("011 44 20 7946 0958", "+442079460958", None),
        ("tel:+12124567890", "+12124567890", None),
    ];
    let german = [
        ("030 23125 014", "+493023125014", None),
        ("+49 (0)30 23125-014", "+493023125014", None),
        ("0049 30 23125014", "+493023125014", None),
    ];
    in_america(|ctx| american.iter().for_each(|case| check_phone(case, ctx)));
    in_europe(',', |ctx| german.iter().for_each(|case| check_phone(case, ctx)));
}

fn check_phone((typed, key, extension): &(&str, &str, Option<&str>), ctx: &InputContext<'_>) {
    let phone = parse_phone(&format!(" {typed} "), ctx).expect(typed);
    let value = &phone.value;
    assert_eq!(value.text, typed.trim_start_matches("tel:"));
    assert_eq!((value.key.as_deref(), value.extension.as_deref()), (Some(*key), *extension), "{typed}");
    assert_eq!(phone.warnings, []);
}

#[test]
fn a_phone_that_cannot_be_dialled_is_kept_and_doubted() {
    for typed in ["12345", "ask Ann 212 456 7890", "555 0100 / 555 0101", "+999 123 456 789", "1-800-FLOWERS 123"] {
        let phone = in_america(|ctx| parse_phone(typed, ctx)).expect(typed);
        assert_eq!((phone.value.text.as_str(), phone.value.key), (typed, None));
        assert_eq!(phone.warnings, [Warning::PhoneNotRecognised]);
    }
}

#[test]
fn fewer_than_three_digits_are_no_phone() {
    for typed in ["", "12", "none", "+1-2", "x"] {
        assert_eq!(in_america(|ctx| parse_phone(typed, ctx)), Err(PhoneError::TooFewDigits), "{typed}");
    }
}

#[test]
fn urls_are_normalised_and_keyed_by_the_registrable_domain() {
    let cases = [
        ("acme.com", "https://acme.com", "acme.com"),
        (" www.ACME.com/ ", "https://www.acme.com", "acme.com"),
        ("http://shop.acme.co.uk/Cart?Id=1#Top", "http://shop.acme.co.uk/Cart?Id=1#Top", "acme.co.uk"),
        ("HTTPS://acme.com", "https://acme.com", "acme.com"),
        ("//acme.com/a", "https://acme.com/a", "acme.com"),
        ("acme.com:8080/x", "https://acme.com:8080/x", "acme.com"),
        ("acme.com/?from=http://b.co", "https://acme.com/?from=http://b.co", "acme.com"),
        ("bücher.de", "https://bücher.de", "xn--bcher-kva.de"),
        ("ann.github.io", "https://ann.github.io", "ann.github.io"),
        ("co.uk", "https://co.uk", "co.uk"),
        ("http://192.168.0.10/admin", "http://192.168.0.10/admin", "192.168.0.10"),
        ("acme.com.", "https://acme.com", "acme.com"),
    ];
    for (typed, address, key) in cases {
        let url = parse_url(typed).expect(typed).value;
        assert_eq!((url.address.as_str(), url.key.as_str()), (address, key), "{typed}");
    }
}

#[test]
fn what_is_no_url_says_why() {
    let cases = [
        ("acme com", UrlError::Spaces),
        ("https://acme .com", UrlError::Spaces),
        ("ftp://acme.com", UrlError::OtherScheme),
        ("mailto:ann@acme.com", UrlError::OtherScheme),
        ("javascript:alert(1)", UrlError::OtherScheme),
        ("acme", UrlError::NoDot),
        ("", UrlError::NoDot),
        ("localhost:8080", UrlError::NoDot),
        ("https://", UrlError::NoDot),
        ("acme..com", UrlError::BadHost),
        ("ann@acme.com", UrlError::BadHost),
        ("https://acme.com:99999", UrlError::BadHost),
        ("1.2", UrlError::BadHost),
    ];
    for (typed, error) in cases {
        assert_eq!(parse_url(typed), Err(error), "{typed}");
    }
}
