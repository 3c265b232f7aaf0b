"""What people do about themselves over HTTP: another password, and a second factor."""

from typing import Annotated

import segno
from fastapi import Request, Response
from pydantic import BaseModel, ConfigDict, Field

from assay.people.factor import address_of, new_secret
from assay.web.room import Room
from assay.web.session import Password, begun
from assay.web.wiring import Me, Opens, Signs
from assay.work.request import current_request

router = Room("people", "/v1/me")
Code = Annotated[str, Field(min_length=1, max_length=40)]


class PasswordChange(BaseModel):
    model_config = ConfigDict(extra="forbid")

    password: Password
    new_password: Password


class FactorBegun(BaseModel):
    """`secret`: to be typed; `address`: the same for programs that make codes; `picture`: a data: address of its QR code."""

    secret: str
    address: str
    picture: str


class FactorIn(BaseModel):
    """`code`: one that the secret makes just now, which shows that it has arrived."""

    model_config = ConfigDict(extra="forbid")

    password: Password
    secret: str = Field(pattern=r"^[A-Z2-7]{32}$")
    code: Code


class FactorOut(BaseModel):
    """`recovery_codes`: each signs in once in the place of a code. Shown this once: the server keeps hashes of them."""

    recovery_codes: list[str]


class FactorEnd(BaseModel):
    model_config = ConfigDict(extra="forbid")

    password: Password
    code: Code


@router.post("/password", status_code=204)
async def change_own_password(given: PasswordChange, door: Opens, ways: Signs, me: Me, request: Request) -> Response:
    """Every other session ends, and this one goes on under another id."""
    session = await ways.change_password(me, given.password, given.new_password, current_request().address)
    return await begun(session, door, request)


@router.post("/factor/new")
async def begin_factor(me: Me, response: Response) -> FactorBegun:
    """A secret for a second factor; nothing is kept of it until it is sent back with a code."""
    response.headers["cache-control"] = "no-store"
    secret = new_secret()
    address = address_of(secret, me.name)
    return FactorBegun(secret=secret, address=address, picture=segno.make(address, error="m").svg_data_uri(scale=4))


@router.put("/factor")
async def set_own_factor(given: FactorIn, ways: Signs, me: Me, response: Response) -> FactorOut:
    """From now on signing in takes a code as well."""
    response.headers["cache-control"] = "no-store"
    codes = await ways.set_factor(me, given.password, given.secret, given.code, current_request().address)
    return FactorOut(recovery_codes=codes)


@router.post("/factor/remove", status_code=204)
async def remove_own_factor(given: FactorEnd, ways: Signs, me: Me) -> Response:
    await ways.remove_factor(me, given.password, given.code, current_request().address)
    return Response(status_code=204)
