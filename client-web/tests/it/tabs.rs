//! Many tabs, one replica.

use std::collections::BTreeMap;

use client_web::message::{Peer, Storage, TabId, ToPage, ToReplica, decode, encode};
use client_web::tabs::{Event, Step, Tabs};
use model::action::Action;
use model::app::{Request, Trouble, Update};
use model::query::{Answer, Query, Workspace};

/// Tabs in one room: what one tells the others arrives, and whoever runs the replica answers every question.
#[derive(Default)]
struct Browser {
    tabs: BTreeMap<TabId, Tabs>,
    pages: BTreeMap<TabId, Vec<ToPage>>,
    asked: Vec<(TabId, ToReplica)>,
    lost: Vec<TabId>,
    followed: Vec<(TabId, TabId)>,
}

impl Browser {
    fn open(&mut self, tab: TabId) {
        self.tabs.insert(tab, Tabs::new(tab));
        self.carry(tab, vec![Step::Peers(Peer::WhoRuns)]);
    }

    fn close(&mut self, tab: TabId) {
        self.tabs.remove(&tab);
        for (follower, followed) in self.followed.clone() {
            if followed == tab && self.tabs.contains_key(&follower) {
                self.happens(follower, Event::Gone(tab));
            }
        }
    }

    fn happens(&mut self, tab: TabId, event: Event) {
        let steps = self.tabs.get_mut(&tab).unwrap().handle(event);
        self.carry(tab, steps);
    }

    fn says(&mut self, tab: TabId, request: Request) {
        self.happens(tab, Event::FromPage(ToReplica::Request(request)));
    }

    fn answers(&mut self, tab: TabId, to: Option<TabId>, update: Update) {
        self.happens(tab, Event::FromReplica { to, message: ToPage::Update(update) });
    }

    fn carry(&mut self, tab: TabId, steps: Vec<Step>) {
        for step in steps {
            match step {
                Step::Page(message) => self.pages.entry(tab).or_default().push(message),
                Step::Replica { from, message } => self.asked.push((from, message)),
                Step::ReplicaLost(lost) => self.lost.push(lost),
                Step::Follow(followed) => self.followed.push((tab, followed)),
                Step::Peers(peer) => {
                    let others: Vec<TabId> = self.tabs.keys().copied().filter(|other| *other != tab).collect();
                    for other in others {
                        self.happens(other, Event::FromPeer(decode(&encode(&peer)).unwrap()));
                    }
                }
            }
        }
    }

    /// What a page was told, but where records are kept.
    fn told(&mut self, tab: TabId) -> Vec<ToPage> {
        let mut told = self.pages.remove(&tab).unwrap_or_default();
        told.retain(|message| !matches!(message, ToPage::Storage(_)));
        told
    }
}

fn answer(id: u64) -> Update {
    let settings = model::Settings::default();
    Update::Answer(id, Answer::Workspace(Box::new(Workspace { settings, users: Vec::new() })))
}

fn watch(id: u64) -> Request {
    Request::Watch(id, Query::Workspace)
}

fn undoable() -> Request {
    Request::Do(7, Action::RemoveSample)
}

#[test]
fn what_a_page_says_before_anybody_runs_the_replica_is_said_once_when_somebody_does() {
    let mut browser = Browser::default();
    browser.open(1);

    browser.says(1, watch(5));
    assert_eq!(browser.asked, []);
    browser.happens(1, Event::Elected(Storage::OnDevice));

    assert_eq!(browser.asked, [(1, ToReplica::Request(watch(5)))]);
}

#[test]
fn a_second_tab_reaches_the_replica_of_the_first_and_hears_its_own_answers_alone() {
    let mut browser = Browser::default();
    browser.open(1);
    browser.happens(1, Event::Elected(Storage::OnDevice));
    browser.open(2);

    browser.says(2, watch(5));
    assert_eq!(browser.asked, [(2, ToReplica::Request(watch(5)))]);
    browser.answers(1, Some(2), answer(5));
    browser.answers(1, None, Update::Changed(Vec::new()));

    assert_eq!(browser.told(2), [ToPage::Update(answer(5)), ToPage::Update(Update::Changed(Vec::new()))]);
    assert_eq!(browser.told(1), [ToPage::Update(Update::Changed(Vec::new()))]);
}

#[test]
fn a_tab_that_closes_is_missed_by_the_one_that_runs_the_replica() {
    let mut browser = Browser::default();
    browser.open(1);
    browser.happens(1, Event::Elected(Storage::OnDevice));
    browser.open(2);
    browser.says(2, watch(5));

    browser.close(2);

    assert_eq!(browser.lost, [2]);
}

#[test]
fn when_the_running_tab_closes_the_next_one_serves_and_every_watch_is_told_again() {
    let mut browser = Browser::default();
    for tab in [1, 2, 3] {
        browser.open(tab);
    }
    browser.happens(1, Event::Elected(Storage::OnDevice));
    browser.says(2, watch(5));
    browser.says(3, watch(6));
    browser.says(3, Request::Ask(8, Query::Workspace));
    browser.asked.clear();

    browser.close(1);
    browser.happens(2, Event::Elected(Storage::OnDevice));

    let again = [
        (2, ToReplica::Request(watch(5))),
        (3, ToReplica::Request(watch(6))),
        (3, ToReplica::Request(Request::Ask(8, Query::Workspace))),
    ];
    assert_eq!(browser.asked, again);
}

#[test]
fn an_action_cut_short_by_a_closing_tab_is_reported_and_never_done_twice() {
    let mut browser = Browser::default();
    browser.open(1);
    browser.open(2);
    browser.happens(1, Event::Elected(Storage::OnDevice));
    browser.says(2, undoable());
    browser.asked.clear();

    browser.close(1);
    browser.happens(2, Event::Elected(Storage::OnDevice));

    assert_eq!(browser.asked, []);
    let told = browser.told(2);
    assert!(matches!(told.as_slice(), [ToPage::Update(Update::Done(7, Err(Trouble::Storage(_))))]), "{told:?}");
}

#[test]
fn an_action_that_was_answered_is_not_reported_when_the_tab_closes_later() {
    let mut browser = Browser::default();
    browser.open(1);
    browser.open(2);
    browser.happens(1, Event::Elected(Storage::OnDevice));
    browser.says(2, undoable());
    browser.answers(1, Some(2), Update::Done(7, Err(Trouble::NotHere)));
    browser.told(2);

    browser.close(1);
    browser.happens(2, Event::Elected(Storage::OnDevice));

    assert_eq!(browser.told(2), []);
}

#[test]
fn bytes_of_another_version_are_no_message() {
    assert_eq!(decode::<Peer>(&[250, 1, 2]), None);
    assert_eq!(decode::<ToReplica>(&[]), None);
}
