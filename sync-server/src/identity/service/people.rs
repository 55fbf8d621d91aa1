//! People: created, listed, changed.

use std::net::IpAddr;

use model::schema::{FieldProblem, LINE_MAX_CHARS};
use model::{IdSource as _, Role, UserId};

use super::{EMAIL_MAX_BYTES, Identity, NewPerson, lock};
use crate::identity::env::FreshIds;
use crate::identity::errors::{
    ChangePasswordError, ChangePersonError, CreatePersonError, IdentityFailure, ResetPasswordError, SetRoleError,
};
use crate::identity::hasher::HashPasswordError;
use crate::identity::password::{Secret, check_password};
use crate::identity::rows::{
    ChangeOutcome, CreateOutcome, Device, LiveSession, NewCredential, Person, PersonChange, RoleOutcome,
};
use crate::identity::token::SessionId;

impl Identity {
    /// Creates a person; `by` is nobody for the command line.
    ///
    /// # Errors
    /// When name, e-mail or password can't be used.
    pub async fn register(&self, new: NewPerson, by: Option<UserId>) -> Result<Person, CreatePersonError> {
        let credential = self.credential(new).await?;
        self.create(credential, by).await
    }

    /// Creates a person whom the team knows under this id from a relay that was lost. Their directory record comes
    /// back from the team's devices; until then nothing is written into the log that would stand in its way.
    ///
    /// # Errors
    /// When name, e-mail or password can't be used, or the id is somebody's.
    pub async fn register_again(&self, new: NewPerson, id: UserId) -> Result<Person, CreatePersonError> {
        let mut credential = self.credential(new).await?;
        credential.person.id = id;
        credential.returns = true;
        self.create(credential, None).await
    }

    async fn create(&self, credential: NewCredential, by: Option<UserId>) -> Result<Person, CreatePersonError> {
        let person = credential.person.clone();
        match self.run(move |store| store.create(&credential, by)).await? {
            CreateOutcome::Created => Ok(person),
            CreateOutcome::EmailTaken => Err(CreatePersonError::EmailTaken),
        }
    }

    pub(super) async fn credential(&self, new: NewPerson) -> Result<NewCredential, CreatePersonError> {
        let fresh = self.fresh_person(&new.name, &new.email, new.role)?;
        check_password(&new.password, &[&fresh.person.name, &fresh.person.email])?;
        let password_hash = self.hash(&new.password).await?;
        Ok(NewCredential { password_hash, ..fresh })
    }

    /// A credential that no password opens yet.
    pub(super) fn fresh_person(&self, name: &str, email: &str, role: Role) -> Result<NewCredential, CreatePersonError> {
        let name = person_name(name).map_err(CreatePersonError::Invalid)?;
        let email = email.trim().to_owned();
        let invalid = || CreatePersonError::Invalid(FieldProblem::new("email", "is not an e-mail address"));
        let email_key = email_key(&email).ok_or_else(invalid)?;
        let id = UserId(FreshIds(self.env.as_ref()).fresh_uuid());
        let person = Person { id, email, name, role, created_at: self.env.now(), disabled_at: None };
        Ok(NewCredential { person, email_key, password_hash: String::new(), returns: false })
    }

    pub(super) async fn hash(&self, password: &Secret) -> Result<String, CreatePersonError> {
        self.hasher.hash(password, self.env.as_ref()).await.map_err(|error| match error {
            HashPasswordError::Busy => CreatePersonError::Busy,
            other => CreatePersonError::Failed(IdentityFailure::Hash(other)),
        })
    }

    /// Everybody, in the order of their e-mail addresses.
    ///
    /// # Errors
    /// When the tables can't be used.
    pub async fn people(&self) -> Result<Vec<Person>, IdentityFailure> {
        self.run(|store| store.people()).await
    }

    /// Sets the role of the person with this e-mail address.
    ///
    /// # Errors
    /// When there is nobody, or nobody else is an administrator.
    pub async fn set_role(&self, email: &str, role: Role) -> Result<Person, SetRoleError> {
        let person = self.find(email).await?.ok_or(SetRoleError::NoSuchPerson)?;
        let (user, now) = (person.id, self.env.now());
        match self.run(move |store| store.set_role(user, role, now)).await? {
            RoleOutcome::Changed => Ok(Person { role, ..person }),
            RoleOutcome::LastAdmin => Err(SetRoleError::LastAdmin),
        }
    }

