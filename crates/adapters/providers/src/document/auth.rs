//! How a key is sent: header, query, basic, OAuth client credentials, or a signature over the request.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::template::Template;

/// How the key is sent.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Auth {
    /// No key.
    #[default]
    None,
    /// In a header.
    Header {
        /// Name of the header.
        name: String,
        /// What stands before the key: `Bearer `.
        #[serde(default)]
        prefix: String,
    },
    /// In a query parameter. Avoid where the vendor offers a header: addresses end up in logs.
    Query {
        /// Name of the parameter.
        name: String,
    },
    /// HTTP basic; the key is `user:password`, or the user alone.
    Basic {},
    /// A token bought with client id and secret; the key is `id:secret`. It is kept until the vendor refuses it.
    Oauth(OAuth),
    /// A signature over the request; the key is `id:secret`, or the secret alone.
    Hmac(Hmac),
}

/// OAuth 2.0 client credentials.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OAuth {
    /// Where tokens are given out: a whole address, or a path behind the base address.
    pub token_url: String,
    /// What the token is for.
    #[serde(default)]
    pub scope: Option<String>,
    /// Further form fields of the token request.
    #[serde(default)]
    pub extra: BTreeMap<String, String>,
    /// Where id and secret stand in the token request.
    #[serde(default)]
    pub client: ClientPlace,
}

/// Where a client shows who it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClientPlace {
    /// In the form, as `client_id` and `client_secret`.
    #[default]
    Body,
    /// In the header, as HTTP basic.
    Basic,
}

/// A signature over the request.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Hmac {
    /// The header that carries the signature.
    pub header: String,
    /// What stands before the signature.
    #[serde(default)]
    pub prefix: String,
    /// How it is made.
    #[serde(default)]
    pub algorithm: Algorithm,
    /// How its bytes are written.
    #[serde(default)]
    pub encoding: Encoding,
    /// What is signed: a template that sees `method`, `path`, `query`, `body`, `id` and `timestamp` (seconds since 1970).
    pub over: Template,
    /// Further headers with the same templates: `X-Key-Id: "{{ id }}"`.
    #[serde(default)]
    pub headers: BTreeMap<String, Template>,
}

/// How a signature is made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Algorithm {
    /// HMAC with SHA-1; old, but some vendors still use it.
    Sha1,
    /// HMAC with SHA-256.
    #[default]
    Sha256,
    /// HMAC with SHA-512.
    Sha512,
}

/// How bytes are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Encoding {
    /// Lower-case hexadecimal.
    #[default]
    Hex,
    /// Base64.
    Base64,
}
