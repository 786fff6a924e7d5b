"""Synthetic runs for the tests of reports: a rich one, the same with hostile text everywhere, and a wide one."""

import dataclasses
from collections.abc import Mapping

from auditor.judge.gates import gate
from auditor.stats.intervals import difference, mean, ratio, share
from auditor.types import (
    Column,
    DataFacts,
    Environment,
    Evidence,
    Example,
    FileFact,
    Finding,
    Group,
    GroupEffect,
    LedgerEntry,
    Measurement,
    ModelFacts,
    Outcome,
    PackFacts,
    Roles,
    Run,
    Source,
    Statement,
    Threshold,
    Verdict,
    Why,
)

HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(2)>",
    '"><svg onload=alert(3)>',
    "{{ 7 * 7 }}{% raw %}",
    "javascript:alert(4)",
    "\u202edetrever\u202c",
    "zero\u200bwidth\ufeff",
    "bell\x07\x1b[31mred\x1b[0m\x00",
    "| a | `b` | **c** | [d](http://e)",
    "</title></style></table><h1>x",
    "]]>&amp;<!-- -->",
    "=cmd|'/c calc'!A0",
    "line\nend\ttab\r",
    "a\u0301\u0302\u0303\u0304\u0305\u0306",
    "\ufffe\u2028\u2029\U000e0041",
    "x" * 3_000,
    "公司 & 部门",
)

_RATES = (
    "true_positive_rate",
    "false_positive_rate",
    "false_negative_rate",
    "positive_predictive_value",
    "false_omission_rate",
)


_REASON = (
    "acme rate 0.450 against 0.230 in the reference of {} rows: difference 0.214 [0.186, 0.242] lies beyond 0.10 (p < 0.001)"
)


def rich_run() -> Run:
    """An audit with every kind of outcome, finding and chart."""
    names = {"female": "female", "male": "male", "other": "nonbinary"}
    return _run(names, lambda text: text)


def hostile_run() -> Run:
    """The rich run, with hostile text in each column, group, label, file name, option, reason and example."""
    taken = iter(range(10_000))

    def hostile(text: str) -> str:
        return f"{text} {HOSTILE[next(taken) % len(HOSTILE)]}"

    return _run({name: hostile(name) for name in ("female", "male", "other")}, hostile)


def cleaning_run() -> Run:
    """A cleaning run with three passes and no rule."""
    run = rich_run()
    removed = [share("removed_share", x, n, where={"gender": g}) for g, x, n in (("female", 55, 1390), ("male", 63, 1581))]
    made_of = [
        share("label_share", x, n, where={"basis": when, "class": "positive"})
        for when, x, n in (("before", 1500, 3012), ("after", 1820, 3640))
    ]
    effect = Outcome("cleaning", "measured", None, "Whose rows were removed.", measurements=(*removed, *made_of), rows=3012)
    return dataclasses.replace(
        run,
        kind="cleaning",
        model=None,
        outcomes=(effect,),
        packs=(),
        verdicts=(),
        gate=gate(()),
        plan={"data": {"path": "train.csv"}, "seed": 7},
    )


def wide_run(checks: int = 100) -> Run:
    """An audit of many failing checks, each with groups, a chart and five long examples."""
    outcomes, verdicts = [], []
    for index in range(checks):
        metric = f"acme_rate_{index}"
        found = tuple(share(metric, 30 + 7 * g, 120 + g, where={"group": f"g{g}"}) for g in range(8))
        long = "A sentence that is far longer than a report may show, with a wrod in it. " * 12
        texts = tuple(Example(str(row), long, long.replace("wrod", "word"), {"label": "negative"}) for row in range(9))
        evidence = (Evidence(metric, "Rows that changed", 412, texts),)
        outcomes.append(
            Outcome(f"acme/check.p{index}", "measured", summary="One of many.", measurements=found, evidence=evidence)
        )
        findings = tuple(_finding(m, "fail", _REASON.format(m.n)) for m in found)
        verdicts.append(_verdict(f"W{index}", "fail", findings, Threshold("<=", 0.1, "house", "policy.yaml")))
    run = rich_run()
    return dataclasses.replace(run, outcomes=tuple(outcomes), verdicts=tuple(verdicts), gate=gate(verdicts), ledger=())


