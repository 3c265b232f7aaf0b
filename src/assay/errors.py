"""Every failure that a person may meet: its HTTP status, its kind, its sentence and its mend.

A decision (a refused route, a stale answer) is a value and does not live here; this is for what
stops a request.
"""

from typing import Any, ClassVar

_LONGEST = 2_000
"""Characters of a sentence: what it quotes of a request may be as long as that."""


class AssayError(Exception):
    """Something went wrong inside Assay."""

    status: ClassVar[int] = 500
    kind: ClassVar[str] = "internal_error"
    closes: ClassVar[bool] = False
    """Whether the connection ends with it, which would take the place of another."""

    def __init__(self, detail: str | None = None, *, mend: str | None = None, **extra: Any) -> None:
        self.detail = _cut(_ended_once(detail or (type(self).__doc__ or "").strip().splitlines()[0]))
        self.mend = mend
        self.extra = extra
        super().__init__(self.detail)

    def problem(self) -> dict[str, Any]:
        """The RFC 9457 body."""
        return {
            "type": "about:blank",
            "title": self.kind.replace("_", " ").capitalize(),
            "status": self.status,
            "kind": self.kind,
            "detail": self.detail,
            "mend": self.mend,
            **self.extra,
        }

    def headers(self) -> dict[str, str]:
        """What the response says of it beside its body."""
        seconds = self.extra.get("retry_after_seconds")
        again = {} if seconds is None else {"retry-after": str(seconds)}
        return {**again, "connection": "close"} if self.closes else again


def _cut(sentence: str) -> str:
    return sentence if len(sentence) <= _LONGEST else f"{sentence[: _LONGEST // 2]} ... {sentence[-_LONGEST // 4 :]}"


def _ended_once(sentence: str) -> str:
    """A reason that is a sentence itself brings its own full stop."""
    return sentence[:-1] if sentence.endswith(("..", "?.", "!.")) and not sentence.endswith("...") else sentence


class BadQuestion(AssayError):
    """The question cannot be read."""

    status = 422
    kind = "bad_question"


class MetricNotFound(AssayError):
    """There is no such metric."""

    status = 404
    kind = "metric_not_found"


class NotFound(AssayError):
    """There is nothing by that name."""

    status = 404
    kind = "not_found"


class Conflict(AssayError):
    """Somebody else changed this first."""

    status = 412
    kind = "dashboard_moved"


class MovedMeanwhile(AssayError):
    """The data moved while something was put together from several answers."""

    status = 409
    kind = "moved_meanwhile"


class WidgetMoved(Conflict):
    """Somebody else changed this widget first."""

    kind = "widget_moved"


class AlreadyThere(AssayError):
    """The name is taken."""

    status = 409
    kind = "already_there"


class StandsInAFile(AssayError):
    """It stands in a file of the workspace and goes with it."""

    status = 409
    kind = "stands_in_a_file"


class DraftDeclined(AssayError):
    """No metric can be drafted from this."""

    status = 422
    kind = "draft_declined"


class RouteRefused(AssayError):
    """The route cannot be changed so."""

    status = 409
    kind = "route_refused"


class RouteDiffers(RouteRefused):
    """The two backends were not shown to agree."""

    kind = "route_differs"


class SafetyViolation(AssayError):
    """The statement may not run."""

    status = 422
    kind = "safety_violation"


class KeyNotUnique(AssayError):
    """A key that a join relies on is not unique in the data."""

    status = 409
    kind = "key_not_unique"


class KeyNotProved(AssayError):
    """Whether a key that a join relies on is unique was never proved."""

    status = 409
    kind = "key_not_proved"


class BackendUnavailable(AssayError):
    """The backend does not answer."""

    status = 503
    kind = "backend_unavailable"


class ReportNotMade(AssayError):
    """The report could not be made."""

    status = 503
    kind = "report_not_made"


class BackendNotConfigured(AssayError):
    """The backend lacks a setting."""

    status = 503
    kind = "backend_not_configured"


class BackendTimeout(AssayError):
    """The backend took too long and the statement was cancelled."""

    status = 504
    kind = "backend_timeout"


