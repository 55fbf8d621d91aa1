//! The words that sample data is made of. Companies are invented, their domains end in `.example` (never
//! registered) and their phone numbers come from the ranges that regulators keep free for films and books.

/// First halves of company names.
#[rustfmt::skip]
pub(super) const NAME_STARTS: [&str; 64] = [
    "Alder", "Amber", "Anchor", "Ashford", "Aurora", "Beacon", "Birch", "Blue Harbor", "Brightwater", "Cascade",
    "Cedar", "Clearview", "Cobalt", "Copper", "Crestline", "Delta", "Driftwood", "Eastgate", "Elm Street", "Ember",
    "Fairfield", "Falcon", "Fern", "Foxglove", "Granite", "Greenway", "Halcyon", "Harbor", "Hawthorn", "Hazel",
    "Highland", "Ironbridge", "Juniper", "Keystone", "Kingfisher", "Lakeshore", "Lantern", "Larkspur", "Linden",
    "Maple", "Meridian", "Midtown", "Millbrook", "Northgate", "Oakwell", "Orchard", "Osprey", "Pacific", "Pinecrest",
    "Quarry", "Redwood", "Ridgeline", "Riverside", "Rowan", "Saffron", "Silverline", "Solstice", "Stonebridge",
    "Summit", "Tidewater", "Union Square", "Vantage", "Westbrook", "Willow",
];

/// Second halves of company names, with the industry each stands for.
#[rustfmt::skip]
pub(super) const NAME_ENDS: [(&str, &str); 40] = [
    ("Analytics", "Software"), ("Architects", "Architecture"), ("Bakery", "Food & drink"), ("Bikes", "Retail"),
    ("Books", "Publishing"), ("Brewing", "Food & drink"), ("Builders", "Construction"), ("Capital", "Finance"),
    ("Catering", "Hospitality"), ("Clinics", "Health care"), ("Coffee", "Food & drink"), ("Consulting", "Consulting"),
    ("Dental", "Health care"), ("Design", "Design"), ("Dynamics", "Manufacturing"), ("Electric", "Energy"),
    ("Engineering", "Engineering"), ("Farms", "Agriculture"), ("Fitness", "Leisure"), ("Foods", "Food & drink"),
    ("Freight", "Logistics"), ("Furniture", "Retail"), ("Garden Centers", "Retail"), ("Glass", "Manufacturing"),
    ("Hotels", "Hospitality"), ("Insurance", "Insurance"), ("Interiors", "Design"), ("Labs", "Research"),
    ("Law", "Legal"), ("Learning", "Education"), ("Logistics", "Logistics"), ("Marine", "Transport"),
    ("Media", "Media"), ("Motors", "Automotive"), ("Outdoor", "Retail"), ("Partners", "Consulting"),
    ("Pharmacy", "Health care"), ("Realty", "Real estate"), ("Robotics", "Manufacturing"), ("Solar", "Energy"),
];

/// Sizes of companies, by number of people.
pub(super) const SIZES: [&str; 5] = ["1-10", "11-50", "51-200", "201-500", "501-1000"];

/// A city with the start of its fictional phone numbers and how many digits follow.
pub(super) struct City {
    pub(super) name: &'static str,
    pub(super) state: &'static str,
    pub(super) country: &'static str,
    pub(super) phone_start: &'static str,
    pub(super) phone_digits: usize,
}

const fn city(name: &'static str, state: &'static str, country: &'static str, phone: (&'static str, usize)) -> City {
    City { name, state, country, phone_start: phone.0, phone_digits: phone.1 }
}

/// Where companies sit.
pub(super) const CITIES: [City; 16] = [
    city("New York", "NY", "United States", ("+1 212 555 01", 2)),
    city("Chicago", "IL", "United States", ("+1 312 555 01", 2)),
    city("Austin", "TX", "United States", ("+1 512 555 01", 2)),
    city("Seattle", "WA", "United States", ("+1 206 555 01", 2)),
    city("Denver", "CO", "United States", ("+1 303 555 01", 2)),
    city("Boston", "MA", "United States", ("+1 617 555 01", 2)),
    city("Portland", "OR", "United States", ("+1 503 555 01", 2)),
    city("Toronto", "ON", "Canada", ("+1 416 555 01", 2)),
    city("London", "", "United Kingdom", ("+44 20 7946 0", 3)),
    city("Manchester", "", "United Kingdom", ("+44 161 496 0", 3)),
    city("Leeds", "", "United Kingdom", ("+44 113 496 0", 3)),
    city("Edinburgh", "", "United Kingdom", ("+44 131 496 0", 3)),
    city("Berlin", "", "Germany", ("+49 30 23125 ", 3)),
    city("Hamburg", "", "Germany", ("+49 40 66969 ", 3)),
    city("München", "", "Germany", ("+49 89 99998 ", 3)),
    city("Köln", "", "Germany", ("+49 221 4710 ", 3)),
];

