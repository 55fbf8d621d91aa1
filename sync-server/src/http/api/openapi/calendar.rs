//! Calendar feeds. The feed itself lies outside the API's prefix and is no part of the document.

use serde_json::{Map, Value, json};

use super::{answer, nothing, nullable, object, operation, put, text, time};

/// Adds the operations.
pub(super) fn add(paths: &mut Map<String, Value>) {
    let feed = object(json!({
        "on": { "type": "boolean" },
        "created_at": nullable(time()),
        "last_used_at": nullable(time()),
    }));
    let shown = answer("Whether it has one.", feed);
    let show = operation("Says whether your calendar has an address", "show_calendar_feed", ("200", shown));
    put(paths, "/calendar-feed", "get", show);
    let mut path = text();
    path["description"] = "The address below the relay's own, shown here and never again.".into();
    let made = answer("It works now; an earlier one no more.", object(json!({ "path": path })));
    let make = operation("Gives your calendar a new address", "make_calendar_feed", ("201", made));
    put(paths, "/calendar-feed", "post", make);
    let end = ("204", nothing("It works no more."));
    put(paths, "/calendar-feed", "delete", operation("Takes your calendar's address away", "end_calendar_feed", end));
}