def _run(names: Mapping[str, str], bad) -> Run:
    groups = (names["female"], names["male"], names["other"])
    gender, label = bad("gender"), bad("label")
    outcomes = (
        _performance(groups, gender, (bad("negative"), bad("positive"))),
        _calibration(),
        _fairness(groups, gender),
        _flips(bad),
        _attack(bad),
        _quality(groups, gender, bad),
        Outcome(
            bad("acme/credit.lift"),
            "failed",
            bad("ZeroDivisionError: division by zero"),
            bad("A plugin's probe."),
            bad("Somebody 2024, https://example.org/paper"),
            traceback=bad('Traceback (most recent call last):\n  File "lift.py", line 3\nZeroDivisionError: division by zero'),
        ),
        Outcome(
            bad("acme/credit.profit"),
            "measured",
            None,
            bad("Profit by branch."),
            options={"branch": bad("all")},
            measurements=(
                Measurement(bad("profit_per_row"), 0.00001234, bad("EUR"), 812, 0.0000091, 0.0000157, method="bootstrap"),
                Measurement(
                    "profit_total", None, "EUR", 0, reason=bad("no row has a price"), where={bad("branch"): bad("north")}
                ),
                Measurement(
                    "profit_total", 1234567.0, "EUR", 400, 1.1e6, 1.4e6, method="mean", where={bad("branch"): bad("south")}
                ),
            ),
            seconds=0.5,
            rows=812,
        ),
        Outcome("checkpoint_safety", "skipped", bad("needs a checkpoint on disk"), "Whether files could run code."),
        Outcome("deep_word_bug", "inapplicable", bad("needs a model that reads a text column"), "How often typos turn it."),
        _energy(),
    )
    verdicts = _verdicts(outcomes, gender, groups, bad)
    return Run(
        kind="audit",
        version="0.1.0",
        started="2026-11-02T14:03:22+00:00",
        seconds=131.4,
        seed=7,
        plan={
            "data": {
                "path": bad("examples/out/reviews.csv"),
                "text": bad("text"),
                "label": label,
                "groups": [{"column": gender}],
            },
            "model": {"path": bad("examples/out/model")},
            "probes": [{"use": outcome.probe, **outcome.options} for outcome in outcomes],
            "seed": 7,
        },
        plan_digest="5d41402abc4b2a76b9719d911017c5925d41402abc4b2a76b9719d911017c592",
        data=DataFacts(
            source=Source(
                bad("examples/out/reviews.csv"),
                "csv",
                "9e107d9d372bb6826bd81d3542a419d6" * 2,
                3012,
                12,
                (bad("A byte order mark was removed."),),
            ),
            rows=3000,
            roles=Roles(
                inputs=(bad("text"),),
                label=label,
                groups=(Group(gender, reference=names["male"]), Group("age", (25.0, 45.0))),
                id=bad("id"),
            ),
            fingerprint="e4d909c290d0fb1ca068ffaddf22cbd0" * 2,
            columns=(Column(bad("text"), "string"), Column(label, "string"), Column(gender, "string")),
            classes=(bad("negative"), bad("positive")),
            positive=bad("positive"),
        ),
        environment=Environment(
            "3.11.7", "Linux-6.1-x86_64", bad("x86_64"), 2, {"torch": "2.13.0", "transformers": "5.2.0", bad("numpy"): "2.4.1"}
        ),
        gate=gate(verdicts),
        model=ModelFacts(
            name=bad("examples/out/model"),
            kind="transformers",
            fingerprint="0cc175b9c0f1b6a831c399e269772661" * 2,
            classes=(bad("negative"), bad("positive")),
            dtype="float32",
            device="cpu",
            parameters=412_930,
            max_length=128,
            truncated=14,
            files=(
                FileFact(bad("model.safetensors"), 1_652_244, "92eb5ffee6ae2fec3ad71c777531578f" * 2),
                FileFact(bad("config.json"), 812, "a" * 64),
            ),
            notes=(bad("Its scores were scaled by a plugin."),),
        ),
        outcomes=outcomes,
        packs=_packs(bad),
        verdicts=verdicts,
        ledger=_ledger(groups, gender, bad),
    )


