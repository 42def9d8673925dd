//! An OAuth app's tokens: renewed before they expire, once for all who wait, kept, and told apart when they fail.
#![allow(clippy::unwrap_used, reason = "a test may fail loudly anywhere, helpers included")]

mod script;

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use evergreen_hubspot::{Client, Credential, OAuthApp, Options, TokenError, TokenKeeper, Tokens, authorize_url};
use evergreen_ports::{Clock, HttpRequest, Outbound, OutboundError, PortalError};
use jiff::SignedDuration;
use script::{Answer, Scripted, StillClock, answer};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

fn app() -> OAuthApp {
    OAuthApp {
        client_id: "app-1".to_owned(),
        client_secret: "very-secret".into(),
        redirect_uri: "https://eg.example/back".to_owned(),
    }
}

#[derive(Default)]
struct Drawer(Mutex<Vec<String>>);

#[async_trait]
impl TokenKeeper for Drawer {
    async fn keep(&self, tokens: &Tokens) -> Result<(), PortalError> {
        self.0.lock().unwrap().push(tokens.refresh.expose_secret().to_owned());
        Ok(())
    }
}

struct Scene {
    client: Client,
    outbound: Arc<Scripted>,
    clock: Arc<StillClock>,
    drawer: Arc<Drawer>,
}

fn scene(script: impl FnMut(&HttpRequest, Value) -> Answer + Send + 'static) -> Scene {
    let (outbound, clock) = script::parts(script);
    let drawer = Arc::new(Drawer::default());
    let credential = Credential::OAuth {
        app: app(),
        tokens: Tokens::from_refresh("r-1".into()),
        keeper: Arc::clone(&drawer) as Arc<dyn TokenKeeper>,
    };
    let client = Client::new(
        Arc::clone(&outbound) as Arc<dyn Outbound>,
        "https://api.hubapi.example",
        credential,
        Options::default(),
        Arc::clone(&clock) as Arc<dyn Clock>,
    );
    Scene { client, outbound, clock, drawer }
}

fn bearer(request: &HttpRequest) -> String {
    request.headers.iter().find(|(name, _)| name == "authorization").unwrap().1.clone()
}

/// Numbers the access tokens it gives, and the refresh tokens with them.
fn office() -> impl FnMut(&HttpRequest, Value) -> Answer + Send + 'static {
    let mut given = 0;
    move |request, _| {
        if request.url.ends_with("/oauth/2026-09/token") {
            given += 1;
            return answer(
                200,
                &json!({"access_token": format!("a-{given}"), "refresh_token": format!("r-{}", given + 1), "expires_in": 1800,
                        "token_type": "bearer", "hub_id": 7, "scopes": ["oauth"]}),
            );
        }
        answer(200, &json!({"portalId": 7}))
    }
}

#[tokio::test]
async fn the_first_call_renews_and_the_next_ones_use_the_token_until_shortly_before_it_ends() {
    let scene = scene(office());
    for _ in 0..3 {
        scene.client.account().await.unwrap();
    }
    scene.clock.sleep(SignedDuration::from_mins(26)).await;
    scene.client.account().await.unwrap();
    scene.clock.sleep(SignedDuration::from_mins(2)).await;
    scene.client.account().await.unwrap();
    let requests = scene.outbound.requests();
    let tokens: Vec<String> = requests.iter().filter(|request| request.method == "GET").map(bearer).collect();
    assert_eq!(tokens, ["Bearer a-1", "Bearer a-1", "Bearer a-1", "Bearer a-1", "Bearer a-2"]);
    let renewals: Vec<String> = requests
        .iter()
        .filter(|request| request.method == "POST")
        .map(|request| String::from_utf8(request.body.clone().unwrap()).unwrap())
        .collect();
    assert_eq!(renewals.len(), 2);
    assert_eq!(renewals[0], "grant_type=refresh_token&refresh_token=r-1&client_id=app-1&client_secret=very-secret");
    // What came back is used and kept.
    assert!(renewals[1].contains("refresh_token=r-2"));
    assert_eq!(*scene.drawer.0.lock().unwrap(), ["r-2", "r-3"]);
}

#[tokio::test]
async fn many_tasks_that_need_a_token_renew_once() {
    let scene = scene(office());
    let calls: Vec<_> = (0..20).map(|_| scene.client.account()).collect();
    for answer in futures::future::join_all(calls).await {
        answer.unwrap();
    }
    let renewals = scene.outbound.asked().iter().filter(|asked| asked.starts_with("POST")).count();
    assert_eq!(renewals, 1);
}

#[tokio::test]
async fn an_unexpected_401_renews_once_and_then_fails() {
    let mut given = 0;
    let scene = scene(move |request, _| {
        if request.method == "POST" {
            given += 1;
            return answer(200, &json!({"access_token": format!("a-{given}"), "expires_in": 1800}));
        }
        match bearer(request).as_str() {
            "Bearer a-1" => answer(401, &json!({"category": "EXPIRED_AUTHENTICATION", "message": "expired"})),
            "Bearer a-2" => answer(200, &json!({"portalId": 7})),
            other => panic!("{other}"),
        }
    });
    assert_eq!(scene.client.account().await.unwrap().portal_id, "7");

    let mut given = 0;
    let hopeless = self::scene(move |request, _| {
        if request.method == "POST" {
            given += 1;
            return answer(200, &json!({"access_token": format!("a-{given}"), "expires_in": 1800}));
        }
        answer(401, &json!({"category": "INVALID_AUTHENTICATION", "message": "no"}))
    });
    let problem = hopeless.client.account().await.unwrap_err().into_problem();
    assert_eq!(problem.code, "EG-PORTAL-001");
    assert_eq!(hopeless.outbound.asked().len(), 4);
}

