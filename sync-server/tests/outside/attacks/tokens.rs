//! Tokens that are not what they claim to be.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;

use super::same;
use crate::harness::TestRelay;

fn read(part: &str) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

fn write(value: &str) -> String {
    URL_SAFE_NO_PAD.encode(value)
}

/// Signs with a secret, as libraries do that take a public key for one.
fn hmac(message: &str, secret: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).unwrap();
    mac.update(message.as_bytes());
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
}

/// Forgeries of a genuine token.
fn forgeries(token: &str) -> Vec<(String, String)> {
    let parts: Vec<&str> = token.split('.').collect();
    let (header, claims, signature) = (read(parts[0]), read(parts[1]), parts[2]);
    let mut forged = Vec::new();
    let mut add = |name: &str, token: String| forged.push((name.to_owned(), token));
    add("empty", String::new());
    add("malformed", "not a token".into());
    add("truncated", token[..token.len() - 5].into());
    add("two parts", format!("{}.{}", parts[0], parts[1]));
    add("padded", format!("{token}="));
    add("other alphabet", token.replacen(parts[0], &format!("{}+", parts[0]), 1));
    for (name, key, value) in [
        ("alg none", "alg", json!("none")),
        ("alg HS256", "alg", json!("HS256")),
        ("alg RS256", "alg", json!("RS256")),
        ("unknown kid", "kid", json!("another")),
        ("wrong typ", "typ", json!("JWT")),
        ("jku", "jku", json!("https://evil.example/keys")),
        ("x5u", "x5u", json!("https://evil.example/cert")),
        ("jwk", "jwk", json!({"kty": "OKP", "crv": "Ed25519", "x": "AA"})),
        ("crit", "crit", json!(["exp"])),
    ] {
        let mut header = header.clone();
        header[key] = value;
        let message = format!("{}.{}", write(&header.to_string()), parts[1]);
        add(name, format!("{message}.{signature}"));
        add(name, format!("{message}."));
        add(name, hmac(&message, b""));
    }
    for (name, key, value) in [
        ("wrong iss", "iss", json!("another")),
        ("wrong aud", "aud", json!("another")),
        ("expired", "exp", json!(1)),
        ("nbf in future", "nbf", json!(9_999_999_999_i64)),
        ("role", "role", json!("admin")),
        ("no sub", "sub", Value::Null),
        ("no sid", "sid", Value::Null),
        ("no exp", "exp", Value::Null),
    ] {
        let mut claims = claims.clone();
        claims[key] = value;
        if claims[key].is_null() {
            claims.as_object_mut().unwrap().remove(key);
        }
        add(name, format!("{}.{}.{signature}", parts[0], write(&claims.to_string())));
    }
    let doubled = claims.to_string().replacen('{', "{\"exp\":9999999999,", 1);
    add("duplicate claims", format!("{}.{}.{signature}", parts[0], write(&doubled)));
    forged
}

/// Row: no, malformed, truncated token; `alg:none`; HS/EdDSA confusion; foreign key; unknown `kid`; key headers;
/// wrong claims; expired; duplicate claims; non-strict base64. (That claims are refused for what they say, and not
/// only for their signature, is held by unit tests, which can sign.)
#[tokio::test(flavor = "multi_thread")]
async fn no_malformed_forged_or_expired_token_is_let_in() {
    let (relay, ada) = TestRelay::with_ada().await;
    let (other, eve) = TestRelay::with_ada().await;
    let none = relay.get("/api/v1/me", None).await;
    assert_eq!((none.status, none.code()), (401, "sign_in"));

    for (name, token) in forgeries(ada["access_token"].as_str().unwrap()) {
        let answer = relay.get("/api/v1/me", Some(&token)).await;
        assert_eq!((answer.status, &answer.bytes), (401, &none.bytes), "{name}: {token}");
    }
    same(&relay.me(&eve).await, &none);
    assert_eq!(other.me(&eve).await.status, 200);
    relay.clock.advance(631_000);
    same(&relay.me(&ada).await, &none);
}

/// Row: refresh token sent as access token, and access as refresh.
#[tokio::test(flavor = "multi_thread")]
async fn refresh_token_as_access_token_and_access_as_refresh() {
    let (relay, ada) = TestRelay::with_ada().await;

    let as_access = relay.get("/api/v1/me", ada["refresh_token"].as_str()).await;
    let as_refresh = relay.refresh(&ada["access_token"]).await;

    assert_eq!((as_access.status, as_access.code()), (401, "sign_in"));
    assert_eq!((as_refresh.status, as_refresh.code()), (401, "session_ended"));
    assert_eq!(relay.me(&ada).await.status, 200, "a mistake ends nothing");
}
