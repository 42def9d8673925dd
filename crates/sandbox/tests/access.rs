//! Tokens, scopes, several portals and OAuth answer as HubSpot does.
#![allow(clippy::unwrap_used, reason = "a test may fail loudly anywhere, helpers included")]

mod common;

use common::{Answer, get, post, send, started};
use evergreen_sandbox::Sandbox;
use serde_json::{Value, json};

const CONTACTS: &str = "/crm/objects/2026-09/contacts";

async fn with(sandbox: &Sandbox, token: &str, method: &str, path: &str, body: Option<&Value>) -> Answer {
    send(sandbox, method, path, &[("authorization", &format!("Bearer {token}"))], body).await.unwrap()
}

/// A form as browsers and OAuth clients send it.
async fn form(sandbox: &Sandbox, path: &str, fields: &[(&str, &str)]) -> Answer {
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    common::send_raw(sandbox, "POST", path, &[("content-type", "application/x-www-form-urlencoded")], &body).await
}

const CLIENT: [(&str, &str); 2] = [("client_id", "sandbox-client-id"), ("client_secret", "sandbox-client-secret")];

async fn code(sandbox: &Sandbox) -> String {
    let path = "/oauth/authorize?client_id=sandbox-client-id&redirect_uri=https%3A%2F%2Fapp.example%2Fback\
        &scope=oauth%20crm.objects.contacts.read&state=s1";
    let answer = send(sandbox, "GET", path, &[], None).await.unwrap();
    assert_eq!(answer.status, 302, "{}", answer.text);
    let location = answer.header("location");
    let back = url::Url::parse(&location).unwrap();
    assert!(back.query_pairs().any(|(name, value)| name == "state" && value == "s1"), "{location}");
    back.query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned()
}

async fn exchange(sandbox: &Sandbox, path: &str) -> Value {
    let code = code(sandbox).await;
    let mut fields = CLIENT.to_vec();
    fields.extend([
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", "https://app.example/back"),
    ]);
    let answer = form(sandbox, path, &fields).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json()
}

#[tokio::test]
async fn a_missing_scope_is_403_and_names_it() {
    let sandbox = started().await;
    let token = json!({"token": "narrow", "scopes": ["crm.objects.contacts.read"], "app_id": 77});
    assert_eq!(post(&sandbox, "/__sandbox/tokens", token).await.status, 200);
    assert_eq!(with(&sandbox, "narrow", "GET", CONTACTS, None).await.status, 200);
    let body = json!({"properties": {"email": "n@northquay.example"}});
    let refused = with(&sandbox, "narrow", "POST", CONTACTS, Some(&body)).await;
    assert_eq!(refused.status, 403);
    let refused = refused.json();
    assert_eq!(refused["category"], "MISSING_SCOPES");
    assert_eq!(refused["errors"][0]["context"]["requiredGranularScopes"], json!(["crm.objects.contacts.write"]));
    assert_eq!(refused["links"]["scopes"], "https://developers.hubspot.com/scopes");
    for (path, scope) in [
        ("/crm/objects/2026-09/companies", "crm.objects.companies.read"),
        ("/crm/properties/2026-09/contacts", "crm.schemas.contacts.read"),
        ("/crm/owners/2026-09", "crm.objects.owners.read"),
        ("/crm/lists/2026-09?listIds=1", "crm.lists.read"),
        ("/crm/v3/imports", "crm.import"),
    ] {
        let answer = with(&sandbox, "narrow", "GET", path, None).await;
        assert_eq!(answer.status, 403, "{path}");
        assert_eq!(answer.json()["errors"][0]["context"]["requiredGranularScopes"], json!([scope]), "{path}");
    }
    // One of two preferences scopes is enough, and account details and limits need no more than this token has.
    let read_write = json!({"token": "mail", "scopes": ["communication_preferences.read_write"]});
    post(&sandbox, "/__sandbox/tokens", read_write).await;
    let definitions = "/communication-preferences/2026-09/definitions";
    assert_eq!(with(&sandbox, "mail", "GET", definitions, None).await.status, 200);
    assert_eq!(with(&sandbox, "narrow", "GET", "/account-info/2026-09/details", None).await.status, 200);
    assert_eq!(with(&sandbox, "narrow", "GET", "/crm/limits/2026-09/records", None).await.status, 200);
    assert_eq!(with(&sandbox, "mail", "GET", "/crm/limits/2026-09/records", None).await.status, 403);
}

