//! The records' part of the API: one file for each verb, the same for all resources of [`resource::RESOURCES`].
//!
//! Reads are answered from the projection, writes go through the core like everything that is pushed.

pub(super) mod asker;
mod audit;
mod calendar_feed;
mod change;
mod create;
mod docs;
mod failure;
mod fields;
mod history;
mod list;
mod normal;
pub mod openapi;
mod query;
mod reports;
mod resource;
mod restore;
mod schema;
mod settings;
mod show;
mod tokens;
mod trash;
mod users;
mod view;
mod webhooks;
mod write;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{delete, get, patch, post};

use super::app::App;
use resource::RESOURCES;

/// Largest body of a request: a note of 64 KiB, however it is escaped, and all other fields.
const BODY_MAX_BYTES: usize = 512 * 1024;

/// The routes, below `/api/v1`.
pub(super) fn routes(app: &Arc<App>) -> Router<Arc<App>> {
    if app.options.rest.is_none() {
        return Router::new();
    }
    let mut router = Router::new()
        .route("/users", get(users::list))
        .route("/users/{id}", get(users::show))
        .route("/settings", get(settings::show))
        .route("/audit", get(audit::list))
        .route("/audit.csv", get(audit::export))
        .route("/reports/{name}", get(reports::show))
        .route("/tokens", get(tokens::list).post(tokens::create))
        .route("/tokens/{id}", delete(tokens::revoke))
        .route("/calendar-feed", get(calendar_feed::show).post(calendar_feed::make).delete(calendar_feed::end))
        .route("/webhooks", get(webhooks::list).post(webhooks::create))
        .route("/webhooks/{id}", patch(webhooks::change).delete(webhooks::remove))
        .route("/webhooks/{id}/secret", post(webhooks::rotate))
        .route("/webhooks/{id}/test", post(webhooks::test))
        .route("/webhooks/{id}/deliveries", get(webhooks::deliveries))
        .route("/webhooks/{id}/deliveries/{delivery}/resend", post(webhooks::resend))
        .route("/openapi.json", get(docs::openapi))
        .route("/docs", get(docs::page))
        .route("/docs/style.css", get(docs::style));
    for resource in RESOURCES {
        let path = format!("/{}", resource.kind.plural());
        let one = format!("{path}/{{id}}");
        router = router
            .route(
                &path,
                get(async move |app, asker, query| list::list(resource, app, asker, query).await).post(
                    async move |app, asker, headers, body| create::create(resource, (app, asker), headers, body).await,
                ),
            )
            .route(
                &one,
                get(async move |app, asker, id| show::show(resource, app, asker, id).await)
                    .patch(async move |app, asker, id, headers, body| {
                        change::change(resource, (app, asker), (id, headers), body).await
                    })
                    .delete(async move |app, asker, id, headers| {
                        trash::trash(resource, (app, asker), id, headers).await
                    }),
            )
            .route(
                &format!("{one}/restore"),
                post(async move |app, asker, id| restore::restore(resource, app, asker, id).await),
            )
            .route(
                &format!("{one}/history"),
                get(async move |app, asker, id, query| history::list(resource, (app, asker), id, query).await),
            );
    }
    router.layer(DefaultBodyLimit::max(BODY_MAX_BYTES))
}
