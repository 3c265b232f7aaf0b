"""Numbers of an Assay server, each with its receipt."""

from assay_client.answer import Answer, Column
from assay_client.client import Assay, AsyncAssay, Refused

__all__ = ["Answer", "Assay", "AsyncAssay", "Column", "Refused"]
