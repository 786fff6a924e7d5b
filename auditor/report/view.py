"""From a run to everything the page shows: no template adds, sorts or decides."""

from dataclasses import dataclass

from auditor.judge.states import WORST_FIRST
from auditor.report.box import Box, Pack, box, packs
from auditor.report.cleaning import Cleaning, cleaning
from auditor.report.evidence import exhibits
from auditor.report.identity import Identity, identity
from auditor.report.method import Method, method
from auditor.report.reading import Reading, reading
from auditor.report.reasons import Sentence
from auditor.report.statements import Said, statements
from auditor.report.topics import Account, Topic, topics
from auditor.report.verdicts import Clause, charted, clauses
from auditor.report.visible import name as short
from auditor.report.visible import shortened
from auditor.report.words import Text, Words
from auditor.types import Run, State, Status

_ENDED: dict[Status, State] = {"skipped": "not-tested", "failed": "error"}
_LEFT_OUT: dict[Status, State] = {"inapplicable": "not-applicable"}


@dataclass(frozen=True, slots=True)
class Untested:
    """Something that was not tested: a check or what a clause asks for, where it stands, its state, and why."""

    name: Text
    ref: str
    state: State
    reason: Sentence


@dataclass(frozen=True, slots=True)
class View:
    """The page.

    Attributes:
        title: of the page.
        subtitle: what was audited, on what.
        started: when the run started, UTC.
        box: the verdict.
        packs: that judged.
        untested: what was not tested, probes first, then clauses.
        inapplicable: what does not apply to what was audited, in the same order.
        statements: what people put on record.
        clauses: all, worst first.
        coverage: clauses by pack, in the pack's order.
        states: that occur, worst first.
        topics: outcomes by topic.
        cleaning: the ledger, where passes ran.
        identity: what the run was made of.
        method: how to read it.
        sections: ids of the sections that the page has, in order.
    """

    title: str
    subtitle: str
    started: str
    box: Box
    packs: tuple[Pack, ...]
    untested: tuple[Untested, ...]
    inapplicable: tuple[Untested, ...]
    statements: tuple[Said, ...]
    clauses: tuple[Clause, ...]
    coverage: tuple[tuple[str, tuple[Clause, ...]], ...]
    states: tuple[State, ...]
    topics: tuple[Topic, ...]
    cleaning: Cleaning | None
    identity: Identity
    method: Method
    sections: tuple[str, ...]

    @property
    def findings(self) -> tuple[Clause, ...]:
        """Clauses that failed, crashed or could not be decided."""
        return tuple(clause for clause in self.clauses if clause.detailed)

    @property
    def accounts(self) -> tuple[Account, ...]:
        """What became of each probe."""
        return tuple(account for topic in self.topics for account in topic.accounts)


def view(run: Run, words: Words) -> View:
    """Work out the page.

    Args:
        run: what is reported.
        words: the language to report it in.
    """
    asked = reading(run, words)
    shown = [exhibits(asked, outcome.evidence) for outcome in run.outcomes]
    judged = clauses(asked, [exhibit for found in shown for exhibit in found])
    claimed = {id(exhibit) for clause in judged for exhibit in clause.exhibits}
    accounts = topics(
        asked, {index: [e for e in found if id(e) not in claimed] for index, found in enumerate(shown)}, charted(asked)
    )
    untested, made_of = _listed(asked, judged, _ENDED), identity(asked)
    return View(
        title=words(f"title.{_subject(run)}"),
        subtitle=_subtitle(asked),
        started=made_of.run[0][1],
        box=box(asked),
        packs=packs(asked),
        untested=untested,
        inapplicable=_listed(asked, judged, _LEFT_OUT),
        statements=statements(asked),
        clauses=judged,
        coverage=_coverage(judged),
        states=tuple(
            state for state in WORST_FIRST if any(clause.state == state or dict(clause.tally).get(state) for clause in judged)
        ),
        topics=accounts,
        cleaning=cleaning(asked),
        identity=made_of,
        method=method(asked),
        sections=_sections(asked, judged, untested, accounts),
    )


def _coverage(judged: tuple[Clause, ...]) -> tuple[tuple[str, tuple[Clause, ...]], ...]:
    ordered = sorted(judged, key=lambda clause: clause.index)
    packs = dict.fromkeys(clause.pack for clause in ordered)
    return tuple((pack, tuple(clause for clause in ordered if clause.pack == pack)) for pack in packs)


def _subject(run: Run) -> str:
    if run.kind == "cleaning":
        return "cleaning"
    if run.model is not None:
        return "audit_model"
    return "audit_decisions" if run.data.roles.prediction or run.data.roles.score else "audit_data"


def _subtitle(asked: Reading) -> str:
    data, model = asked.run.data.source.name, asked.run.model
    if model is None:
        return asked.words("title.data", data=shortened(data, 160))
    return asked.words("title.model", model=shortened(model.name, 160), data=shortened(data, 160))


def _listed(asked: Reading, judged: tuple[Clause, ...], ended: dict[Status, State]) -> tuple[Untested, ...]:
    """Probes that ended so, and clauses that are in such a state."""
    words = asked.words
    probes = [
        Untested(Text(words.title("probes", o.probe)), short(o.probe), ended[o.status], (words.english(o.reason),))
        for o in asked.run.outcomes
        if o.status in ended
    ]
    rules = [Untested(c.text, f"{c.pack} · {c.ref}", c.state, c.reason) for c in judged if c.state in ended.values()]
    return (*probes, *rules)


def _sections(
    asked: Reading, judged: tuple[Clause, ...], untested: tuple[Untested, ...], accounts: tuple[Topic, ...]
) -> tuple[str, ...]:
    present = {
        "findings": bool(judged),
        "untested": bool(untested) or asked.run.kind == "audit",
        "coverage": bool(judged),
        "statements": any(verdict.statements for verdict in asked.run.verdicts),
        "cleaning": bool(asked.run.ledger),
    }
    named = (section for section, there in present.items() if there)
    return ("verdict", *named, *(topic.id for topic in accounts), "scope", "method", "environment")
