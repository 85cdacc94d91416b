"""Who may sign in: by a password, a one-time code or an account elsewhere; and their sessions."""

import logging
import re
import secrets
from collections.abc import Sequence
from datetime import timedelta
from functools import partial

from central.clock import Clock
from central.database.listeners import Listeners
from central.database.store import Store
from central.database.tx import Row, Tx
from central.errors import AlreadyThere
from central.people import accounts, elsewhere, invitations, lock_out, passwords, sessions, trying
from central.people.elsewhere import Claim
from central.people.person import EVERYWHERE, OFFICE, Person
from central.people.sessions import SESSION_IDLE, SESSION_LONGEST, SignedIn, session_key
from central.people.trying import Tried
from central.words import COMMAND_LINE, Actor
from contract import problems
from contract.problems import Problem

__all__ = ["SESSION_IDLE", "SESSION_LONGEST", "People", "Person", "SignedIn", "session_key"]

log = logging.getLogger(__name__)

_SEEN_EVERY = timedelta(minutes=1)
# What a browser's cookie looks like; it is ours, so nothing else is taken for one.
_A_BROWSER = re.compile(r"[A-Za-z0-9_-]{43}")


class People:
    """The persons of one database and their sessions.

    `signed_out` hears the `session_key` of a session that was ended, `added` the id of somebody new.
    """

    def __init__(self, store: Store, clock: Clock) -> None:
        self.signed_out: Listeners[str] = Listeners()
        self.added: Listeners[str] = Listeners()
        self._store = store
        self._clock = clock
        self._somebody = False

    # -- who there is -------------------------------------------------------------------------

    def anybody(self) -> bool:
        """Whether there is anybody who could sign in; once there is, somebody always will be."""
        self._somebody = self._somebody or self._store.read(accounts.anybody)
        return self._somebody

    def create_user(
        self, name: str, password: str, stations: Sequence[str], role: str = "staff"
    ) -> Person:
        """Let somebody sign in at *stations*.

        Raises:
            AlreadyThere, NotThere, NotPossible: the name is taken, a station or the role unknown.
            Problem: `value_refused` for a password that anybody would guess.
        """
        passwords.check_new(password, name)
        hashed = passwords.hashed(password)
        person = self._store.write(lambda tx: accounts.insert(tx, name, role, stations, hashed))
        log.info("person added id=%s role=%s", person.id, person.role)
        self.added.tell(person.id)
        return person

    def create_first(self, name: str, password: str, browser: str) -> SignedIn:
        """Make the first person, of the office and of every station, and begin their session.

        Raises:
            AlreadyThere: there is somebody, perhaps since a moment ago.
        """
        passwords.check_new(password, name)
        hashed = passwords.hashed(password)

        def job(tx: Tx) -> SignedIn:
            accounts.alone(tx)
            if accounts.anybody(tx):
                raise AlreadyThere("There is somebody already; sign in, or ask them.")
            person = accounts.insert(tx, name, OFFICE, [EVERYWHERE], hashed)
            tx.after_commit(partial(log.warning, "first person made id=%s", person.id))
            return self._start(tx, tx.one(accounts.BY_ID, person=person.id), browser)

        return self._store.write(job)

    def link(self, name: str, issuer: str, subject: str, actor: Actor = COMMAND_LINE) -> str | None:
        """Let somebody sign in by their account elsewhere: *subject* at *issuer* (OpenID Connect Core, 2).

        Give the issuer of the account that this one replaces; None when it replaces none.

        Raises:
            NotThere, AlreadyThere: nobody has that name, or that account is another person here.
            NotPossible, OidcUnfit: the account cannot be one.
        """
        return self._store.write(lambda tx: elsewhere.link(tx, name, issuer, subject, actor))

    # -- signing in ---------------------------------------------------------------------------

    def sign_in(self, name: str, password: str, browser: str = "") -> SignedIn:
        """Start a session, in a *browser* that carries this cookie's value, if it has one.

        Raises:
            Problem: `wrong_sign_in` when name and password do not go together, whyever that is;
                `too_many` while that side is locked out.
        """
        tried = trying.compare(self._store, name, password, browser)
        return self._store.write(lambda tx: self._let_in(tx, tried, browser))

    def knows(self, name: str, browser: str) -> bool:
        """Whether somebody of that name has signed in there before; `too_many` while that is locked."""
        return self._store.read(lambda view: trying.look(view, name, browser)).is_known

    def sign_in_code(self, name: str) -> str:
        """Make a code that signs *name* in once, within ten minutes; NotThere for an unknown name."""
        code = invitations.make_pasted()
        self._store.write(
            lambda tx: invitations.keep(tx, accounts.named(tx, name).id, code),
        )
        return code

    def sign_in_by_code(self, code: str, browser: str = "") -> SignedIn:
        """Start a session by a one-time code; Problem `wrong_sign_in` when it is used, old or wrong."""

        def job(tx: Tx) -> SignedIn:
            used = invitations.use(tx, code)
            row = tx.one(accounts.BY_ID, person=used.person)
            if row.disabled_at is not None:
                raise invitations.refused()
            return self._start(tx, row, browser, sets_password=used.sets_password)

        return self._store.write(job)

    def by_subject(self, issuer: str, subject: str) -> SignedIn:
        """Start a session for an account elsewhere; Problem `not_allowed` when nobody is linked to it."""
        return self._store.write(
            lambda tx: sessions.start(tx, elsewhere.linked(tx, issuer, subject))
        )

    def by_claim(self, claim: Claim) -> SignedIn:
        """The same, where the provider itself says who it is, and as what they work where.

        Somebody new is written down; what the provider says otherwise than before is changed.

        Raises:
            AlreadyThere: somebody else has that name here; link them.
            NotThere, NotPossible: a station or the role is unknown.
            Problem: `not_allowed` for somebody who is disabled here.
        """
        return self._store.write(
            lambda tx: sessions.start(
                tx, elsewhere.claimed(tx, claim, self.added.tell, self._changed)
            )
        )

    def shut_out(self, issuer: str, subject: str) -> None:
        """End all sessions of an account elsewhere whose provider lets it in here no longer."""

        def job(tx: Tx) -> None:
            row = tx.first(accounts.LOCKED_BY_SUBJECT, issuer=issuer, subject=subject)
            if row is not None:
                sessions.end_all(tx, row.id, self.signed_out.tell)

        self._store.write(job)

    def set_password(
        self, signed_in: SignedIn, new: str, old: str | None = None, browser: str = ""
    ) -> SignedIn:
        """Change one's own password; every session of that person ends, and a new one begins here.

        Raises:
            Problem: `value_refused` when the new one is too easy, or the old one is wrong (path `$.old`);
                `too_many` after too many wrong ones.
        """
        person = signed_in.person
        passwords.check_new(new, person.name)
        if not signed_in.sets_password:
            trying.check_old(self._store, person.name, old or "", session_key(signed_in.token))
        hashed = passwords.hashed(new)

        def job(tx: Tx) -> SignedIn:
            tx.first(accounts.LOCKED, person=person.id)
            # Whoever was signed out or disabled meanwhile changes nothing any more.
            if tx.first(sessions.FIND, token=session_key(signed_in.token)) is None:
                raise Problem(problems.NOT_SIGNED_IN, "This session is over; sign in again.")
            accounts.set_password(tx, person.id, hashed)
            invitations.void(tx, person.id)
            self._changed(tx, person)
            lock_out.know_no_other(tx, browser, person.id)
            accounts.tell(tx, person.actor, person, "password")
            return self._start(tx, tx.one(accounts.BY_ID, person=person.id), browser)

        return self._store.write(job)

    # -- sessions -----------------------------------------------------------------------------

    def session(self, token: str) -> SignedIn | None:
        """Who is signed in with *token*; None when nobody is, or no longer."""
        key = session_key(token)
        row = self._store.read(lambda view: view.first(sessions.FIND, token=key))
        now = self._clock.now()
        if row is None or now - row.seen_at > SESSION_IDLE or now - row.since > SESSION_LONGEST:
            return None
        if now - row.seen_at > _SEEN_EVERY:
            # Not waited for: a page must not stand still because a stamp cannot be written.
            self._store.submit(lambda tx: tx.run(sessions.SEEN, of_token=key, at=now))
        return SignedIn(token, row.csrf, sessions.person_of(row), row.sets_password)

    def sign_out(self, token: str) -> None:
        """End a session."""
        key = session_key(token)
        self._store.write(lambda tx: sessions.end(tx, key))
        self.signed_out.tell(key)

    # -- parts --------------------------------------------------------------------------------

    def _let_in(self, tx: Tx, tried: Tried, browser: str) -> SignedIn:
        """Begin the session, unless the account was changed while the password was compared."""
        now = tx.one(accounts.LOCKED, person=tried.row.id)
        if now.disabled_at is not None or now.password_hash != tried.row.password_hash:
            raise trying.wrong()
        lock_out.forgive(tx, tried.side)
        return self._start(tx, now, browser)

    def _start(self, tx: Tx, row: Row, browser: str, *, sets_password: bool = False) -> SignedIn:
        """Begin a session; from now on its browser is one that this person works in."""
        browser = browser if _A_BROWSER.fullmatch(browser) else secrets.token_urlsafe(32)
        lock_out.know(tx, browser, row.id)
        return sessions.start(tx, row, browser, sets_password=sets_password)

    def _changed(self, tx: Tx, person: Person) -> None:
        """End all sessions of *person* in this transaction, and their streams after it."""
        sessions.end_all(tx, person.id, self.signed_out.tell)