class StatementFailed(AssayError):
    """The backend refused the statement."""

    status = 502
    kind = "statement_failed"


class StoreUnavailable(AssayError):
    """Assay's own tables cannot be reached."""

    status = 503
    kind = "store_unavailable"


class DiskSilent(AssayError):
    """The disk does not answer."""

    status = 503
    kind = "disk_unavailable"


class DiskLeftAlone(DiskSilent):
    """The disk does not answer others either: nothing was begun."""


class ReceiptBroken(AssayError):
    """The receipt is not what was signed."""

    status = 409
    kind = "receipt_broken"


class WorkspaceBroken(AssayError):
    """The workspace cannot be loaded."""

    status = 500
    kind = "workspace_broken"


class EngineUnusable(AssayError):
    """There is no such engine, or it is not whole."""

    status = 500
    kind = "engine_unusable"


class SetupFailed(AssayError):
    """Assay cannot start."""

    kind = "setup_failed"


class TooLarge(AssayError):
    """The request body is too large."""

    status = 413
    kind = "body_too_large"


class TooMuchWork(AssayError):
    """This takes too much work to be read."""

    status = 422
    kind = "too_much_work"


class Busy(AssayError):
    """Too many ask at once. `retry_after_seconds` says when to come again."""

    status = 503
    kind = "busy"

    def __init__(self, detail: str | None = None, *, retry_after_seconds: int = 1, mend: str | None = None) -> None:
        super().__init__(detail, mend=mend or "try again in a moment", retry_after_seconds=retry_after_seconds)


class TooManyPages(Busy):
    """As many pages listen as this process can hold."""

    closes = True


class TooSlow(AssayError):
    """The request's body did not come in time."""

    status = 408
    kind = "request_too_slow"
    closes = True


class BadRequest(AssayError):
    """The request cannot be read."""

    status = 400
    kind = "bad_request"


class MethodNotAllowed(AssayError):
    """This address does not take that method."""

    status = 405
    kind = "method_not_allowed"


class UnsupportedMediaType(AssayError):
    """A body that comes with a session has to say that it is JSON."""

    status = 415
    kind = "unsupported_media_type"


class SignInRequired(AssayError):
    """Sign in first."""

    status = 401
    kind = "sign_in_required"


class SecondFactorRequired(AssayError):
    """A code of your second factor is needed too."""

    status = 401
    kind = "second_factor_required"


class TooManyAttempts(AssayError):
    """Too many attempts to sign in failed. `retry_after_seconds` says when to come again."""

    status = 429
    kind = "too_many_attempts"

    def __init__(self, detail: str | None = None, *, retry_after_seconds: int = 900) -> None:
        mend = f"try again in {-(-retry_after_seconds // 60)} minutes"
        super().__init__(
            detail or "Too many attempts to sign in failed.", mend=mend, retry_after_seconds=retry_after_seconds
        )


class Forbidden(AssayError):
    """This request does not come from an allowed place."""

    status = 403
    kind = "forbidden"


class NotAllowed(AssayError):
    """Your role does not allow this."""

    status = 403
    kind = "not_allowed"


class PolicyRefused(AssayError):
    """The files of the policies cannot be put in force as they lie there."""

    status = 409
    kind = "policy_refused"


class PolicyUnknown(AssayError):
    """It is not known who may see what."""

    status = 503
    kind = "policy_unknown"


class FreeTextRejected(AssayError):
    """SQL is written for a metric of the catalog, never for free text."""

    status = 422
    kind = "free_text_rejected"


class LlmUnavailable(AssayError):
    """The model did not answer. `spent` is what asking it has cost nevertheless."""

    status = 503
    kind = "llm_unavailable"
    spent: Any = None


class BadEvent(AssayError):
    """The event cannot be taken."""

    status = 422
    kind = "bad_event"


class LoopUnavailable(AssayError):
    """The closed loop does not run in this workspace."""

    status = 409
    kind = "loop_unavailable"


class DecisionRefused(AssayError):
    """This recommendation cannot be decided so."""

    status = 409
    kind = "decision_refused"
