//! Which pages may open the sync socket. Programs send no `Origin`; browsers always do, and pages can't forge it.

use axum::http::{HeaderMap, header};

use super::app::AppOptions;

/// Whether a request may open the socket: without `Origin`, from the relay's own pages, or from an allowed origin.
/// Compared exactly, letter for letter.
pub(super) fn may_connect(headers: &HeaderMap, options: &AppOptions) -> bool {
    let mut origins = headers.get_all(header::ORIGIN).iter();
    let origin = match (origins.next(), origins.next()) {
        (None, _) => return true,
        (Some(only), None) => only.to_str().unwrap_or(""),
        (Some(_), Some(_)) => return false,
    };
    let allowed = options.public_url.iter().chain(&options.allow_origin).any(|allowed| allowed == origin);
    allowed || is_own(origin, headers, options)
}

/// Whether a request that carries a cookie comes from a page that may send it: browsers say where they post from.
pub(super) fn may_use_cookie(headers: &HeaderMap, options: &AppOptions) -> bool {
    headers.contains_key(header::ORIGIN) && may_connect(headers, options)
}

/// Whether the origin is the address that the request was sent to. Under the public address only its own scheme
/// counts; elsewhere (a test, a private network) the relay can't know whether a proxy speaks TLS for it.
fn is_own(origin: &str, headers: &HeaderMap, options: &AppOptions) -> bool {
    let Some(host) = headers.get(header::HOST).and_then(|host| host.to_str().ok()) else { return false };
    let under = |scheme: &str| origin.strip_prefix(scheme) == Some(host);
    let public = options.public_url.as_deref().and_then(|url| url.split_once("://"));
    match public {
        Some((_, public_host)) if public_host == host => false,
        _ => under("http://") || under("https://"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn may(origins: &[&str], public_url: Option<&str>) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, "crm.example.org".parse().unwrap());
        for origin in origins {
            headers.append(header::ORIGIN, origin.parse().unwrap());
        }
        let allow_origin = vec!["https://partner.example".to_owned()];
        let options = AppOptions { public_url: public_url.map(Into::into), allow_origin, ..AppOptions::default() };
        may_connect(&headers, &options)
    }

    #[test]
    fn programs_and_own_and_allowed_pages_may_connect() {
        assert!(may(&[], None));
        assert!(may(&["https://crm.example.org"], None));
        assert!(may(&["http://crm.example.org"], None));
        assert!(may(&["https://partner.example"], None));
        assert!(may(&["https://crm.example.org"], Some("https://crm.example.org")));
        assert!(may(&["https://other.example"], Some("https://other.example")));
    }

    #[test]
    fn every_other_page_is_refused() {
        for bad in [
            "null",
            "",
            "https://crm.example.org.evil.example",
            "https://evil.example/crm.example.org",
            "https://crm.example.org:8443",
            "https://CRM.example.org",
            "https://crm.example.org/",
            "ws://crm.example.org",
            "crm.example.org",
        ] {
            assert!(!may(&[bad], None), "{bad}");
        }
        assert!(!may(&["http://crm.example.org"], Some("https://crm.example.org")));
        assert!(!may(&["https://crm.example.org", "https://crm.example.org"], None));
    }
}
