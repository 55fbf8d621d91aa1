//! When a lead rots (PRODUCT 8.4): one rule for cards, filters, reports and Next Best Action. It counts days of the
//! workspace's calendar; the store says the same in SQL.

use crate::Date;

/// How many days nobody has touched a lead that rots: at least its stage's days (0 is never), and no open task falls
/// due from today until as many days ahead. `None` when it does not rot.
pub fn rotting_days(today: Date, touched: Date, rot_days: u32, due: impl IntoIterator<Item = Date>) -> Option<i64> {
    let (idle, limit) = (i64::from(today.days_since(touched)), i64::from(rot_days));
    let ahead = |due: Date| (0..=limit).contains(&i64::from(due.days_since(today)));
    let rots = limit > 0 && idle >= limit && !due.into_iter().any(ahead);
    rots.then_some(idle)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lead_rots_on_the_day_its_stage_allows_unless_a_task_falls_due_within_as_many_days() {
        let today = Date::new(2026, 3, 2).expect("a date");
        let rots = |idle: i32, rot_days: u32, due: &[i32]| {
            let due = due.iter().map(|days| today.plus_days(*days));
            rotting_days(today, today.plus_days(-idle), rot_days, due)
        };

        assert_eq!([rots(6, 7, &[]), rots(7, 7, &[]), rots(9, 7, &[8])], [None, Some(7), Some(9)]);
        // What is overdue is no plan; what comes after it may be.
        assert_eq!([rots(9, 7, &[-1]), rots(9, 7, &[-1, 7]), rots(9, 7, &[0])], [Some(9), None, None]);
        assert_eq!([rots(900, 0, &[]), rots(-3, 7, &[])], [None, None]);
    }
}
