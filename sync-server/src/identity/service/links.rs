//! One-time links: an administrator hands one on, and whoever opens it chooses a password that the administrator
//! never sees.

use std::net::IpAddr;

use model::{Role, Timestamp, UserId};

use super::{DeviceClaim, INVITE_LIFE_MILLIS, Identity, RESET_LIFE_MILLIS, SignedIn};
use crate::identity::errors::{CreatePersonError, OfferLinkError, UseLinkError};
use crate::identity::password::{Secret, check_password};
use crate::identity::rows::{CreateOutcome, LinkPurpose, NewLink, Person};
use crate::identity::token::{hash_token, new_link_token};

/// Whom to invite.
#[derive(Debug, Clone)]
pub struct Invitation {
    /// Name.
    pub name: String,
    /// E-mail.
    pub email: String,
    /// Role.
    pub role: Role,
}

/// A link that was made; its token is shown once.
#[derive(Debug, Clone)]
pub struct OfferedLink {
    /// Whom it is for.
    pub person: Person,
    /// What opens it.
    pub token: Secret,
    /// It opens nothing from then on.
    pub expires_at: Timestamp,
}

impl Identity {
    /// Creates a person without a password, and the link by which they choose one.
    ///
    /// # Errors
    /// When name or e-mail can't be used.
    pub async fn invite(&self, invitation: Invitation, by: UserId) -> Result<OfferedLink, CreatePersonError> {
        let credential = self.fresh_person(&invitation.name, &invitation.email, invitation.role)?;
        let person = credential.person.clone();
        let (token, link) = self.fresh_link(person.id, LinkPurpose::Invite, by);
        match self.run(move |store| store.invite(&credential, &link)).await? {
            CreateOutcome::Created => Ok(OfferedLink { person, token, expires_at: link.expires_at }),
            CreateOutcome::EmailTaken => Err(CreatePersonError::EmailTaken),
        }
    }

    /// Makes a link by which somebody chooses another password; links made for them before are void.
    ///
    /// # Errors
    /// When there is nobody who may sign in.
    pub async fn offer_reset(&self, user: UserId, by: UserId) -> Result<OfferedLink, OfferLinkError> {
        let (token, link) = self.fresh_link(user, LinkPurpose::Reset, by);
        let now = self.env.now();
        let found = self.run(move |store| store.replace_link(&link, now)).await?;
        let person = found.ok_or(OfferLinkError::NoSuchPerson)?;
        Ok(OfferedLink { person, token, expires_at: link.expires_at })
    }

    fn fresh_link(&self, user: UserId, purpose: LinkPurpose, created_by: UserId) -> (Secret, NewLink) {
        let token = new_link_token(self.env.as_ref());
        let life = match purpose {
            LinkPurpose::Invite => INVITE_LIFE_MILLIS,
            LinkPurpose::Reset => RESET_LIFE_MILLIS,
        };
        let expires_at = self.env.now().plus_millis(life);
        let link = NewLink { hash: hash_token(&token), user, purpose, created_by, expires_at };
        (token, link)
    }

    /// Whom a link is for, so that they see what they are about to do.
    ///
    /// # Errors
    /// When it is not valid, or there were too many tries.
    pub async fn look_at_link(&self, token: &Secret, address: IpAddr) -> Result<(Person, LinkPurpose), UseLinkError> {
        let (hash, now) = (hash_token(token), self.env.now());
        self.throttle().charge_setup(address, now)?;
        let found = self.run(move |store| store.find_link(hash, now)).await?.ok_or(UseLinkError::Invalid)?;
        self.throttle().setup_was_right(address);
        Ok(found)
    }

    /// Sets the password of the person that a link is for, uses the link up and signs them in.
    ///
    /// # Errors
    /// When the link is not valid, there were too many tries, or the password can't be used.
    pub async fn use_link(
        &self,
        token: &Secret,
        password: &Secret,
        device: DeviceClaim,
        address: IpAddr,
    ) -> Result<SignedIn, UseLinkError> {
        let (person, _) = self.look_at_link(token, address).await?;
        check_password(password, &[&person.name, &person.email]).map_err(CreatePersonError::Weak)?;
        let (password_hash, hash, now) = (self.hash(password).await?, hash_token(token), self.env.now());
        let used = self.run(move |store| store.use_link(hash, &password_hash, now)).await?;
        let (person, ended) = used.ok_or(UseLinkError::Invalid)?;
        self.announce(ended);
        Ok(self.start_session(person, device, address).await?)
    }
}
