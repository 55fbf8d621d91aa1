//! The icons: code points of the subset Phosphor font in `assets/`.
//!
//! Only glyphs named here are in the file; `assets/README.md` says how it is made.

/// Phosphor `buildings`.
pub const ACCOUNTS: &str = "\u{e102}";
/// Phosphor `user-plus`.
pub const ADD_PERSON: &str = "\u{e4d0}";
/// Phosphor `laptop`.
pub const ALONE: &str = "\u{e586}";
/// Phosphor `arrow-down`.
pub const ARROW_DOWN: &str = "\u{e03e}";
/// Phosphor `arrow-left`.
pub const ARROW_LEFT: &str = "\u{e058}";
/// Phosphor `arrow-right`.
pub const ARROW_RIGHT: &str = "\u{e06c}";
/// Phosphor `arrow-up`.
pub const ARROW_UP: &str = "\u{e08e}";
/// Phosphor `bell`.
pub const BELL: &str = "\u{e0ce}";
/// Phosphor `calendar-check`.
pub const CALENDAR: &str = "\u{e712}";
/// Phosphor `phone`.
pub const CALL: &str = "\u{e3b8}";
/// Phosphor `check`.
pub const CHECK: &str = "\u{e182}";
/// Phosphor `circle`.
pub const CIRCLE: &str = "\u{e18a}";
/// Phosphor `clock`.
pub const CLOCK: &str = "\u{e19a}";
/// Phosphor `x`.
pub const CLOSE: &str = "\u{e4f6}";
/// Phosphor `diamond`.
pub const CONFLICT: &str = "\u{e1ec}";
/// Phosphor `users`.
pub const CONTACTS: &str = "\u{e4d6}";
/// Phosphor `copy`.
pub const COPY: &str = "\u{e1ca}";
/// Phosphor `file-csv`.
pub const CSV: &str = "\u{eb1c}";
/// Phosphor `database`.
pub const DATABASE: &str = "\u{e1de}";
/// Phosphor `dot-outline`.
pub const DOT: &str = "\u{ece0}";
/// Phosphor `caret-down`.
pub const DOWN: &str = "\u{e136}";
/// Phosphor `envelope-simple`.
pub const EMAIL: &str = "\u{e218}";
/// Phosphor `warning-circle`.
pub const ERROR: &str = "\u{e4e2}";
/// Phosphor `upload-simple`.
pub const EXPORT: &str = "\u{e4c0}";
/// Phosphor `eye`.
pub const EYE: &str = "\u{e220}";
/// Phosphor `eye-slash`.
pub const EYE_OFF: &str = "\u{e224}";
/// Phosphor `x-circle`.
pub const FAILED: &str = "\u{e4f8}";
/// Phosphor `text-align-left`.
pub const FIELD: &str = "\u{e484}";
/// Phosphor `file`.
pub const FILE: &str = "\u{e230}";
/// Phosphor `funnel-simple`.
pub const FILTER: &str = "\u{e268}";
/// Phosphor `flag`.
pub const FLAG: &str = "\u{e244}";
/// Phosphor `hash`.
pub const HASH: &str = "\u{e2a2}";
/// Phosphor `question`.
pub const HELP: &str = "\u{e3e8}";
/// Phosphor `clock-countdown`.
pub const HISTORY: &str = "\u{ed2c}";
/// Phosphor `download-simple`.
pub const IMPORT: &str = "\u{e20c}";
/// Phosphor `info`.
pub const INFO: &str = "\u{e2ce}";
/// Phosphor `keyboard`.
pub const KEYBOARD: &str = "\u{e2d8}";
/// Phosphor `target`.
pub const LEADS: &str = "\u{e47c}";
/// Phosphor `caret-left`.
pub const LEFT: &str = "\u{e138}";
/// Phosphor `link`.
pub const LINK: &str = "\u{e2e2}";
/// Phosphor `lock-simple`.
pub const LOCK: &str = "\u{e308}";
/// Phosphor `prohibit`.
pub const LOST: &str = "\u{e3de}";
/// Phosphor `calendar-blank`.
pub const MEETING: &str = "\u{e10a}";
/// Phosphor `list`.
pub const MENU: &str = "\u{e2f0}";
/// Phosphor `currency-circle-dollar`.
pub const MONEY: &str = "\u{e54c}";
/// Phosphor `moon`.
pub const MOON: &str = "\u{e330}";
/// Phosphor `dots-three`.
pub const MORE: &str = "\u{e1fe}";
/// Phosphor `note-pencil`.
pub const NOTE: &str = "\u{e34c}";
/// Phosphor `cloud-slash`.
pub const OFFLINE: &str = "\u{e1b6}";
/// Phosphor `arrow-square-out`.
pub const OPEN: &str = "\u{e5de}";
/// Phosphor `paperclip`.
pub const PAPERCLIP: &str = "\u{e39a}";
/// Phosphor `pencil-simple`.
pub const PENCIL: &str = "\u{e3b4}";
/// Phosphor `percent`.
pub const PERCENT: &str = "\u{e3b6}";
/// Phosphor `user`.
pub const PERSON: &str = "\u{e4c2}";
/// Phosphor `push-pin`.
pub const PIN: &str = "\u{e3e2}";
/// Phosphor `kanban`.
pub const PIPELINE: &str = "\u{eb54}";
/// Phosphor `map-pin`.
pub const PLACE: &str = "\u{e316}";
/// Phosphor `plus`.
pub const PLUS: &str = "\u{e3d4}";
/// Phosphor `arrow-u-up-right`.
pub const REDO: &str = "\u{e08c}";
/// Phosphor `clock-counter-clockwise`.
pub const RESTORE: &str = "\u{e1a0}";
/// Phosphor `caret-right`.
pub const RIGHT: &str = "\u{e13a}";
/// Phosphor `magnifying-glass`.
pub const SEARCH: &str = "\u{e30c}";
/// Phosphor `gear-six`.
pub const SETTINGS: &str = "\u{e272}";
/// Phosphor `sidebar-simple`.
pub const SIDEBAR: &str = "\u{ec24}";
/// Phosphor `sign-in`.
pub const SIGN_IN: &str = "\u{e428}";
/// Phosphor `sign-out`.
pub const SIGN_OUT: &str = "\u{e42a}";
/// Phosphor `chat-circle-text`.
pub const SMS: &str = "\u{e16e}";
/// Phosphor `sort-ascending`.
pub const SORT: &str = "\u{e444}";
/// Phosphor `sparkle`.
pub const SPARKLE: &str = "\u{e6a2}";
/// Phosphor `circle-notch`.
pub const SPINNER: &str = "\u{eb44}";
/// Phosphor `square`.
pub const SQUARE: &str = "\u{e45e}";
/// Phosphor `star`.
pub const STAR: &str = "\u{e46a}";
/// Phosphor `check-circle`.
pub const SUCCESS: &str = "\u{e184}";
/// Phosphor `sun`.
pub const SUN: &str = "\u{e472}";
/// Phosphor `cloud-check`.
pub const SYNCED: &str = "\u{e1b0}";
/// Phosphor `arrows-clockwise`.
pub const SYNCING: &str = "\u{e094}";
/// Phosphor `monitor`.
pub const SYSTEM: &str = "\u{e32e}";
/// Phosphor `tag`.
pub const TAG: &str = "\u{e478}";
/// Phosphor `check-square`.
pub const TASK: &str = "\u{e186}";
/// Phosphor `house`.
pub const TODAY: &str = "\u{e2c2}";
/// Phosphor `trash`.
pub const TRASH: &str = "\u{e4a6}";
/// Phosphor `trend-up`.
pub const TREND: &str = "\u{e4ae}";
/// Phosphor `trophy`.
pub const TROPHY: &str = "\u{e67e}";
/// Phosphor `arrow-u-up-left`.
pub const UNDO: &str = "\u{e08a}";
/// Phosphor `caret-up`.
pub const UP: &str = "\u{e13c}";
/// Phosphor `caret-up-down`.
pub const UP_DOWN: &str = "\u{e140}";
/// Phosphor `cloud-arrow-up`.
pub const WAITING: &str = "\u{e1ae}";
/// Phosphor `warning`.
pub const WARNING: &str = "\u{e4e0}";
/// Phosphor `globe-simple`.
pub const WEB: &str = "\u{e28e}";
/// Phosphor `briefcase`.
pub const WORK: &str = "\u{e0ee}";
