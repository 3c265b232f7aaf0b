"""A room of the API: a router whose routes are whole where they are written."""

from fastapi import APIRouter, Depends

from assay.web.form import check_form
from assay.web.needs import check_need
from assay.web.schemas import Problem


class Room(APIRouter):
    """Each of its routes asks who may, then whether the body has its form, and names what may go wrong.

    The application takes the routes as they are: including the router would build every one of them once more, at the
    first request.
    """

    def __init__(self, tag: str, prefix: str = "") -> None:
        super().__init__(
            prefix=prefix, tags=[tag], dependencies=[Depends(check_need), Depends(check_form)],
            responses={422: {"model": Problem}, 503: {"model": Problem}},
            generate_unique_id_function=lambda route: route.name,
        )  # fmt: skip