#[tokio::test]
async fn each_token_reaches_its_own_portal_and_writes_as_its_app() {
    let sandbox = started().await;
    let portal = json!({"portal": 555, "time_zone": "Europe/Berlin", "account_type": "DEVELOPER_TEST"});
    assert_eq!(post(&sandbox, "/__sandbox/portals", portal).await.status, 200);
    let token = json!({"token": "berlin", "portal": 555, "app_id": 42});
    assert_eq!(post(&sandbox, "/__sandbox/tokens", token).await.status, 200);
    let body = json!({"properties": {"email": "only@berlin.example", "jobtitle": "Head"}});
    let made = with(&sandbox, "berlin", "POST", CONTACTS, Some(&body)).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let id = made.json()["id"].as_str().unwrap().to_owned();
    let path = format!("{CONTACTS}/{id}?propertiesWithHistory=jobtitle");
    let read = with(&sandbox, "berlin", "GET", &path, None).await.json();
    assert_eq!(read["propertiesWithHistory"]["jobtitle"][0]["sourceId"], "42");
    assert!(read["url"].as_str().unwrap().contains("/555/"), "{}", read["url"]);
    let elsewhere = format!("{CONTACTS}/only@berlin.example?idProperty=email");
    assert_eq!(get(&sandbox, &elsewhere).await.status, 404);
    let details = with(&sandbox, "berlin", "GET", "/account-info/2026-09/details", None).await.json();
    assert_eq!((&details["portalId"], &details["utcOffset"]), (&json!(555), &json!("+01:00")));
    assert_eq!(details["accountType"], "DEVELOPER_TEST");
    let info = json!({"tokenKey": "berlin"});
    let info = with(&sandbox, "berlin", "POST", "/oauth/v2/private-apps/get/access-token-info", Some(&info)).await;
    assert_eq!((&info.json()["hubId"], &info.json()["appId"]), (&json!(555), &json!(42)));
}

#[tokio::test]
async fn a_code_buys_tokens_and_a_refresh_token_buys_more() {
    let sandbox = started().await;
    for path in ["/oauth/2026-09/token", "/oauth/v1/token", "/oauth/v3/token"] {
        let first = exchange(&sandbox, path).await;
        assert_eq!((&first["token_type"], &first["expires_in"]), (&json!("bearer"), &json!(1800)));
        let access = first["access_token"].as_str().unwrap();
        let answer = with(&sandbox, access, "GET", CONTACTS, None).await;
        assert_eq!(answer.status, 200);
        assert!(!answer.head.contains("ratelimit-daily"), "{}", answer.head);
        assert!(answer.head.contains("x-hubspot-ratelimit-max"), "{}", answer.head);
        let mut fields = CLIENT.to_vec();
        fields.extend([("grant_type", "refresh_token"), ("refresh_token", first["refresh_token"].as_str().unwrap())]);
        let second = form(&sandbox, path, &fields).await.json();
        assert_eq!(second["refresh_token"], first["refresh_token"]);
        assert_ne!(second["access_token"], first["access_token"]);
    }
}

#[tokio::test]
async fn a_revoked_refresh_token_is_refused_and_its_access_token_lives_on() {
    let sandbox = started().await;
    let first = exchange(&sandbox, "/oauth/2026-09/token").await;
    let (access, refresh) = (first["access_token"].as_str().unwrap(), first["refresh_token"].as_str().unwrap());
    let mut fields = CLIENT.to_vec();
    fields.push(("token", access));
    let info = form(&sandbox, "/oauth/2026-09/token/introspect", &fields).await.json();
    assert_eq!((&info["active"], &info["app_id"]), (&json!(true), &json!(1001)));
    fields[2] = ("token", refresh);
    assert_eq!(form(&sandbox, "/oauth/2026-09/token/introspect", &fields).await.json()["token_use"], "refresh_token");
    assert_eq!(form(&sandbox, "/oauth/2026-09/token/revoke", &fields).await.status, 200);
    assert_eq!(form(&sandbox, "/oauth/2026-09/token/introspect", &fields).await.json(), json!({"active": false}));
    let mut fields = CLIENT.to_vec();
    fields.extend([("grant_type", "refresh_token"), ("refresh_token", refresh)]);
    let refused = form(&sandbox, "/oauth/2026-09/token", &fields).await;
    assert_eq!(refused.status, 400);
    assert_eq!(
        refused.json(),
        json!({"error": "invalid_grant", "error_description": "refresh token is invalid, expired or revoked",
            "status": "BAD_REFRESH_TOKEN", "message": "refresh token is invalid, expired or revoked"})
    );
    assert_eq!(with(&sandbox, access, "GET", CONTACTS, None).await.status, 200);
}