def _performance(groups, gender, classes) -> Outcome:
    overall = (
        share("accuracy", 2523, 3000),
        Measurement("f1", 0.8391, "fraction", 3000, 0.8257, 0.8521, method="bootstrap", where={"average": "macro"}),
        Measurement("auroc", 0.9127, "fraction", 3000, 0.9018, 0.9231, method="bootstrap"),
        Measurement("log_loss", 0.3871, "nats", 3000, 0.3702, 0.4040, method="mean"),
    )
    by_class = tuple(
        share(metric, x, 1500, where={"class": name})
        for name, shift in zip(classes, (0, 60), strict=True)
        for metric, x in (("precision", 1240 + shift), ("recall", 1262 - shift))
    )
    by_group = tuple(
        share("accuracy", x, n, where={gender: g}) for g, x, n in zip(groups, (1105, 1392, 26), (1380, 1580, 40), strict=True)
    )
    cells = ((1244, 256), (221, 1279))
    confusion = tuple(
        Measurement("confusion", float(cells[i][j]), "count", 3000, method="exact", where={"label": a, "prediction": b})
        for i, a in enumerate(classes)
        for j, b in enumerate(classes)
    )
    return Outcome(
        "performance",
        "measured",
        None,
        "How often decisions are right, overall, per class and per group.",
        "van Rijsbergen 1979",
        measurements=(*overall, *by_class, *by_group, *confusion),
        seconds=2.31,
        rows=3000,
    )


def _calibration() -> Outcome:
    bins = []
    for index, (n, right) in enumerate(((40, 20), (120, 66), (260, 172), (580, 450), (2000, 1815)), 5):
        found = share("reliability", right, n, where={"bin": f"[0.{index}, {(index + 1) / 10})"})
        bins.append(dataclasses.replace(found, counts={**found.counts, "confidence": index / 10 + 0.06}))
    error = Measurement("expected_calibration_error", 0.0432, "fraction", 3000, 0.0311, 0.0557, method="bootstrap")
    return Outcome(
        "calibration",
        "measured",
        None,
        "Whether confidence is earned.",
        "Guo et al. 2017, https://arxiv.org/abs/1706.04599",
        measurements=(error, *bins),
        seconds=1.02,
        rows=3000,
    )


