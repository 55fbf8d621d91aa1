//! Claims about sign-in and sessions, over a real database file.

use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;
use std::sync::Arc;

use model::{DeviceId, Role, WorkspaceId};
use tempfile::TempDir;

use super::errors::{AuthenticateError, CreatePersonError, RefreshError, SetRoleError, SetUpError, SignInError};
use super::password::Secret;
use super::service::{
    DeviceClaim, Identity, IdentityOptions, Keeper, NewPerson, REFRESH_GRACE_MILLIS, SESSION_IDLE_MILLIS,
    SESSION_LIFE_MILLIS, SETUP_LIFE_MILLIS, SignedIn,
};
use super::testing::{CHEAP, StubSurroundings};

const HOME: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const GOOD: &str = "correct horse battery staple";

struct Fixture {
    env: Arc<StubSurroundings>,
    identity: Identity,
    dir: TempDir,
}

fn open(dir: &Path, env: &Arc<StubSurroundings>) -> Identity {
    Identity::open(IdentityOptions {
        database: dir.join("relay.db"),
        keys: dir.join("keys.json"),
        workspace: WorkspaceId::from_bytes([7; 16]),
        cost: CHEAP,
        env: Arc::clone(env) as _,
    })
    .unwrap()
}

fn empty() -> Fixture {
    let (dir, env) = (tempfile::tempdir().unwrap(), Arc::new(StubSurroundings::new()));
    let identity = open(dir.path(), &env);
    Fixture { env, identity, dir }
}

async fn with_ada() -> Fixture {
    let f = empty();
    f.identity.register(person("ada@example.org", Role::Admin), None).await.unwrap();
    f
}

fn person(email: &str, role: Role) -> NewPerson {
    NewPerson { name: "Some Body".into(), email: email.into(), role, password: Secret::new(GOOD) }
}

fn device(number: u8) -> DeviceClaim {
    DeviceClaim { id: DeviceId::from_bytes([number; 16]), name: format!("laptop {number}"), keeper: Keeper::Program }
}

impl Fixture {
    async fn sign_in(&self, number: u8) -> SignedIn {
        self.identity.sign_in("Ada@Example.org ", &Secret::new(GOOD), device(number), HOME).await.unwrap()
    }

    async fn lives(&self, signed_in: &SignedIn) -> bool {
        self.identity.authenticate(signed_in.access_token.reveal()).await.is_ok()
    }

    fn rows(&self, sql: &str) -> i64 {
        let db = rusqlite::Connection::open(self.dir.path().join("relay.db")).unwrap();
        db.query_row(sql, [], |row| row.get(0)).unwrap()
    }
}

#[tokio::test]
async fn a_setup_token_makes_the_first_administrator_once() {
    let f = empty();
    let token = f.identity.offer_setup().await.unwrap().unwrap();
    let set_up = |email| f.identity.set_up(&token, person(email, Role::Admin), device(1), HOME);

    let ada = set_up("ada@example.org").await.unwrap();
    let again = set_up("eve@example.org").await;

    assert!(f.lives(&ada).await);
    assert_eq!(ada.person.role, Role::Admin);
    assert!(matches!(again, Err(SetUpError::AlreadyDone)));
    assert!(f.identity.offer_setup().await.unwrap().is_none());
}

#[tokio::test]
async fn two_setups_at_once_make_one_administrator() {
    let f = empty();
    let token = f.identity.offer_setup().await.unwrap().unwrap();

    let (one, two) = tokio::join!(
        f.identity.set_up(&token, person("ada@example.org", Role::Admin), device(1), HOME),
        f.identity.set_up(&token, person("eve@example.org", Role::Admin), device(2), HOME),
    );

    assert_eq!(u8::from(one.is_ok()) + u8::from(two.is_ok()), 1);
    assert_eq!(f.rows("SELECT count(*) FROM credential"), 1);
}

#[tokio::test]
async fn a_setup_token_that_is_old_replaced_or_invented_opens_nothing() {
    let f = empty();
    let replaced = f.identity.offer_setup().await.unwrap().unwrap();
    let expired = f.identity.offer_setup().await.unwrap().unwrap();
    f.env.advance(SETUP_LIFE_MILLIS + 1);

    for token in [replaced, expired, Secret::new("tts_invented")] {
        let refused = f.identity.set_up(&token, person("ada@example.org", Role::Admin), device(1), HOME).await;
        assert!(matches!(refused, Err(SetUpError::BadToken)), "{refused:?}");
    }
    assert_eq!(f.rows("SELECT count(*) FROM credential"), 0);
}

#[tokio::test]
async fn a_setup_with_a_weak_password_can_be_tried_again() {
    let f = empty();
    let token = f.identity.offer_setup().await.unwrap().unwrap();
    let weak = NewPerson { password: Secret::new("short"), ..person("ada@example.org", Role::Admin) };

    for _ in 0..5 {
        let refused = f.identity.set_up(&token, weak.clone(), device(1), HOME).await;
        assert!(matches!(refused, Err(SetUpError::Person(CreatePersonError::Weak(_)))), "{refused:?}");
    }
    assert!(f.identity.set_up(&token, person("ada@example.org", Role::Admin), device(1), HOME).await.is_ok());
}

