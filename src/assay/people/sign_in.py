"""Signing in: by the token, by password, by a link. Attempts are throttled by account and by where they come from."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import timedelta

from assay.errors import (
    AlreadyThere,
    BadQuestion,
    Busy,
    NotFound,
    SecondFactorRequired,
    SignInRequired,
    StoreUnavailable,
    TooManyAttempts,
)
from assay.people.door import Door, new_session
from assay.people.factor import Factors, Shown, new_recovery_codes, recovery_hash, step_of
from assay.people.guesses import network
from assay.people.passwords import Passwords, expect_good
from assay.store.audit import Deed
from assay.store.database import Database
from assay.store.people import (
    Credentials,
    FoundLink,
    change_password,
    find_credentials,
    find_link,
    forget_attempts,
    note_attempt,
    remove_factor,
    set_factor,
    sign_in,
    use_link,
)
from assay.work.principal import Principal

MOST_OF_ACCOUNT, MOST_FROM_ADDRESS = 10, 30
WITHIN = timedelta(minutes=15)
_WRONG = "The email address or the password is wrong."
_NOT_PROVED = "The password is wrong."


class SignIn:
    """What each way gives back is what the browser is to hold."""

    def __init__(self, database: Database, door: Door, passwords: Passwords, factors: Factors) -> None:
        self._database = database
        self._factors = factors
        self._door = door
        self._passwords = passwords

    async def by_token(self, token: str, address: str) -> str:
        """Raises SignInRequired or TooManyAttempts."""

        async def work() -> str | None:
            is_right = self._door.is_token(token.encode(errors="replace"))
            return await self._door.begin_token_session(address) if is_right else None

        found = await self._tried(work, f"token from {network(address)}", address, "token")
        if found is None:
            raise SignInRequired("This is not the token.", mend="it is the value of ASSAY_TOKEN on the server")
        return found

    async def by_password(self, email: str, password: str, code: str | None, address: str) -> str:
        """Raises SignInRequired, the same for whoever is not known, SecondFactorRequired, TooManyAttempts or Busy."""
        email = normal_email(email)
        found = await find_credentials(self._database, email)
        wrong = SignInRequired(_WRONG, mend="ask an admin for a link to choose a new one")

        async def work() -> str | None:
            nonlocal wrong
            session = new_session()
            if not await self._passwords.matches(found and found.password, password) or found is None:
                return None
            if found.factor is not None and not code:
                raise SecondFactorRequired
            shown = self._shown(found, code)
            if found.factor is not None:
                wrong = _wrong_code()
            taken = shown and await sign_in(self._database, found, session, self._door.copy, address, *shown)
            return session if taken else None

        session = await self._tried(work, f"account {email}", address, found.person_id if found else "unknown")
        if session is None:
            raise wrong
        return session

    async def change_password(self, who: Principal, password: str, fresh: str, address: str) -> str:
        """Every other session of theirs ends. Raises SignInRequired, BadQuestion, TooManyAttempts or Busy."""
        found = await self._own(who)
        expect_good(fresh, found.email)

        async def work() -> str | None:
            session = new_session()
            if not await self._passwords.matches(found.password, password):
                return None
            hashed = await self._passwords.hashed(fresh)
            done = await change_password(self._database, found, hashed, session, self._door.copy, address)
            return session if done else None

        return await self._proved(work, found, address)

    async def set_factor(self, who: Principal, password: str, secret: str, code: str, address: str) -> list[str]:
        """Gives the recovery codes. Raises SignInRequired, BadQuestion, AlreadyThere, TooManyAttempts or Busy."""
        found = await self._own(who)
        if found.factor is not None:
            raise AlreadyThere("There is a second factor already.", mend="remove it first")
        codes = new_recovery_codes()

        async def work() -> str | None:
            if not await self._passwords.matches(found.password, password):
                return None
            step = step_of(secret, code)
            if step is None:
                raise BadQuestion(
                    "This is not the code of this secret just now.", mend="look at the clock of the phone", field="code"
                )
            sealed = self._factors.sealed(found.person_id, secret)
            done = await set_factor(self._database, found, sealed, step, [recovery_hash(each) for each in codes])
            return "done" if done else None

        await self._proved(work, found, address)
        return codes

    async def remove_factor(self, who: Principal, password: str, code: str, address: str) -> None:
        """Raises SignInRequired, BadQuestion, TooManyAttempts or Busy."""
        found = await self._own(who)
        if found.factor is None:
            raise BadQuestion("There is no second factor.")

        async def work() -> str | None:
            if not await self._passwords.matches(found.password, password):
                return None
            shown = self._shown(found, code)
            return "done" if shown and await remove_factor(self._database, found, *shown) else None

        await self._proved(work, found, address, "The password or the code is wrong, or the code was used already.")

    async def _own(self, who: Principal) -> Credentials:
        """Of whoever asks. Raises BadQuestion where they have no password here."""
        found = await find_credentials(self._database, who.id) if who.kind == "person" else None
        if found is None:
            raise BadQuestion(f"{who.name} has no password here.", mend="sign in with one")
        return found

    async def _proved(
        self, work: Callable[[], Awaitable[str | None]], found: Credentials, address: str, wrong: str = _NOT_PROVED
    ) -> str:
        done = await self._tried(work, f"account {found.email}", address, found.person_id)
        if done is None:
            # Not a 401: the session holds.
            raise BadQuestion(wrong, field="password")
        return done

    def _shown(self, found: Credentials, code: str | None) -> Shown | None:
        if found.factor is None:
            return Shown(None, None)
        return self._factors.shown(found.person_id, found.factor, code or "")

    async def link(self, secret: str) -> FoundLink:
        """Raises NotFound."""
        found = await find_link(self._database, secret, self._door.copy)
        if found is None:
            raise _over()
        return found

    async def by_link(self, secret: str, password: str, address: str) -> str:
        """Raises NotFound or BadQuestion."""
        found = await self.link(secret)
        expect_good(password, found.email)
        session = new_session()
        hashed = await self._passwords.hashed(password)
        if not await use_link(self._database, secret, self._door.copy, hashed, session, address):
            raise _over()
        await self._forget([f"account {found.email}"])
        return session

    async def _tried(
        self, work: Callable[[], Awaitable[str | None]], account: str, address: str, subject: str
    ) -> str | None:
        """An attempt is counted before it is made, so that many at once are many.

        A success gives its own back, and so does one at which nothing was looked at. One that was broken off does not.
        """
        here = f"address {network(address)}"
        for each, bound in ((here, MOST_FROM_ADDRESS), (account, MOST_OF_ACCOUNT)):
            tried = await note_attempt(self._database, each, WITHIN)
            if tried.times > bound:
                if tried.times == bound + 1:  # said once, not at each
                    await self._door.say(Deed("sign_in.throttled", subject, who=None))
                raise TooManyAttempts(retry_after_seconds=max(1, round(tried.left_seconds)))
        try:
            session = await work()
        except (Busy, StoreUnavailable, SecondFactorRequired):
            for each in (account, here):
                await self._forget([], [each])
            raise
        if session is None:
            await self._door.say(Deed("sign_in.failed", subject, who=None))
        else:
            await self._forget([account], [here])
        return session

    async def _forget(self, wholly: Sequence[str], once: Sequence[str] = ()) -> None:
        """What was done stands, whether or not the store takes this."""
        with suppress(StoreUnavailable):
            await forget_attempts(self._database, wholly, once)


def _wrong_code() -> SignInRequired:
    return SignInRequired("The code is wrong, or was used already.", mend="wait for the next one, or use a recovery code")


def _over() -> NotFound:
    return NotFound("This link has been used already, or its time is over.", mend="ask an admin for another")


def normal_email(text: str) -> str:
    return text.strip().lower()