/// Streets; a house number goes before them.
#[rustfmt::skip]
pub(super) const STREETS: [&str; 10] = [
    "Main Street", "Market Street", "Station Road", "Park Avenue", "Mill Lane", "Harbor Drive", "King Street",
    "Church Road", "Bridge Street", "Garden Row",
];

/// First names.
#[rustfmt::skip]
pub(super) const FIRST_NAMES: [&str; 56] = [
    "Aisha", "Alejandro", "Amélie", "Ana", "Andrew", "Anita", "Ben", "Carla", "Chloé", "Daniel", "David", "Elena",
    "Emily", "Emma", "Fatima", "Felix", "Grace", "Hannah", "Hiro", "Ingrid", "Isaac", "James", "Jana", "José",
    "Julia", "Karim", "Katarzyna", "Kenji", "Laura", "Leila", "Liam", "Lucía", "Marco", "Maria", "Marta", "Mei",
    "Michael", "Mohammed", "Nadia", "Nia", "Noah", "Olivia", "Omar", "Paul", "Priya", "Rahul", "Rosa", "Samuel",
    "Sarah", "Søren", "Sofia", "Thomas", "Tom", "Victor", "Yuki", "Zoë",
];

/// Last names.
#[rustfmt::skip]
pub(super) const LAST_NAMES: [&str; 64] = [
    "Adeyemi", "Ahmed", "Andersen", "Baker", "Bauer", "Bennett", "Brooks", "Campbell", "Carter", "Chen", "Cohen",
    "Costa", "Dubois", "Edwards", "Evans", "Fernández", "Fischer", "Foster", "García", "Gray", "Gupta", "Hansen",
    "Hughes", "Ito", "Jackson", "Jensen", "Johnson", "Kaya", "Kelly", "Khan", "Kim", "Kowalski", "Lee", "Lewis",
    "Lindqvist", "López", "Martin", "Mehta", "Meyer", "Mitchell", "Moreau", "Morgan", "Müller", "Murphy", "Nakamura",
    "Nguyen", "Novak", "O'Brien", "Okafor", "Oliveira", "Patel", "Pereira", "Quinn", "Reyes", "Roberts", "Rossi",
    "Schmidt", "Silva", "Singh", "Taylor", "Turner", "Walker", "Wilson", "Young",
];

/// What people do at their company.
#[rustfmt::skip]
pub(super) const JOB_TITLES: [&str; 14] = [
    "Owner", "Managing Director", "CEO", "COO", "Head of Operations", "Head of Marketing", "Finance Director",
    "IT Manager", "Office Manager", "Purchasing Manager", "Product Manager", "Project Lead", "Operations Manager",
    "Sales Director",
];

/// What companies buy.
#[rustfmt::skip]
pub(super) const DEALS: [&str; 44] = [
    "Website relaunch", "Annual support contract", "Online shop", "Brand refresh", "Onboarding package",
    "Team training, two days", "Data migration", "Customer portal", "Mobile app, first version", "Reporting dashboard",
    "Security audit", "Search optimization", "Maintenance plan", "CRM rollout", "Warehouse integration",
    "Booking system", "Newsletter setup", "Trade fair stand", "Product photography", "Packaging design",
    "Office network upgrade", "Cloud move", "Accessibility review", "Annual report design", "Hiring page",
    "Payroll integration", "Loyalty program", "Point-of-sale replacement", "Pilot with 25 seats", "Upgrade to 100 seats",
    "Renewal for next year", "Second location", "Workshop series", "Video campaign", "Translation to Spanish",
    "Fleet tracking", "Inventory cleanup", "Help desk setup", "Phone system", "Energy monitoring", "Intranet",
    "Advertising retainer", "Market study", "Process review",
];

/// Amounts in whole units of the currency.
#[rustfmt::skip]
pub(super) const AMOUNTS: [i64; 28] = [
    950, 1_200, 1_800, 2_400, 2_950, 3_600, 4_200, 4_800, 5_500, 6_000, 6_750, 7_500, 8_400, 9_600, 10_500, 12_000,
    12_500, 14_400, 16_800, 18_000, 21_500, 24_000, 28_500, 36_000, 42_000, 54_000, 78_000, 120_000,
];

