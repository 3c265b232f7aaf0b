"""From a spec that was read to the widget that is drawn: new, or an edited one that keeps what the edit leaves standing."""

from assay.compiler.question import AskedMetrics, Question
from assay.errors import AssayError
from assay.widgets.widget import Widget
from assay.widgets.words.describe import describe_briefly
from assay.widgets.words.outcome import Spec, read_spec
from assay.widgets.words.reader import Reader

_MAX_SUBTITLE = 120


def new_widget(spec: Spec, question: Question) -> Widget:
    return Widget(
        kind=spec.kind, question=asked_of(spec), subtitle=subtitle_of(spec, question),
        stacked=spec.stacking == "stacked", shares=spec.stacking == "shares",
    )  # fmt: skip


def edited_widget(spec: Spec, question: Question, editing: Widget, reader: Reader) -> Widget:
    """Lines, colours and titles stay while they are of the same metric; a subtitle that said the old question moves."""
    keys = len(spec.dimensions) + (spec.grain is not None)
    same = spec.metrics == editing.question.metrics
    fields = dict(editing) if same else {}
    return Widget.model_validate({
        **fields,
        "kind": spec.kind,
        "question": asked_of(spec),
        "subtitle": _subtitle(spec, question, editing, reader),
        "spark": _spark(spec, editing, reader),
        "series": editing.series if editing.series in spec.dimensions and keys >= 2 else None,
        "stacked": spec.stacking == "stacked" and keys >= 2,
        "shares": spec.stacking == "shares" and keys >= 2 and same,
    })  # fmt: skip


def asked_of(spec: Spec) -> AskedMetrics:
    return AskedMetrics(metrics=spec.metrics, **dict(spec.asked()))


def subtitle_of(spec: Spec, question: Question) -> str | None:
    return describe_briefly(spec, question)[:_MAX_SUBTITLE] or None


def spec_of(widget: Widget) -> Spec:
    stacking = "shares" if widget.shares else "stacked" if widget.stacked else None
    return read_spec({"kind": widget.kind, "stacking": stacking, **widget.question.model_dump(mode="json")})


def _subtitle(spec: Spec, question: Question, editing: Widget, reader: Reader) -> str | None:
    before = spec_of(editing)
    try:
        said = subtitle_of(before, reader.question(before))
    except AssayError:
        said = None
    return subtitle_of(spec, question) if editing.subtitle in (None, said) else editing.subtitle


def _spark(spec: Spec, editing: Widget, reader: Reader) -> AskedMetrics | None:
    """The line behind a figure tells of the metrics and rows of the figure, or there is none."""
    if editing.spark is None or spec.kind != "kpi":
        return None
    spark = editing.spark.model_copy(update={"metrics": spec.metrics, "filters": spec.asked().filters})
    try:
        reader.question(read_spec({"kind": "trend", **spark.model_dump(mode="json")}))
    except AssayError:
        return None
    return spark
