"""The formats, each by its writer and its reader."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from assay.catalog.dictionary import Dictionary
from assay.interop.changes import Imported
from assay.interop.cube.reading import read_cube
from assay.interop.extension import Extension
from assay.interop.foreign import Model
from assay.interop.landing import landed
from assay.interop.metric_views import read_metric_views
from assay.interop.metricflow.reading import read_project
from assay.interop.metricflow.workspace import imported
from assay.interop.ossie import read_ossie
from assay.interop.out.cube import write_cube
from assay.interop.out.described import Described
from assay.interop.out.metric_views import write_metric_views
from assay.interop.out.metricflow import write_metricflow
from assay.interop.out.ossie import write_ossie
from assay.interop.out.writing import Written


@dataclass(frozen=True, slots=True)
class Source:
    """Files of a format, read: what they say over the tables of a dictionary, and what Assay wrote into them."""

    land: Callable[[Dictionary, Collection[str]], Imported]
    """With the ids that are taken."""
    extensions: tuple[Extension, ...]


@dataclass(frozen=True, slots=True)
class Format:
    write: Callable[[Described], Written]
    read: Callable[[Path], Source]


def _model(read: Callable[[Path], Model]) -> Callable[[Path], Source]:
    def source(path: Path) -> Source:
        model = read(path)
        return Source(lambda dictionary, taken: landed(model, dictionary, taken), model.extensions)

    return source


def _project(path: Path) -> Source:
    project = read_project(path)
    return Source(lambda dictionary, taken: imported(project, dictionary, taken), project.extensions)


FORMATS = {
    "metricflow": Format(write_metricflow, _project),
    "cube": Format(write_cube, _model(read_cube)),
    "metric-views": Format(write_metric_views, _model(read_metric_views)),
    "ossie": Format(write_ossie, _model(read_ossie)),
}
"""By the names of their commands."""
