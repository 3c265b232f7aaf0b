"""What each endpoint needs, by its operation id. One that does not stand here is refused to everybody."""

from typing import Literal

from fastapi import Request

from assay.errors import AssayError, NotAllowed, SignInRequired
from assay.people.roles import Need, expect, may

Scoped = Literal["question", "nothing", "whole", "steward"]
"""`question`: all that it gives is what the asker's scope holds. `nothing`: no row, and nothing calculated from rows.
`whole`: while policies are in force, for those alone who see every row. `steward`: then for stewards alone."""

NEEDS: dict[str, Need] = {
    # Whether it runs, and who is there: told before anybody has signed in.
    **dict.fromkeys(
        (
            "health", "ready", "watched", "who", "sign_in", "sign_out", "read_link", "use_link", "begin_oidc", "finish_oidc",
            "end_oidc", "leave_page", "leave_report", "figure",
        ), "open"),
    # With them anybody can check a receipt.
    "signing_keys": "open",
    # Questions, and all that is read. What is read as a widget, judged or replayed changes nothing either.
    **dict.fromkeys(
        (
            "workspace", "metrics", "metric", "dictionary", "check_sql", "metric_data", "many_data", "metric_rows",
            "explain_metric", "stream", "receipts", "receipt", "export_receipt", "receipt_log",
            "receipt_log_growth", "replay_receipt", "compare_receipts", "routes", "route_story", "certificate", "dashboards",
            "dashboard", "dashboard_changes", "dashboard_yaml", "saved_widgets", "saved_widget", "widget_data", "export",
            "read_words", "clarify", "answer_questions", "clarify_session", "generations", "generation", "all_drafts",
            "one_draft", "draft_data", "event_types", "recommendations", "recommendation", "alerts",
            "colours", "give_colours", "access", "proposals", "change_own_password", "begin_factor", "set_own_factor",
            "remove_own_factor", "propose_synonym", "watches", "watch_messages", "try_watch", "try_known_watch",
            "all_reports", "try_report", "choose_report", "annotations",
        ), "see"),
    # Widgets, dashboards and drafts; SQL that a model writes, which costs.
    **dict.fromkeys(
        (
            "save", "change", "delete", "restore", "add_dashboard", "save_dashboard", "delete_dashboard",
            "restore_dashboard", "reset", "import_yaml", "add_draft", "drop_draft", "generate_sql",
            "make_watch", "drop_watch", "try_channel", "test_report", "create_link", "list_links", "revoke_link",
        ), "edit"),
    # The closed loop: events in, decisions, and the customer they are about. Whether an alert speaks is decided, too.
    **dict.fromkeys(
        (
            "take_events", "approve", "dismiss", "undo", "customer", "mute_watch", "unmute_watch", "acknowledge_watch",
            "send_message_again",
        ), "decide"),
    # What numbers mean and where they come from. A comparison asks over all rows.
    **dict.fromkeys(
        (
            "compare", "change_route", "change_routes", "roll_back", "accept_draft", "confirm_proposed", "decline_proposed",
            "validate_workspace", "survey_connections", "survey_database", "survey", "survey_data", "take_survey",
        ), "settle"),
    # Who may what; and everything at once.
    **dict.fromkeys(
        (
            "invite_person", "list_all_people", "change_person", "reset_person", "create_key", "list_keys", "revoke_key",
            "audit_log", "prove_audit_log", "prove_against_heads", "rotate_signing_key", "reset_demo", "explain_access",
            "confirm_access",
        ), "manage"),
    # Says that there is nothing at an address.
    "unknown": "see",
}  # fmt: skip