    /// Changes a person; returns them and the sessions that ended. May wait for the disk, so it is for a thread that
    /// may: the relay's core, which takes no change meanwhile.
    ///
    /// # Errors
    /// When there is nobody, the name can't be used, or nobody else is an administrator.
    pub fn change_person_blocking(
        &self,
        user: UserId,
        change: PersonChange,
        by: UserId,
    ) -> Result<(Person, Vec<SessionId>), ChangePersonError> {
        let name = change.name.as_deref().map(person_name).transpose().map_err(ChangePersonError::Invalid)?;
        let change = PersonChange { name, ..change };
        match lock(&self.store).change_person(user, &change, (by, self.env.now()))? {
            ChangeOutcome::Changed(person, ended) => Ok((person, ended)),
            ChangeOutcome::NoSuchPerson => Err(ChangePersonError::NoSuchPerson),
            ChangeOutcome::LastAdmin => Err(ChangePersonError::LastAdmin),
        }
    }

    /// Sets somebody's own new password, which takes the current one, and ends their other sessions.
    ///
    /// # Errors
    /// When the current password is wrong, there were too many tries, or the new one can't be used.
    pub async fn change_password(
        &self,
        session: &LiveSession,
        current: &Secret,
        new: &Secret,
        address: IpAddr,
    ) -> Result<(), ChangePasswordError> {
        let person = &session.person;
        check_password(new, &[&person.name, &person.email]).map_err(CreatePersonError::Weak)?;
        self.check_current(&person.email, current, address).await?;
        let (hash, user, kept, now) = (self.hash(new).await?, person.id, session.id, self.env.now());
        let ended = self.run(move |store| store.change_password(user, &hash, kept, now)).await;
        self.announce(ended.map_err(CreatePersonError::Failed)?);
        Ok(())
    }

    /// Sets a new password for the person with this e-mail address and ends their sessions.
    ///
    /// # Errors
    /// When there is nobody, or the password can't be used.
    pub async fn reset_password(&self, email: &str, password: &Secret) -> Result<Person, ResetPasswordError> {
        let found = self.find(email).await.map_err(CreatePersonError::Failed)?;
        let person = found.ok_or(ResetPasswordError::NoSuchPerson)?;
        check_password(password, &[&person.name, &person.email]).map_err(CreatePersonError::Weak)?;
        let (hash, user, now) = (self.hash(password).await?, person.id, self.env.now());
        let ended = self.run(move |store| store.reset_password(user, &hash, now)).await;
        self.announce(ended.map_err(CreatePersonError::Failed)?);
        Ok(person)
    }

    async fn find(&self, email: &str) -> Result<Option<Person>, IdentityFailure> {
        let Some(key) = email_key(email) else { return Ok(None) };
        let found = self.run(move |store| store.find_by_email(&key)).await?;
        Ok(found.map(|(person, _)| person))
    }

    /// People and devices whose directory records don't say the same yet.
    ///
    /// # Errors
    /// When the tables can't be used.
    pub async fn unlisted(&self) -> Result<(Vec<Person>, Vec<Device>), IdentityFailure> {
        self.run(|store| Ok((store.unlisted_people()?, store.unlisted_devices()?))).await
    }

    /// Whether directory records are expected back from the team's devices.
    ///
    /// # Errors
    /// When the tables can't be used.
    pub async fn expects_returns(&self) -> Result<bool, IdentityFailure> {
        self.run(|store| store.expects_returns()).await
    }

    /// Notes that a person's directory record is written.
    ///
    /// # Errors
    /// When the tables can't be used.
    pub async fn person_is_listed(&self, person: Person) -> Result<(), IdentityFailure> {
        self.run(move |store| store.person_is_listed(&person)).await
    }

    /// Notes that a device's directory record is written.
    ///
    /// # Errors
    /// When the tables can't be used.
    pub async fn device_is_listed(&self, device: Device) -> Result<(), IdentityFailure> {
        self.run(move |store| store.device_is_listed(&device)).await
    }
}

/// The address as it is compared; `None` for what can't be an address.
pub(super) fn email_key(email: &str) -> Option<String> {
    let email = email.trim();
    let (local, domain) = email.rsplit_once('@')?;
    let odd = |letter: char| letter.is_whitespace() || letter.is_control() || letter == '@';
    let usable = !local.is_empty() && !domain.is_empty() && email.len() <= EMAIL_MAX_BYTES;
    (usable && !local.contains(odd) && !domain.contains(odd)).then(|| email.to_lowercase())
}

fn person_name(name: &str) -> Result<String, FieldProblem> {
    let name = name.trim();
    if name.is_empty() {
        return Err(FieldProblem::new("name", "is required"));
    }
    if name.chars().count() > LINE_MAX_CHARS {
        return Err(FieldProblem::new("name", "is too long"));
    }
    if name.contains(char::is_control) {
        return Err(FieldProblem::new("name", "must be one line"));
    }
    Ok(name.to_owned())
}