#[tokio::test]
async fn a_withdrawn_consent_a_wrong_app_and_an_outage_are_told_apart() {
    let withdrawn = json!({"error": "invalid_grant", "error_description": "refresh token is invalid, expired or revoked",
                           "status": "BAD_REFRESH_TOKEN", "message": "refresh token is invalid, expired or revoked"});
    let no_hub = json!({"error": "access_denied", "status": "BAD_HUB", "message": "missing or unknown hub id"});
    let wrong_app =
        json!({"error": "invalid_client", "status": "BAD_CLIENT_ID", "message": "missing or unknown client id"});
    let used_code =
        json!({"error": "invalid_grant", "status": "BAD_AUTH_CODE", "message": "missing or unknown auth code"});
    let table: Vec<(&str, Answer, usize)> = vec![
        ("EG-PORTAL-013", answer(400, &withdrawn), 1),
        ("EG-PORTAL-013", answer(400, &no_hub), 1),
        ("EG-PORTAL-014", answer(400, &wrong_app), 1),
        ("EG-PORTAL-014", answer(400, &used_code), 1),
        ("EG-PORTAL-014", answer(418, &Value::Null), 1),
        ("EG-PORTAL-005", answer(503, &Value::Null), 4),
        ("EG-PORTAL-005", answer(429, &Value::Null), 4),
        ("EG-PORTAL-008", Err(OutboundError::Timeout("slow".to_owned())), 4),
    ];
    for (code, given, tries) in table {
        let again = given.clone();
        let scene = scene(move |_, _| again.clone());
        let problem = scene.client.account().await.unwrap_err().into_problem();
        assert_eq!((problem.code.as_str(), scene.outbound.asked().len()), (code, tries), "{given:?}");
        assert!(!problem.to_string().contains("very-secret") && !problem.to_string().contains("r-1"));
    }
}

#[tokio::test]
async fn an_admin_agrees_on_a_page_and_the_code_becomes_tokens() {
    let url =
        authorize_url("https://app.hubspot.com/", &app(), &["oauth", "crm.lists.read"], &["sales-email-read"], "s 1");
    assert_eq!(
        url,
        "https://app.hubspot.com/oauth/authorize?client_id=app-1&redirect_uri=https%3A%2F%2Feg.example%2Fback\
         &scope=oauth%20crm.lists.read&optional_scope=sales-email-read&state=s%201"
    );
    let (outbound, clock) = script::parts(|_, _| {
        answer(
            200,
            &json!({"access_token": "a", "refresh_token": "r", "expires_in": 1800, "hub_id": 7, "scopes": ["oauth"]}),
        )
    });
    let tokens = app().exchange(&*outbound, "https://api.hubapi.example", &*clock, "c 1", Some("v")).await.unwrap();
    assert_eq!((tokens.portal_id.as_deref(), tokens.scopes.as_slice()), (Some("7"), &["oauth".to_owned()][..]));
    assert_eq!(tokens.expires_at.duration_since(clock.now()), SignedDuration::from_mins(30));
    let body = String::from_utf8(outbound.requests()[0].body.clone().unwrap()).unwrap();
    assert!(body.starts_with(
        "grant_type=authorization_code&code=c%201&redirect_uri=https%3A%2F%2Feg.example%2Fback&code_verifier=v"
    ));

    // A code works once: a lost answer is not asked for again.
    let (outbound, clock) = script::parts(|_, _| Err(OutboundError::Timeout("slow".to_owned())));
    let error = app().exchange(&*outbound, "https://api.hubapi.example", &*clock, "c", None).await.unwrap_err();
    assert!(matches!(error, TokenError::Transient(_)));
    assert_eq!(outbound.asked().len(), 1);
}

#[tokio::test]
async fn introspection_tells_the_app_and_what_it_may_and_revoking_names_the_token() {
    let (outbound, clock) = script::parts(|request, _| {
        if request.url.ends_with("/introspect") {
            return answer(
                200,
                &json!({"active": true, "hub_id": 7, "app_id": 99, "scopes": ["oauth"], "user": "a@b.co", "expires_in": 900}),
            );
        }
        answer(200, &Value::Null)
    });
    let base = "https://api.hubapi.example";
    let told = app().introspect(&*outbound, base, &*clock, &"a".into(), "access_token").await.unwrap();
    assert_eq!((told.active, told.app_id.as_deref(), told.expires_in), (true, Some("99"), Some(900)));
    app().revoke(&*outbound, base, &*clock, &"r-1".into()).await.unwrap();
    assert_eq!(outbound.asked(), ["POST /oauth/2026-09/token/introspect", "POST /oauth/2026-09/token/revoke"]);
}

#[test]
fn a_credential_shows_no_secret() {
    let shown = format!("{:?} {:?}", app(), Credential::Key("pat-secret".into()));
    assert!(!shown.contains("very-secret") && !shown.contains("pat-secret"));
    assert!(!format!("{:?}", Tokens::from_refresh("r-secret".into())).contains("r-secret"));
}