#[tokio::test]
async fn wrong_password_and_unknown_address_get_the_same_answer() {
    let f = with_ada().await;
    let try_it = |email, password| f.identity.sign_in(email, password, device(1), HOME);
    let (wrong, right) = (Secret::new("another password"), Secret::new(GOOD));

    let answers = [
        try_it("ada@example.org", &wrong).await,
        try_it("eve@example.org", &right).await,
        try_it("not an address", &right).await,
    ];

    for answer in answers {
        assert!(matches!(answer, Err(SignInError::Wrong)), "{answer:?}");
    }
}

#[tokio::test]
async fn an_account_is_slowed_down_but_its_sessions_go_on() {
    let f = with_ada().await;
    let session = f.sign_in(1).await;
    let guess = Secret::new("a guess at the password");
    for number in 1..=5 {
        let address = IpAddr::V4(Ipv4Addr::new(10, 0, 0, number));
        assert!(matches!(
            f.identity.sign_in("ada@example.org", &guess, device(9), address).await,
            Err(SignInError::Wrong)
        ));
    }

    let slowed = f.identity.sign_in("ada@example.org", &Secret::new(GOOD), device(1), HOME).await;

    assert!(matches!(slowed, Err(SignInError::TooMany(_))), "{slowed:?}");
    assert!(f.lives(&session).await);
    assert!(f.identity.refresh(&session.refresh_token, Keeper::Program).await.is_ok());
    f.env.advance(1_000);
    f.sign_in(1).await;
}

#[tokio::test]
async fn a_refresh_rotates_the_token() {
    let f = with_ada().await;
    let first = f.sign_in(1).await;

    let second = f.identity.refresh(&first.refresh_token, Keeper::Program).await.unwrap();
    let third = f.identity.refresh(&second.refresh_token, Keeper::Program).await.unwrap();

    assert_ne!(first.refresh_token, second.refresh_token);
    assert_ne!(second.refresh_token, third.refresh_token);
    assert_eq!((first.session, first.session), (second.session, third.session));
    assert!(f.lives(&third).await);
}

#[tokio::test]
async fn a_lost_answer_to_a_refresh_can_be_asked_for_again() {
    let f = with_ada().await;
    let first = f.sign_in(1).await;

    let (lost, raced) = tokio::join!(
        f.identity.refresh(&first.refresh_token, Keeper::Program),
        f.identity.refresh(&first.refresh_token, Keeper::Program)
    );
    f.env.advance(REFRESH_GRACE_MILLIS);
    let repeated = f.identity.refresh(&first.refresh_token, Keeper::Program).await.unwrap();

    assert_eq!(lost.unwrap().refresh_token, repeated.refresh_token);
    assert_eq!(raced.unwrap().refresh_token, repeated.refresh_token);
    assert_eq!(f.rows("SELECT count(*) FROM refresh_token"), 2);
}

#[tokio::test]
async fn a_token_used_again_after_the_grace_ends_this_session_and_no_other() {
    let f = with_ada().await;
    let (stolen, other) = (f.sign_in(1).await, f.sign_in(2).await);
    let mut ended = f.identity.ended_sessions();
    let next = f.identity.refresh(&stolen.refresh_token, Keeper::Program).await.unwrap();
    f.env.advance(REFRESH_GRACE_MILLIS + 1);

    let reused = f.identity.refresh(&stolen.refresh_token, Keeper::Program).await;

    assert!(matches!(reused, Err(RefreshError::Ended)));
    assert!(matches!(f.identity.refresh(&next.refresh_token, Keeper::Program).await, Err(RefreshError::Ended)));
    assert!(!f.lives(&next).await);
    assert_eq!(ended.try_recv().unwrap(), stolen.session);
    assert!(f.lives(&other).await);
}

#[tokio::test]
async fn access_and_refresh_tokens_do_not_stand_in_for_each_other() {
    let f = with_ada().await;
    let session = f.sign_in(1).await;

    let as_access = f.identity.authenticate(session.refresh_token.reveal()).await;
    let as_refresh = f.identity.refresh(&session.access_token, Keeper::Program).await;

    assert!(matches!(as_access, Err(AuthenticateError::SignIn)));
    assert!(matches!(as_refresh, Err(RefreshError::Ended)));
}

#[tokio::test]
async fn signing_out_ends_access_and_refresh_at_once() {
    let f = with_ada().await;
    let session = f.sign_in(1).await;

    f.identity.sign_out(session.session).await.unwrap();

    assert!(!f.lives(&session).await);
    assert!(f.identity.authenticate_blocking(session.access_token.reveal()).is_err());
    assert!(matches!(f.identity.refresh(&session.refresh_token, Keeper::Program).await, Err(RefreshError::Ended)));
}

