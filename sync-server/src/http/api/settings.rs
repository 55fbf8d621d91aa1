//! `GET /settings`

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use model::Settings;
use serde_json::{Value, json};

use super::asker::{Asker, rest};
use crate::http::app::App;
use crate::http::error::ApiError;

/// Shows the workspace's settings: stages, currency, proposals.
pub(super) async fn show(State(app): State<Arc<App>>, _asker: Asker) -> Result<Json<Value>, ApiError> {
    let settings = rest(&app)?.projection.read(|view| Ok(settings_json(view.settings))).await?;
    Ok(Json(settings))
}

fn settings_json(settings: &Settings) -> Value {
    let stages: Vec<Value> = settings
        .stages
        .iter()
        .map(|stage| {
            json!({
                "id": stage.id,
                "name": stage.name,
                "kind": stage.kind,
                "probability": stage.probability,
                "rot_days": stage.rot_days,
                "color": stage.color,
            })
        })
        .collect();
    let own_fields: Vec<Value> = settings
        .own_fields
        .iter()
        .map(|field| {
            json!({
                "kind": field.kind,
                "key": field.key,
                "name": field.name,
                "type": field.of,
                "options": field.options,
                "archived": field.archived,
            })
        })
        .collect();
    json!({
        "name": settings.name,
        "currency": settings.currency,
        "time_zone": settings.time_zone,
        "region": settings.region,
        "date_order": settings.date_order,
        "week_start": settings.week_start,
        "fiscal_month": settings.fiscal_month,
        "only_owners_edit": settings.only_owners_edit,
        "leaderboard_off": settings.leaderboard_off,
        "stages": stages,
        "sources": settings.sources,
        "lost_reasons": settings.lost_reasons,
        "old_sources": settings.old_sources,
        "old_lost_reasons": settings.old_lost_reasons,
        "own_fields": own_fields,
        "tag_colors": settings.tag_colors,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A stage's rank is told by its place.
    #[test]
    fn nothing_of_the_settings_is_left_out() {
        let names = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        let mut all = serde_json::to_value(Settings::default()).unwrap();
        for stage in all["stages"].as_array_mut().unwrap() {
            stage.as_object_mut().unwrap().remove("rank");
        }

        let shown = settings_json(&Settings::default());

        assert_eq!(names(&shown), names(&all));
        assert_eq!(shown, all);
    }
}
