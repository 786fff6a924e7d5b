"""The HTML report: one file, no script, no request to anywhere."""

import base64
import functools
import hashlib
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from auditor import assets
from auditor.report.again import command
from auditor.report.format import grouped
from auditor.report.view import view
from auditor.report.visible import links, name
from auditor.report.words import words
from auditor.types import Run


def html(run: Run, lang: str = "en", *, home: Path | None = None) -> str:
    """Render a run as one self-contained HTML page; equal runs give equal bytes.

    Args:
        run: what is reported.
        lang: language of the interface: ``"en"`` or ``"zh"``.
        home: the folder of the run, as seen from the working directory, for the command that repeats it.

    Raises:
        UsageError: there is no such language.
    """
    t, templates = words(lang), _templates()
    policy = _policy(templates.get_template("report.css").render())
    return templates.get_template("report.html.j2").render(
        t=t, view=view(run, t), command=command(run.kind, home), version=name(run.version), policy=policy
    )


@functools.cache
def _templates() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(assets.folder("templates")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(links=links, grouped=grouped)
    return environment


def _policy(style: str) -> str:
    """Content security policy: nothing is loaded, nothing runs, and only this very style applies."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
