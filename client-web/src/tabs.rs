//! Many tabs, one replica: which tab runs it, and how the others reach it.
//!
//! The browser's lock decides who runs the replica; this decides who is told what. When the tab that ran it
//! goes, the next one opens the same database, and every tab tells it again what it watches.

use std::collections::BTreeMap;

use model::app::{Request, RequestId, Trouble, Update};
use model::query::Query;

use crate::message::{Peer, Storage, TabId, ToPage, ToReplica, VerbId};

/// What a tab may say before it knows who listens.
const QUEUE_MAX: usize = 1_000;

/// Told to people whose action was under way when the tab that did it closed.
const INTERRUPTED: &str =
    "The tab that was saving this was closed. Look whether it was saved, and try again if it was not";

/// Something happened to this tab.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The page of this tab speaks.
    FromPage(ToReplica),
    /// Another tab's worker speaks.
    FromPeer(Peer),
    /// The replica now runs here.
    Elected(Storage),
    /// The replica, running here, speaks.
    FromReplica {
        /// The tab meant; `None` is all.
        to: Option<TabId>,
        /// What it says.
        message: ToPage,
    },
    /// A tab that was asked about is gone.
    Gone(TabId),
}

/// Something this tab's worker must do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Tell this tab's page.
    Page(ToPage),
    /// Tell the other tabs.
    Peers(Peer),
    /// Hand a tab's message to the replica, which runs here.
    Replica {
        /// The tab.
        from: TabId,
        /// Its message.
        message: ToReplica,
    },
    /// Tell the replica, which runs here, that a tab is gone.
    ReplicaLost(TabId),
    /// Find out when this tab goes.
    Follow(TabId),
}

/// A request that still waits for its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Open {
    Ask(Query),
    Do,
    File,
    Report,
    Check,
    Read,
}

/// What a tab knows about itself and the others.
#[derive(Debug)]
pub struct Tabs {
    me: TabId,
    runs_at: Option<TabId>,
    followed: Vec<TabId>,
    queue: Vec<ToReplica>,
    watches: BTreeMap<RequestId, Query>,
    open: BTreeMap<RequestId, Open>,
    open_verbs: Vec<VerbId>,
    storage: Option<Storage>,
}

impl Tabs {
    /// A tab that knows nobody yet; it should ask `Peer::WhoRuns`.
    pub fn new(me: TabId) -> Self {
        Self {
            me,
            runs_at: None,
            followed: Vec::new(),
            queue: Vec::new(),
            watches: BTreeMap::new(),
            open: BTreeMap::new(),
            open_verbs: Vec::new(),
            storage: None,
        }
    }

    /// Takes in what happened and returns what must be done, in order.
    pub fn handle(&mut self, event: Event) -> Vec<Step> {
        let mut steps = Vec::new();
        match event {
            Event::FromPage(message) => self.page_says(message, &mut steps),
            Event::FromPeer(peer) => self.peer_says(peer, &mut steps),
            Event::Elected(storage) => {
                self.runs_at(self.me, storage, &mut steps);
                steps.push(Step::Peers(Peer::Running { by: self.me, storage }));
            }
            Event::FromReplica { to, message } => self.replica_says(to, message, &mut steps),
            Event::Gone(tab) => {
                self.followed.retain(|followed| *followed != tab);
                if self.runs_here() {
                    steps.push(Step::ReplicaLost(tab));
                }
            }
        }
        steps
    }

    /// Whether the replica runs in this tab.
    pub fn runs_here(&self) -> bool {
        self.runs_at == Some(self.me)
    }

    fn page_says(&mut self, message: ToReplica, steps: &mut Vec<Step>) {
        self.remember(&message);
        if self.runs_at.is_some() {
            self.send(message, steps);
        } else if self.queue.len() < QUEUE_MAX {
            self.queue.push(message);
        } else {
            self.give_up(message, steps);
        }
    }

    fn peer_says(&mut self, peer: Peer, steps: &mut Vec<Step>) {
        match peer {
            Peer::WhoRuns => {
                if let Some(storage) = self.storage.filter(|_| self.runs_here()) {
                    steps.push(Step::Peers(Peer::Running { by: self.me, storage }));
                }
            }
            Peer::Running { by, storage } => self.runs_at(by, storage, steps),
            Peer::Ask { to, from, message } if to == self.me && self.runs_here() => {
                if !self.followed.contains(&from) {
                    self.followed.push(from);
                    steps.push(Step::Follow(from));
                }
                steps.push(Step::Replica { from, message });
            }
            Peer::Tell { from, to, message } => {
                let is_for_me = to.is_none() || to == Some(self.me);
                if is_for_me && self.runs_at == Some(from) {
                    self.tell_page(message, steps);
                }
            }
            Peer::Ask { .. } => {}
        }
    }

