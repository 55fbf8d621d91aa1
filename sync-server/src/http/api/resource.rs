//! The resources: what can be filtered and sorted by. Routes, parsing of queries and the OpenAPI document come from
//! this one table.

use model::Kind;
use model::query::Op;
use model::schema::{ACTIVITY_TYPES, LINKED_TYPES, TASK_STATUSES};

/// One kind of record as the API offers it.
pub(super) struct Resource {
    pub(super) kind: Kind,
    pub(super) filters: &'static [Filter],
    /// Keys to sort by; the first is the order without `sort`.
    pub(super) sorts: &'static [&'static str],
}

/// One filter of a list.
pub(super) struct Filter {
    /// The parameter.
    pub(super) name: &'static str,
    /// The field that it compares.
    pub(super) field: &'static str,
    pub(super) op: Op,
    pub(super) of: FilterType,
    pub(super) about: &'static str,
}

/// What a filter's value is.
#[derive(Clone, Copy)]
pub(super) enum FilterType {
    Id,
    Word,
    Choice(&'static [&'static str]),
    Moment,
    Figure,
}

const fn by_id(name: &'static str, about: &'static str) -> Filter {
    Filter { name, field: name, op: Op::Is, of: FilterType::Id, about }
}

const fn by_choice(name: &'static str, choices: &'static [&'static str], about: &'static str) -> Filter {
    Filter { name, field: name, op: Op::Is, of: FilterType::Choice(choices), about }
}

const FIGURE: Filter = Filter {
    name: "figure",
    field: "figure",
    op: Op::Is,
    of: FilterType::Figure,
    about: "Only what a report's figure counts: `report;figure`, then `;parameter=value` for each of the report's.",
};

const OWNER: Filter = by_id("owner_id", "Only what this person owns.");
const ACCOUNT: Filter = by_id("account_id", "Only what belongs to this account.");

/// Statuses of leads, as they follow from their stages.
pub(super) const LEAD_STATUSES: &[&str] = &["open", "closed_won", "closed_lost"];

/// Every resource.
pub(super) static RESOURCES: &[Resource] = &[
    Resource { kind: Kind::Account, filters: &[OWNER], sorts: &["name", "created_at", "updated_at", "last_touch_at"] },
    Resource {
        kind: Kind::Contact,
        filters: &[ACCOUNT, OWNER],
        sorts: &["last_name", "first_name", "email", "created_at", "updated_at", "last_touch_at"],
    },
    Resource {
        kind: Kind::Lead,
        filters: &[
            Filter {
                name: "stage",
                field: "stage",
                op: Op::Is,
                of: FilterType::Word,
                about: "Only leads in the stage with this id; `GET /settings` lists them.",
            },
            by_choice("status", LEAD_STATUSES, "Only leads whose stage means this."),
            ACCOUNT,
            OWNER,
            FIGURE,
        ],
        sorts: &[
            "-created_at",
            "updated_at",
            "title",
            "value_cents",
            "probability",
            "expected_close_date",
            "stage",
            "stage_entered_at",
            "last_touch_at",
        ],
    },
    Resource {
        kind: Kind::Activity,
        filters: &[
            by_id("lead_id", "Only activities about this lead."),
            ACCOUNT,
            by_id("contact_id", "Only activities with this contact."),
            by_choice("type", ACTIVITY_TYPES, "Only activities of this type."),
            OWNER,
            FIGURE,
        ],
        sorts: &["-occurred_at", "created_at", "updated_at"],
    },
    Resource {
        kind: Kind::Task,
        filters: &[
            Filter {
                name: "due_before",
                field: "due_at",
                op: Op::Under,
                of: FilterType::Moment,
                about: "Only tasks that are due before this moment.",
            },
            by_choice("status", TASK_STATUSES, "Only tasks with this status."),
            by_choice("linked_type", LINKED_TYPES, "Only tasks about records of this kind."),
            by_id("linked_id", "Only tasks about this record."),
            OWNER,
            FIGURE,
        ],
        sorts: &["due_at", "created_at", "updated_at", "title", "completed_at"],
    },
];

impl Resource {
    /// The keys that `sort` takes, without signs.
    pub(super) fn sort_keys(&self) -> impl Iterator<Item = &'static str> {
        self.sorts.iter().map(|key| key.trim_start_matches('-'))
    }

    /// What an error calls one of it, with an article.
    pub(super) const fn one(&self) -> &'static str {
        match self.kind {
            Kind::Account => "an account",
            Kind::Activity => "an activity",
            Kind::Contact => "a contact",
            Kind::Lead => "a lead",
            Kind::Task => "a task",
            _ => "a record",
        }
    }
}
