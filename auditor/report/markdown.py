"""The report as Markdown, short enough for a pull request's comment."""

import re
from collections.abc import Iterable

from auditor.report.reasons import Sentence
from auditor.report.verdicts import Clause
from auditor.report.view import View, view
from auditor.report.visible import visible
from auditor.report.words import Words, words
from auditor.types import Run

_SPECIAL = re.compile(r"([\\`*_{}\[\]!|~>$])|^([#+=-]|\d+(?=[.)]))")
_LIVE = re.compile(r"(@|www(?=\.)|#(?=\d)|:(?=//))")
"""What a forge makes a link or a mention of, even in escaped text: a word joiner after it keeps it text."""

_CLAUSES = 200


def markdown(run: Run, lang: str = "en") -> str:
    """The verdict, each clause with its state, and what was not tested.

    Args:
        run: what is reported.
        lang: language of the interface.
    """
    t = words(lang)
    page = view(run, t)
    parts = [
        f"# {plain(page.title)}",
        plain(page.subtitle),
        *_verdict(page, t),
        *_clauses(page, t),
        *_untested(page, t),
        *_statements(page, t),
        *_ledger(page, t),
    ]
    parts.append(f"{t('gate.evidence')} {t('gate.exit', code=run.gate.exit_code)}")
    return "\n\n".join(part for part in parts if part) + "\n"


def plain(text: str) -> str:
    """Text from outside as plain Markdown: nothing in it formats, links, mentions or breaks a table."""
    text = visible(text).replace("&", "&amp;").replace("<", "&lt;")
    return _LIVE.sub("\\1\u2060", _SPECIAL.sub(_escaped, text))


def _escaped(match: re.Match[str]) -> str:
    return f"{match[2]}\u2060" if match[2] and match[2].isdigit() else f"\\{match[0]}"


def _verdict(page: View, t: Words) -> list[str]:
    counts = [f"- {t(f'states.{state}.name')}: {count}" for state, count in page.box.counts]
    stale = [
        f"> {t('gate.stale', title=plain(pack.title.text), edition=plain(pack.edition), date=plain(pack.stale_after))}"
        for pack in page.packs
        if pack.stale_after
    ]
    told = [f"- **{plain(one)}**" for one in _notable(page, t)]
    return [f"## {plain(page.box.headline)}", "\n".join(told), page.box.sentence, "\n".join(counts), "\n".join(stale)]


def _notable(page: View, t: Words) -> list[str]:
    found = [
        f"{one.metric}, {one.slice}: {one.value} {one.interval}; "
        + t("notable.said", n=one.n, bound=one.bound, clause=one.clause)
        for one in page.box.notable
    ]
    left = page.box.notable_left_out
    return [*found, t("notable.left_out", count=left)] if left else found


def _clauses(page: View, t: Words) -> list[str]:
    if not page.clauses:
        return []
    head = (t("coverage.state"), t("coverage.clause"), t("findings.measured"), t("bound.label"))
    rows = [_clause(clause, t) for clause in page.clauses[:_CLAUSES]]
    more = len(page.clauses) - len(rows)
    return [f"## {t('sections.coverage')}", _table(head, rows), t("page.left_out", count=more) if more else ""]


def _clause(clause: Clause, t: Words) -> tuple[str, ...]:
    first = clause.judged[0] if clause.judged else None
    measured = f"{first.metric}, {first.slice}: {first.value} {first.bounds}" if first else _said(clause.reason)
    bound = "; ".join(f"{of} {one.text} ({one.origin})".strip() for of, one in clause.bounded)
    return t(f"states.{clause.state}.name"), f"{clause.pack} {clause.ref}: {clause.text.text}", measured, bound


def _said(sentence: Sentence) -> str:
    return "".join(piece.text for piece in sentence)


def _untested(page: View, t: Words) -> list[str]:
    if not page.untested:
        return []
    head = (t("untested.what"), t("findings.state"), t("untested.why"))
    rows = [
        (f"{one.name.text} ({one.ref})", t(f"states.{one.state}.name"), _said(one.reason)) for one in page.untested[:_CLAUSES]
    ]
    return [f"## {t('sections.untested')}", _table(head, rows)]


def _statements(page: View, t: Words) -> list[str]:
    if not page.statements:
        return []
    head = [t(f"statements.{name}") for name in ("clause", "who", "role", "date", "until", "holds", "text")]
    rows = [(one.clause, one.who, one.role, one.date, one.until, one.standing, one.text) for one in page.statements]
    return [f"## {t('sections.statements')}", _table(head, rows)]


def _ledger(page: View, t: Words) -> list[str]:
    if page.cleaning is None:
        return []
    head = [
        t("cleaning.pass"),
        *(t(f"cleaning.{name}") for name in ("rows_in", "removed", "changed", "added", "quarantined", "rows_out")),
    ]
    rows = [(step.name, *step.counts) for step in page.cleaning.steps]
    return [f"## {t('sections.cleaning')}", _table(head, rows)]


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    names = list(head)
    lines = [names, ["---"] * len(names), *([plain(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
