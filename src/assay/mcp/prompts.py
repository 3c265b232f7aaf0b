"""Prompts for the usual tasks: which tools to use in which order, and what to say beside a number."""

from mcp.server.mcpserver import MCPServer

_BESIDE = (
    "Beside each number say its unit, its window and its receipt_id, and say so where it is stale, partial or not"
    " shown equal on another engine. Calculate nothing that a tool can be asked for."
)


def add_prompts(made: MCPServer) -> None:
    @made.prompt(title="Answer a question with numbers")
    def answer(question: str) -> str:
        """A question in words, answered with checked numbers."""
        return (
            f"Answer this question with numbers of the catalog: {question}\n\n"
            "Give it to read_words first. Where that gives questions, put them to me and do not choose for me; where it"
            " refuses, tell me its reason and the nearest metrics. Ask what it gives with query_metrics."
            f" {_BESIDE}"
        )

    @made.prompt(title="Compare two periods")
    def compare(metric_id: str, period: str = "previous_period") -> str:
        """What moved in a metric since the period before, and in which groups."""
        return (
            f"Say what moved in {metric_id}. Ask explain_change with_period={period}: its steps are together the change,"
            f" and its divisions say which groups moved most. {_BESIDE}"
            " Name no cause beyond what it tells: the catalog holds no others."
        )

    @made.prompt(title="Check a number")
    def check(receipt_id: str) -> str:
        """Whether a number that somebody quotes is as it was given, and whether it still holds."""
        return (
            f"Check the receipt {receipt_id}: verify_receipt says whether it is as it was signed and what it is of,"
            " replay_receipt what has moved since. Say in one sentence each whether the number was given so and whether it"
            " would be given so today, with both links."
        )

    @made.prompt(title="Propose a metric")
    def propose(words: str) -> str:
        """A metric that the catalog lacks, drafted for a person to decide on."""
        return (
            f"The catalog may lack a metric for: {words}\n\n"
            "Look with list_metrics whether one says the same; where one does, name it and stop. Else read"
            " assay://language, and draft it with propose_metric. Show me its definition and its link: a person decides"
            " on the page, and nothing has changed before."
        )
