"""Signing in: by the token, by password, by a link. Attempts are throttled by account and by where they come from."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import timedelta

from assay.errors import Busy, NotFound, SignInRequired, StoreUnavailable, TooManyAttempts
from assay.people.door import Door, new_session
from assay.people.guesses import network
from assay.people.passwords import Passwords, expect_good
from assay.store.audit import Deed
from assay.store.database import Database
from assay.store.people import FoundLink, find_credentials, find_link, forget_attempts, note_attempt, sign_in, use_link

MOST_OF_ACCOUNT, MOST_FROM_ADDRESS = 10, 30
WITHIN = timedelta(minutes=15)
_WRONG = "The email address or the password is wrong."


class SignIn:
    """What each way gives back is what the browser is to hold."""

    def __init__(self, database: Database, door: Door, passwords: Passwords) -> None:
        self._database = database
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

    async def by_password(self, email: str, password: str, address: str) -> str:
        """Raises SignInRequired, the same for whoever is not known, TooManyAttempts or Busy."""
        email = normal_email(email)
        found = await find_credentials(self._database, email)

        async def work() -> str | None:
            session = new_session()
            if not await self._passwords.matches(found and found.password, password) or found is None:
                return None
            return session if await sign_in(self._database, found, session, self._door.copy, address) else None

        session = await self._tried(work, f"account {email}", address, found.person_id if found else "unknown")
        if session is None:
            raise SignInRequired(_WRONG, mend="an admin gives a link for a new one: assay people reset")
        return session

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
        except (Busy, StoreUnavailable):
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


def _over() -> NotFound:
    return NotFound(
        "This link has been used already, or its time is over.", mend="ask an admin for another: assay people reset"
    )


def normal_email(text: str) -> str:
    return text.strip().lower()