    fn replica_says(&mut self, to: Option<TabId>, message: ToPage, steps: &mut Vec<Step>) {
        if to != Some(self.me) && (to.is_some() || !self.followed.is_empty()) {
            steps.push(Step::Peers(Peer::Tell { from: self.me, to, message: message.clone() }));
        }
        if to.is_none() || to == Some(self.me) {
            self.tell_page(message, steps);
        }
    }

    /// A tab, perhaps this one, runs the replica now: everything this page waits for is said (again).
    fn runs_at(&mut self, tab: TabId, storage: Storage, steps: &mut Vec<Step>) {
        let before = self.runs_at.replace(tab);
        if before == Some(tab) {
            return;
        }
        if self.storage.replace(storage) != Some(storage) {
            steps.push(Step::Page(ToPage::Storage(storage)));
        }
        let queue = std::mem::take(&mut self.queue);
        if before.is_some() {
            self.start_over(steps);
        }
        queue.into_iter().for_each(|message| self.send(message, steps));
    }

    /// The tab that ran the replica is gone. Questions are asked again; whether an action was done, nobody knows.
    fn start_over(&mut self, steps: &mut Vec<Step>) {
        for (id, query) in self.watches.clone() {
            self.send(ToReplica::Request(Request::Watch(id, query)), steps);
        }
        for (id, open) in std::mem::take(&mut self.open) {
            match open {
                Open::Ask(query) => {
                    self.open.insert(id, Open::Ask(query.clone()));
                    self.send(ToReplica::Request(Request::Ask(id, query)), steps);
                }
                open => steps.push(Step::Page(ToPage::Update(interrupted(id, &open)))),
            }
        }
        for id in std::mem::take(&mut self.open_verbs) {
            steps.push(Step::Page(ToPage::Verb(id, Err(INTERRUPTED.to_owned()))));
        }
    }

    fn send(&self, message: ToReplica, steps: &mut Vec<Step>) {
        match self.runs_at {
            Some(to) if to != self.me => steps.push(Step::Peers(Peer::Ask { to, from: self.me, message })),
            _ => steps.push(Step::Replica { from: self.me, message }),
        }
    }

    fn tell_page(&mut self, message: ToPage, steps: &mut Vec<Step>) {
        match &message {
            ToPage::Update(Update::Answer(id, _) | Update::Done(id, _)) => {
                self.open.remove(id);
            }
            ToPage::Update(Update::ImportOpened(id, _) | Update::ImportReport(id, _) | Update::Verified(id, _)) => {
                self.open.remove(id);
            }
            ToPage::Verb(id, _) => self.open_verbs.retain(|open| open != id),
            ToPage::Update(_) | ToPage::Storage(_) | ToPage::Failed(_) => {}
        }
        steps.push(Step::Page(message));
    }

    fn remember(&mut self, message: &ToReplica) {
        let request = match message {
            ToReplica::Request(request) => request,
            ToReplica::Verb(id, _) => return self.open_verbs.push(*id),
        };
        match request {
            Request::Watch(id, query) => {
                self.watches.insert(*id, query.clone());
            }
            Request::Unwatch(id) => {
                self.watches.remove(id);
            }
            request => {
                if let Some((id, open)) = open_request(request) {
                    self.open.insert(id, open);
                }
            }
        }
    }

    fn give_up(&mut self, message: ToReplica, steps: &mut Vec<Step>) {
        match message {
            ToReplica::Verb(id, _) => {
                self.open_verbs.retain(|open| *open != id);
                steps.push(Step::Page(ToPage::Verb(id, Err(INTERRUPTED.to_owned()))));
            }
            ToReplica::Request(request) => {
                if let Some((id, open)) = open_request(&request) {
                    self.open.remove(&id);
                    steps.push(Step::Page(ToPage::Update(interrupted(id, &open))));
                }
            }
        }
    }
}

fn open_request(request: &Request) -> Option<(RequestId, Open)> {
    match request {
        Request::Do(id, _)
        | Request::AttachFile { id, .. }
        | Request::FetchFile { id, .. }
        | Request::LogMail { id, .. } => Some((*id, Open::Do)),
        Request::Ask(id, query) => Some((*id, Open::Ask(query.clone()))),
        Request::ImportOpen { id, .. } => Some((*id, Open::File)),
        Request::ImportDryRun { id, .. } | Request::ImportCommit { id, .. } | Request::ImportUndo { id, .. } => {
            Some((*id, Open::Report))
        }
        Request::Verify(id) => Some((*id, Open::Check)),
        Request::ReadFile { id, .. } => Some((*id, Open::Read)),
        _ => None,
    }
}

fn interrupted(id: RequestId, open: &Open) -> Update {
    let trouble = Trouble::Storage(INTERRUPTED.to_owned());
    match open {
        Open::Do | Open::Ask(_) => Update::Done(id, Err(trouble)),
        Open::File => Update::ImportOpened(id, Err(trouble)),
        Open::Report => Update::ImportReport(id, Err(trouble)),
        Open::Check => Update::Verified(id, Err(trouble)),
        Open::Read => Update::FileRead(id, Err(trouble)),
    }
}