#[tokio::test]
async fn a_session_ends_when_idle_and_at_the_latest_after_ninety_days() {
    let f = with_ada().await;
    let (idle, mut busy) = (f.sign_in(1).await, f.sign_in(2).await);
    let mut ended = f.identity.ended_sessions();
    let step = SESSION_IDLE_MILLIS - 1;
    for _ in 0..SESSION_LIFE_MILLIS / step {
        f.env.advance(step);
        busy = f.identity.refresh(&busy.refresh_token, Keeper::Program).await.unwrap();
    }
    f.identity.end_expired_sessions().await.unwrap();
    assert_eq!(ended.try_recv().unwrap(), idle.session);

    f.env.advance(step);

    assert!(matches!(f.identity.refresh(&idle.refresh_token, Keeper::Program).await, Err(RefreshError::Ended)));
    assert!(matches!(f.identity.refresh(&busy.refresh_token, Keeper::Program).await, Err(RefreshError::Ended)));
}

#[tokio::test]
async fn signing_in_again_on_a_device_replaces_its_session() {
    let f = with_ada().await;
    let first = f.sign_in(1).await;
    let second = f.sign_in(1).await;

    assert!(!f.lives(&first).await);
    assert!(f.lives(&second).await);
}

#[tokio::test]
async fn a_device_belongs_to_one_person() {
    let f = with_ada().await;
    f.identity.register(person("eve@example.org", Role::User), None).await.unwrap();
    f.sign_in(1).await;

    let taken = f.identity.sign_in("eve@example.org", &Secret::new(GOOD), device(1), HOME).await;

    assert!(matches!(taken, Err(SignInError::DeviceTaken)), "{taken:?}");
}

#[tokio::test]
async fn an_address_belongs_to_one_person_however_it_is_written() {
    let f = with_ada().await;

    let taken = f.identity.register(person(" ADA@example.ORG", Role::User), None).await;
    let invalid = f.identity.register(person("ada example.org", Role::User), None).await;

    assert!(matches!(taken, Err(CreatePersonError::EmailTaken)), "{taken:?}");
    assert!(matches!(invalid, Err(CreatePersonError::Invalid(_))), "{invalid:?}");
}

#[tokio::test]
async fn a_workspace_keeps_an_administrator() {
    let f = with_ada().await;

    let refused = f.identity.set_role("ada@example.org", Role::Viewer).await;
    f.identity.register(person("bob@example.org", Role::Admin), None).await.unwrap();
    let allowed = f.identity.set_role("ada@example.org", Role::Viewer).await;

    assert!(matches!(refused, Err(SetRoleError::LastAdmin)), "{refused:?}");
    assert_eq!(allowed.unwrap().role, Role::Viewer);
    assert!(matches!(f.identity.set_role("no@example.org", Role::User).await, Err(SetRoleError::NoSuchPerson)));
}

#[tokio::test]
async fn a_reset_password_ends_every_session_of_the_person() {
    let f = with_ada().await;
    let sessions = [f.sign_in(1).await, f.sign_in(2).await];

    f.identity.reset_password("ada@example.org", &Secret::new("a completely new one")).await.unwrap();

    for session in sessions {
        assert!(!f.lives(&session).await);
    }
    let old = f.identity.sign_in("ada@example.org", &Secret::new(GOOD), device(1), HOME).await;
    assert!(matches!(old, Err(SignInError::Wrong)));
    let new = Secret::new("a completely new one");
    assert!(f.identity.sign_in("ada@example.org", &new, device(1), HOME).await.is_ok());
}

#[tokio::test]
async fn people_and_devices_wait_to_be_listed_until_they_are() {
    let f = with_ada().await;
    f.sign_in(1).await;

    let (people, devices) = f.identity.unlisted().await.unwrap();
    assert_eq!((people.len(), devices.len()), (1, 1));
    assert_eq!(devices[0].name, "laptop 1");
    f.identity.person_is_listed(people[0].clone()).await.unwrap();
    f.identity.device_is_listed(devices[0].clone()).await.unwrap();

    assert_eq!(f.identity.unlisted().await.unwrap(), (vec![], vec![]));
    f.identity.register(person("bob@example.org", Role::Admin), None).await.unwrap();
    f.identity.set_role("ada@example.org", Role::User).await.unwrap();
    assert_eq!(f.identity.unlisted().await.unwrap().0.len(), 2);
}

#[tokio::test]
async fn sessions_survive_a_restart_and_the_file_holds_no_token() {
    let f = with_ada().await;
    let session = f.sign_in(1).await;
    let Fixture { env, identity, dir } = f;
    drop(identity);

    let identity = open(dir.path(), &env);
    let continued = identity.refresh(&session.refresh_token, Keeper::Program).await.unwrap();
    assert!(identity.authenticate(session.access_token.reveal()).await.is_ok());
    drop(identity);

    let file = std::fs::read(dir.path().join("relay.db")).unwrap();
    for secret in [session.access_token, session.refresh_token, continued.refresh_token, Secret::new(GOOD)] {
        let found = file.windows(secret.reveal().len()).any(|window| window == secret.reveal().as_bytes());
        assert!(!found);
    }
}