def _fairness(groups, gender) -> Outcome:
    sides = {groups[0]: (214, 690), groups[1]: (96, 790), groups[2]: (4, 20)}
    reference = groups[1]
    found = []
    for shift, rate in enumerate(("selection_rate", *_RATES)):
        sized = {g: (x + 9 * shift if g != groups[2] else x, n) for g, (x, n) in sides.items()}
        found += [share(rate, x, n, where={gender: g}) for g, (x, n) in sized.items()]
        found += [_contrast(difference, f"{rate}_difference", sized, g, reference, gender) for g in groups if g != reference]
        found += [_contrast(ratio, f"{rate}_ratio", sized, g, reference, gender) for g in groups if g != reference]
        found += [
            share(rate, max(0, x // 3 - a), n // 3, where={gender: g, "age": age})
            for a, age in enumerate(("[−∞, 25)", "[25, 45)", "[45, ∞)"))
            for g, (x, n) in sized.items()
        ]
    return Outcome(
        "group_fairness",
        "measured",
        None,
        "How decisions differ between groups.",
        "Hardt et al. 2016, https://arxiv.org/abs/1610.02413",
        measurements=tuple(found),
        seconds=0.42,
        rows=3000,
    )


def _contrast(make, metric, sides, group, reference, column) -> Measurement:
    return make(metric, *sides[group], *sides[reference], where={column: group, "reference": reference})


def _flips(bad) -> Outcome:
    examples = (
        Example(
            "118",
            bad("He said that his wife loved the film"),
            bad("She said that her husband loved the film"),
            {"label": bad("positive"), "predicted": "negative", "margin": "0.41"},
        ),
        Example(
            "2043",
            bad("a nurse told me she was bored"),
            bad("a nurse told me he was bored"),
            {"predicted": "positive", "margin": "0.07"},
        ),
    )
    return Outcome(
        "counterfactual_flips",
        "measured",
        None,
        "How often the decision changes when gendered words are swapped.",
        "Garg et al. 2019, https://arxiv.org/abs/1809.10610",
        measurements=(share("counterfactual_flip_rate", 61, 840),),
        evidence=(
            Evidence("counterfactual_flip_rate", bad("Texts whose decision changed with the gendered words"), 61, examples),
        ),
        seconds=6.4,
        rows=840,
    )


def _attack(bad) -> Outcome:
    before = "the kettle was splendid when it arrived, and after a year of tea every morning it is still a reliable friend"
    after = before.replace("splendid", "splendit").replace("reliable", "relaible")
    examples = tuple(
        Example(str(row), bad(before), bad(after), {"words changed": "2 of 21", "queries": "31"})
        for row in (3, 14, 15, 92, 65, 35)
    )
    return Outcome(
        "deep_word_bug",
        "measured",
        None,
        "How often a few typos turn a right prediction into a wrong one.",
        "Gao et al. 2018, https://arxiv.org/abs/1801.04354",
        {"rows": 100, "search": bad("float32")},
        (
            share("attack_success_rate", 68, 83),
            share("accuracy_under_attack", 15, 100),
            mean("queries", 2600.0, 90_000.0, 83, unit="queries"),
            mean("words_changed", 12.0, 2.9, 68, unit="fraction"),
        ),
        (Evidence("attack_success_rate", bad("Texts that were changed until the prediction turned"), 68, examples),),
        seconds=48.9,
        rows=100,
    )


def _quality(groups, gender, bad) -> Outcome:
    columns = (bad("text"), bad("label"), gender)
    found = [share("missing_share", x, 3000, where={"column": column}) for column, x in zip(columns, (3, 0, 144), strict=True)]
    found += [share("duplicate_share", 121, 3000)]
    found += [
        share("label_share", 1500 - 40 * i, 3000, where={"class": name})
        for i, name in enumerate((bad("negative"), bad("positive")))
    ]
    found += [
        share("language_share", x, 1000, where={"language": lang, gender: g})
        for g in groups
        for lang, x in (("en", 940), ("es", 60))
    ]
    found += [
        share("length_share", x, 3000, where={"bin": f"[{20 * i}, {20 * i + 20})"}) for i, x in enumerate((310, 1480, 1210))
    ]
    return Outcome(
        "data_quality", "measured", None, "What the data set is like.", measurements=tuple(found), seconds=0.9, rows=3000
    )


def _energy() -> Outcome:
    return Outcome(
        "energy",
        "measured",
        None,
        "What a thousand predictions cost.",
        measurements=(
            Measurement("seconds_per_1000_predictions", 3.214, "s", 3000, method="measured"),
            Measurement(
                "energy_per_1000_predictions",
                0.01339,
                "Wh",
                3000,
                0.0067,
                0.0201,
                method="estimate",
                reason="no energy meter was found",
            ),
        ),
        seconds=9.6,
        rows=3000,
    )


def _finding(m: Measurement, state, reason, **more) -> Finding:
    return Finding(m.metric, m.where, state, reason, m.value, m.low, m.high, m.n, **more)


def _verdict(ref, state, findings=(), threshold=None, **more) -> Verdict:
    facts = {
        "reason": f"{len(findings)} measurements were judged",
        "text": {"en": f"Clause {ref} asks for this.", "zh": f"条款 {ref} 的要求。"},
        **more,
    }
    bounded = tuple(dataclasses.replace(finding, threshold=threshold) for finding in findings)
    return Verdict("base", "2026", ref, state, findings=bounded, **facts)


def _verdicts(outcomes, gender, groups, bad) -> tuple[Verdict, ...]:
    found = [m for outcome in outcomes for m in outcome.measurements]

    def of(metric):
        return [m for m in found if m.metric == metric]

    gaps = [
        _finding(
            m,
            "fail" if m.where[gender] == groups[0] else "inconclusive",
            bad("the adjusted lower bound 0.14 lies above 0.1"),
            p_value=0.001,
            needed_n=412,
        )
        for m in of("false_positive_rate_difference")
    ]
    ratios = [_finding(m, "fail", "the ratio lies above the band") for m in of("selection_rate_ratio")]
    return (
        _verdict(
            bad("B1"),
            "pass",
            [_finding(m, "pass", "the lower bound 0.83 lies above 0.7") for m in of("accuracy")[:1]],
            Threshold(">=", 0.7, "house", bad("policy")),
        ),
        _verdict(
            "B2",
            "fail",
            gaps,
            Threshold("within", 0.1, "house", bad("base pack, error-rate gaps")),
            severity="critical",
            text={
                "en": bad("Error rates do not differ between groups by more than ten points."),
                "zh": bad("各组之间的错误率相差不超过十个百分点。"),
            },
        ),
        _verdict(
            "B3",
            "fail",
            [
                _finding(
                    m, "fail", "attack success rate 0.819 [0.730, 0.886] exceeds 0.50", why=Why(("exceeds",), {"bound": 0.5})
                )
                for m in of("attack_success_rate")
            ],
            Threshold("<=", 0.5, "house"),
            text={
                "en": "Small typos chosen against the model rarely turn its decisions.",
                "zh": "针对模型的少量拼写错误很少改变其判断。",
            },
        ),
        _verdict(
            "B4",
            "inconclusive",
            [
                _finding(
                    m,
                    "inconclusive",
                    "the interval 0.06 to 0.09 reaches over 0.07; about 2 900 rows would settle it",
                    needed_n=2900,
                )
                for m in of("counterfactual_flip_rate")
            ],
            Threshold("<=", 0.07, "house"),
            severity="minor",
            text={"en": "Decisions do not hang on gendered words.", "zh": "判断不应取决于性别词汇。"},
        ),
        _verdict(
            "B5",
            "not-tested",
            reason=bad("checkpoint_safety was skipped: needs a checkpoint on disk"),
            statements=(
                Statement("base", "B5", bad("Ada"), bad("head of risk"), "2025-01-01", bad("It was looked at."), "2025-12-31"),
            ),
            text={"en": "Checkpoint files run no code.", "zh": "检查点文件不含可执行代码。"},
        ),
        _verdict("B6", "error", reason=bad("acme/credit.lift crashed: ZeroDivisionError"), text={"en": "Lift is measured."}),
        _verdict(
            "B7",
            "evidence",
            [_finding(m, "evidence", "for a person to weigh") for m in of("missing_share")],
            assessment="evidence",
            text={"en": "Gaps in the data are known.", "zh": "已知数据中的缺口。"},
        ),
        _verdict("B8", "not-applicable", text={"en": "Texts in other languages are covered.", "zh": "覆盖其他语言的文本。"}),
        dataclasses.replace(
            _verdict(
                "1607.4(D)",
                "fail",
                ratios,
                Threshold(">=", 0.8, "guideline", "29 CFR 1607.4(D), https://www.ecfr.gov/current/title-29", "four_fifths"),
            ),
            pack="us-four-fifths",
            edition="1978",
            text={
                "en": "A selection rate below four fifths of the highest is a sign of adverse impact.",
                "zh": "低于最高选择率五分之四的选择率被视为不利影响的迹象。",
            },
        ),
    )


def _packs(bad) -> tuple[PackFacts, ...]:
    return (
        PackFacts(
            "base",
            "2026",
            "house",
            "2026-06-01",
            "2027-06-01",
            "b" * 64,
            {"en": bad("Base policy"), "zh": "基础政策"},
            {"en": bad("Always.")},
        ),
        PackFacts(
            "us-four-fifths",
            "1978",
            "contested",
            "2025-10-01",
            "2026-10-01",
            "c" * 64,
            {"en": "Four-fifths rule of thumb", "zh": "五分之四经验法则"},
            sources=("https://www.ecfr.gov/current/title-29",),
        ),
    )


def _ledger(groups, gender, bad) -> tuple[LedgerEntry, ...]:
    def effects(removed, changed):
        rows = (1390, 1581, 41)
        return tuple(
            GroupEffect({gender: g}, n, removed * n // 100, changed * n // 100, 0) for g, n in zip(groups, rows, strict=True)
        )

    return (
        LedgerEntry(
            bad("repair_unicode"),
            {"column": bad("text")},
            3012,
            3012,
            changed=204,
            by_group=effects(0, 7),
            source="Unicode Standard Annex 15",
            examples=(Example("12", bad("caf\u00c3\u00a9 au lait"), bad("caf\u00e9 au lait"), {}),),
        ),
        LedgerEntry(
            bad("drop_exact_duplicates"),
            {"keep": "first"},
            3012,
            2891,
            removed=121,
            reasons={bad("same text and label as an earlier row"): 121},
            by_group=effects(4, 0),
            examples=(Example("77", bad("a masterpiece")),),
            file=bad("ledger/drop_exact_duplicates.jsonl"),
        ),
        LedgerEntry(
            bad("swap_gendered_words"),
            {},
            2891,
            3640,
            added=750,
            quarantined=1,
            by_group=effects(0, 0),
            source="Zhao et al. 2018, https://arxiv.org/abs/1804.06876",
        ),
    )