#[tokio::test]
async fn the_token_endpoint_names_what_is_wrong() {
    let sandbox = started().await;
    let ask = |fields: Vec<(&'static str, &'static str)>| {
        let sandbox = &sandbox;
        async move {
            let answer = form(sandbox, "/oauth/2026-09/token", &fields).await;
            assert_eq!(answer.status, 400, "{}", answer.text);
            answer.json()["status"].as_str().unwrap().to_owned()
        }
    };
    assert_eq!(ask(vec![("grant_type", "refresh_token"), ("client_id", "nobody")]).await, "BAD_CLIENT_ID");
    let wrong_secret = vec![("grant_type", "refresh_token"), CLIENT[0], ("client_secret", "no")];
    assert_eq!(ask(wrong_secret).await, "BAD_CLIENT_SECRET");
    let wrong_code = vec![("grant_type", "authorization_code"), CLIENT[0], CLIENT[1], ("code", "no")];
    assert_eq!(ask(wrong_code).await, "BAD_AUTH_CODE");
    assert_eq!(ask(vec![("grant_type", "password"), CLIENT[0], CLIENT[1]]).await, "BAD_GRANT_TYPE");
    assert_eq!(ask(vec![("grant_type", "client_credentials"), CLIENT[0], CLIENT[1]]).await, "BAD_SCOPES");
}

#[tokio::test]
async fn an_expired_token_is_401_and_an_uninstalled_app_has_no_hub() {
    let sandbox = started().await;
    post(&sandbox, "/__sandbox/tokens", json!({"token": "brief", "expires_in_s": 0})).await;
    let refused = with(&sandbox, "brief", "GET", CONTACTS, None).await;
    assert_eq!((refused.status, refused.json()["category"].clone()), (401, json!("EXPIRED_AUTHENTICATION")));
    let first = exchange(&sandbox, "/oauth/2026-09/token").await;
    let access = first["access_token"].as_str().unwrap();
    assert_eq!(with(&sandbox, access, "DELETE", "/appinstalls/2026-09/external-install", None).await.status, 204);
    assert_eq!(with(&sandbox, access, "GET", CONTACTS, None).await.status, 401);
    let mut fields = CLIENT.to_vec();
    fields.extend([("grant_type", "refresh_token"), ("refresh_token", first["refresh_token"].as_str().unwrap())]);
    let refused = form(&sandbox, "/oauth/2026-09/token", &fields).await.json();
    assert_eq!((&refused["status"], &refused["error"]), (&json!("BAD_HUB"), &json!("access_denied")));
}

#[tokio::test]
async fn tokens_and_portals_survive_a_restart_with_their_writes() {
    let folder = tempfile::tempdir().unwrap();
    let mut options = common::options(common::world());
    options.journal = Some(folder.path().join("journal"));
    let sandbox = Sandbox::start(options.clone()).await.unwrap();
    post(&sandbox, "/__sandbox/portals", json!({"portal": 555})).await;
    post(&sandbox, "/__sandbox/tokens", json!({"token": "other", "portal": 555, "app_id": 42})).await;
    let body = json!({"properties": {"email": "kept@berlin.example", "jobtitle": "Head"}});
    with(&sandbox, "other", "POST", CONTACTS, Some(&body)).await;
    let issued = exchange(&sandbox, "/oauth/2026-09/token").await;
    sandbox.stop().await;
    let sandbox = Sandbox::start(options).await.unwrap();
    let path = format!("{CONTACTS}/kept@berlin.example?idProperty=email&propertiesWithHistory=jobtitle");
    let read = with(&sandbox, "other", "GET", &path, None).await;
    assert_eq!(read.status, 200, "{}", read.text);
    assert_eq!(read.json()["propertiesWithHistory"]["jobtitle"][0]["sourceId"], "42");
    assert_eq!(with(&sandbox, issued["access_token"].as_str().unwrap(), "GET", CONTACTS, None).await.status, 200);
}
