"""The files of a run: written together, read back from run.json."""

import json
from collections.abc import Mapping
from pathlib import Path

from auditor import codec
from auditor.errors import ConfigError, UsageError
from auditor.report.junit import junit
from auditor.report.markdown import markdown
from auditor.report.page import html
from auditor.store.files import write_atomic
from auditor.types import Run
from auditor.types.run import SCHEMA as KNOWN
from auditor.version import VERSION

RUN, SCHEMA, PAGE, JUNIT, MARKDOWN = "run.json", "run.schema.json", "report.html", "junit.xml", "report.md"


def write(run: Run, folder: Path, *, lang: str = "en", home: Path | None = None) -> Path:
    """Write run.json, its JSON Schema, and the report as HTML, JUnit XML and Markdown; each file whole or not at all.

    Args:
        run: what is reported. All files are made from what run.json says of it, so writing a run that was read changes nothing.
        folder: where to; it is made where it is missing.
        lang: language of the interface.
        home: the folder of the run, as seen from the working directory: what the report's command names. Without it the command
            is one for that folder itself, and the files say the same wherever they are written.

    Returns:
        The path of report.html.

    Raises:
        UsageError: there is no such language.
    """
    steady = codec.parse(codec.plain(run), Run, place=RUN)
    texts = {
        RUN: codec.to_json(steady),
        SCHEMA: schema(),
        PAGE: html(steady, lang, home=home),
        JUNIT: junit(steady),
        MARKDOWN: markdown(steady, lang),
    }
    for name, text in texts.items():  # A lone surrogate, as in the name of a badly encoded file, is \\udc80 in JSON too.
        write_atomic(folder / name, text.encode(errors="backslashreplace"))
    return folder / PAGE


def read(folder: Path) -> Run:
    """Read a run from its folder, or from its run.json.

    Raises:
        UsageError: there is no run.
        ConfigError: run.json does not read as one, or another version wrote it in another form.
    """
    path = folder / RUN if folder.is_dir() else folder
    if not path.is_file():
        raise UsageError("no run here", place=str(path), remedy="Name the folder of a run, the one that holds run.json.")
    value = codec.json_value(path)
    if isinstance(value, Mapping) and value.get("schema", KNOWN) != KNOWN:
        raise ConfigError(
            f"made by another version of auditor, {codec.shown(value.get('version'))}, as {codec.shown(value['schema'])}; "
            f"this one, {VERSION!r}, reads {KNOWN!r}",
            place=str(path),
            remedy="Use the version that made it, or run the audit again with this one.",
        )
    return codec.parse(value, Run, place=str(path))


def schema() -> str:
    """The JSON Schema of run.json."""
    facts = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": f"urn:auditor:{Run.__name__.lower()}:1"}
    return json.dumps({**facts, **codec.schema(Run)}, indent=1, ensure_ascii=False) + "\n"