/// Roles of contacts on a lead.
pub(super) const ROLES: [&str; 4] = ["Decision maker", "Influencer", "Evaluator", "User"];

/// Tags of leads.
pub(super) const TAGS: [&str; 4] = ["hot", "renewal", "upsell", "q-review"];

/// Who else may win.
pub(super) const COMPETITORS: [&str; 4] = ["Brassworks", "Nimbus & Co", "an in-house team", "their current supplier"];

/// An activity's type, outcome, direction, subject and body. `{first}`, `{account}` and `{deal}` are filled in.
pub(super) struct Talk {
    pub(super) activity_type: &'static str,
    pub(super) outcome: &'static str,
    pub(super) direction: &'static str,
    pub(super) subject: &'static str,
    pub(super) body: &'static str,
}

const fn talk(kind: [&'static str; 3], subject: &'static str, body: &'static str) -> Talk {
    Talk { activity_type: kind[0], outcome: kind[1], direction: kind[2], subject, body }
}

/// How a lead starts.
#[rustfmt::skip]
pub(super) const FIRST_TALKS: [Talk; 5] = [
    talk(["call", "Talked", "out"], "Intro call with {first}", "Walked {first} through what we do. Interested in {deal}; wants a rough price before talking to the team."),
    talk(["email", "Received", "in"], "Question about {deal}", "{first} found us through our website and asks how long it would take and what {account} would need to prepare."),
    talk(["email", "Sent", "out"], "Thanks for getting in touch", "Sent {first} our overview and two references of a similar size. Offered a call this week."),
    talk(["call", "Left message", "out"], "First call", "Left a message for {first}, will try again in the morning."),
    talk(["meeting", "Held", ""], "Met at the trade fair", "Good chat with {first} at the stand. {account} wants to replace what they have before the end of the quarter."),
];

/// How it goes on.
#[rustfmt::skip]
pub(super) const LATER_TALKS: [Talk; 14] = [
    talk(["call", "Talked", "out"], "Needs call", "Must-haves: simple hand-over, one contact person, training for six people. Budget is set but needs a sign-off by finance."),
    talk(["call", "No answer", "out"], "Called {first}", "No answer, no voicemail."),
    talk(["call", "Talked", "in"], "{first} called back", "They like the proposal. Open point is the start date; they would rather begin next month."),
    talk(["email", "Sent", "out"], "Proposal for {deal}", "Sent the proposal with two options. Asked for feedback by Friday."),
    talk(["email", "Sent", "out"], "Following up", "Asked {first} whether the numbers work for {account} and offered to go through them together."),
    talk(["email", "Received", "in"], "Re: Proposal", "{first} asks for a discount on the second year and a list of what is included in support."),
    talk(["email", "Received", "in"], "Terms", "Legal at {account} has two comments on the terms. Nothing that should hold us up."),
    talk(["meeting", "Held", ""], "Demo for the team", "Showed it to {first} and four colleagues. Questions about import and rights; the mood was good."),
    talk(["meeting", "Held", ""], "Scope workshop", "Agreed on the scope. {first} will send the list of systems to connect."),
    talk(["meeting", "No-show", ""], "Video call", "Nobody joined; {first} wrote later that something came up. Find a new date."),
    talk(["note", "", ""], "Who decides", "{first} recommends, the managing director signs. Two other offers are on the table."),
    talk(["note", "", ""], "Budget", "Budget year at {account} ends soon, so the order should be placed before that."),
    talk(["sms", "Sent", "out"], "", "Hi {first}, running five minutes late, see you shortly."),
    talk(["sms", "Received", "in"], "", "Thanks, got the papers. Will come back to you after our Monday meeting. {first}"),
];

/// What is still to be done.
#[rustfmt::skip]
pub(super) const TASKS: [&str; 14] = [
    "Call {first} back", "Send the quote", "Follow up on the proposal", "Prepare the demo", "Ask about the budget",
    "Send two references", "Agree on a start date", "Check the contract draft", "Book a meeting with finance",
    "Write the summary of our call", "Ask who signs", "Send the revised price", "Invite {first} to the workshop",
    "Clarify open questions",
];

/// Notes about accounts.
pub(super) const ACCOUNT_NOTES: [&str; 4] = [
    "Customer for three years, pays on time. Prefers calls over mail.",
    "Two locations; the second one decides for itself.",
    "Came through a recommendation. Reviews all suppliers every autumn.",
    "Wants invoices split by department.",
];