SCOPED: dict[str, Scoped] = {
    **dict.fromkeys(
        (
            "metrics", "metric", "metric_data", "many_data", "metric_rows", "explain_metric", "receipts", "receipt",
            "replay_receipt", "compare_receipts", "export_receipt", "routes", "widget_data", "export", "read_words",
            "clarify", "answer_questions", "clarify_session", "generate_sql", "colours",
            "watches", "watch_messages", "try_watch", "try_known_watch", "make_watch", "drop_watch", "mute_watch",
            "unmute_watch", "acknowledge_watch", "send_message_again", "try_report", "test_report", "figure", "create_link",
            "annotations",
        ), "question"),
    **dict.fromkeys(
        (
            "generations", "generation", "add_draft", "all_drafts", "one_draft", "draft_data", "accept_draft", "drop_draft",
            "recommendations", "recommendation", "alerts", "approve", "dismiss", "undo", "customer", "propose_synonym",
            "survey_connections", "survey_database", "survey", "survey_data", "take_survey",
        ), "whole"),
    **dict.fromkeys(
        (
            "route_story", "certificate", "compare", "change_route", "change_routes", "roll_back", "proposals",
            "confirm_proposed", "decline_proposed",
        ), "steward"),
    **dict.fromkeys(
        (
            "health", "ready", "watched", "who", "sign_in", "sign_out", "read_link", "use_link", "begin_oidc", "finish_oidc",
            "end_oidc", "workspace", "dictionary",
            "check_sql", "stream", "dashboards", "dashboard", "dashboard_changes", "dashboard_yaml", "saved_widgets",
            "saved_widget", "event_types", "take_events", "give_colours", "save", "change", "delete", "restore",
            "add_dashboard", "save_dashboard", "delete_dashboard", "restore_dashboard", "reset", "import_yaml",
            "validate_workspace", "invite_person", "list_all_people", "change_person", "reset_person", "create_key",
            "list_keys", "revoke_key", "audit_log", "prove_audit_log", "reset_demo", "access", "explain_access",
            "confirm_access", "signing_keys", "receipt_log", "receipt_log_growth", "prove_against_heads",
            "rotate_signing_key", "change_own_password", "begin_factor", "set_own_factor", "remove_own_factor", "unknown",
            "try_channel", "all_reports", "choose_report", "leave_page", "leave_report", "list_links", "revoke_link",
        ), "nothing"),
}  # fmt: skip
"""How each endpoint keeps to the policies, by its operation id. One that does not stand here is refused to everybody."""


async def check_need(request: Request) -> None:
    """A dependency of every route, before anything else of it runs.

    Raises NotAllowed or SignInRequired; PolicyUnknown or StoreUnavailable where it cannot be told who sees what.
    """
    need = NEEDS.get(request.scope["route"].name)
    if need is None:
        raise NotAllowed("Nobody may do this: what it needs is written nowhere.")
    who = request.scope["assay.who"]
    if need != "open" and who is None:
        raise SignInRequired
    if need != "open":
        expect(who, need)
    await _check_scoped(request)


def note_refusal(request: Request, error: AssayError) -> None:
    """Whoever may not do something is in the audit log with it."""
    what = getattr(request.scope.get("route"), "name", request.scope["path"])
    request.app.state.running.noting.refused(what, error, request.scope.get("assay.who"))


async def _check_scoped(request: Request) -> None:
    """What is no question: those see it who see every row, or, of comparisons, stewards. Raises NotAllowed."""
    scoped = SCOPED.get(request.scope["route"].name)
    if scoped is None:
        raise NotAllowed("Nobody may do this: how it keeps to the policies is written nowhere.")
    if scoped in ("question", "nothing"):
        return
    who, access = request.scope["assay.who"], request.app.state.running.access
    sees = await access.scope(who)
    if scoped == "steward" and not may(who, "settle") and not (access.is_open and sees.is_whole):
        raise NotAllowed("A comparison looks at all rows, and policies are in force.", mend="ask a steward")
    if scoped == "whole" and not sees.is_whole:
        raise NotAllowed("This shows rows that no question of yours chooses, and you do not see every row.",
                         mend="ask somebody whose policy says  metrics: [\"*\"], rows: all")  # fmt: skip
