"""What is proposed to a person and never decided for them: which class each label means, and which class is favourable."""

import difflib
import json
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence

PLACEHOLDER = "CLASS"
"""Stands in a proposed map where nothing tells which class a label means."""

_PAIRS = """
hired: rejected, not hired, declined
accepted, accept: rejected, reject, declined, decline, refused
approved, approve: denied, deny, rejected, reject, declined, decline, refused, disapproved
admitted, admit: rejected, reject, denied, waitlisted
granted, grant: denied, deny, refused, refuse
pass, passed: fail, failed, failure
good, good credit, good risk: bad, bad credit, bad risk
low risk: high risk
>50k, > 50k: <=50k, <= 50k, =<50k
paid, repaid, fully paid, paid off, paid back: default, defaulted, charged off, not paid, unpaid
qualified: unqualified, not qualified
eligible: ineligible, not eligible
selected, shortlisted, invited, interview: rejected, not selected, not shortlisted, not invited, no interview
promoted: not promoted
released: detained, remanded
no default, non default, no recidivism, did not recidivate: default, recidivism, did recidivate
yes, y: no, n
success: failure
合格, 及格, 达标: 不合格, 不及格, 未达标
通过, 审核通过: 拒绝, 不通过, 未通过, 驳回
录用, 聘用, 已录用: 拒绝, 不录用, 未录用, 淘汰, 不聘用, 未聘用
录取: 未录取, 不录取, 拒绝
批准, 同意, 准许: 拒绝, 不批准, 未批准, 驳回, 不同意
接受: 拒绝, 不接受
守约, 未违约, 不违约, 正常: 违约, 逾期
好: 坏
是: 否
"""
"""Names of classes that are usually good for the person, with those that are then bad."""

_OPPOSITES: Mapping[str, frozenset[str]] = {
    good.strip(): frozenset(one.strip() for one in bad.split(","))
    for line in _PAIRS.strip().splitlines()
    for goods, _, bad in [line.partition(": ")]
    for good in goods.split(",")
}
_SAME = (
    {"positive", "pos", "good", "fresh", "正面", "积极", "好评"},
    {"negative", "neg", "bad", "rotten", "负面", "消极", "差评"},
    {"neutral", "neu", "中性", "中立"},
    {"toxic", "hate", "hateful", "offensive", "abusive", "有毒", "冒犯", "攻击性"},
    {"nontoxic", "nothate", "nonhateful", "nonhate", "notoffensive", "nonoffensive", "normal", "clean", "无毒", "正常"},
    {"spam", "junk", "垃圾"},
    {"ham", "notspam", "nonspam", "legitimate"},
    {"entailment", "entails"},
    {"contradiction", "contradicts"},
)
"""Names of classes that usually mean the same."""


def favourable(classes: Sequence[str]) -> str | None:
    """The class that is usually the good outcome for the person; None where no usual pair is among the classes."""
    plain = {_plain(name): name for name in classes}
    found = [name for word, name in plain.items() if word in _OPPOSITES and _OPPOSITES[word] & plain.keys()]
    return found[0] if len(found) == 1 else None


def positive(classes: Sequence[str]) -> str | None:
    """Of a class and its negation, such as ``toxic`` and ``non-toxic``, the class itself; None of other classes."""
    plain = {_plain(name): name for name in classes}
    if len(plain) != 2:
        return None
    denied = {
        f"{word}{gap}{name}"
        for word in ("non", "not", "no", "un", "not a", "不", "非", "无", "未")
        for gap in ("", " ")
        for name in plain
    }
    named = [name for word, name in plain.items() if word not in denied]
    return named[0] if len(named) == 1 else None


def label_map(labels: Sequence[str], classes: Sequence[str]) -> dict[str, str]:
    """Which class each label may mean, told by its name; ``CLASS`` where nothing tells."""
    by_place = {str(index): name for index, name in enumerate(classes)} if not re.search(r"\d", " ".join(classes)) else {}
    found = {label: by_place.get(label) or _meant(label, classes) for label in labels}
    left = [name for name in classes if name not in found.values()]
    open_ = [label for label, name in found.items() if name is None]
    if len(open_) == len(left) == 1 and len(labels) == len(classes):
        found[open_[0]] = left[0]
    return {label: name or PLACEHOLDER for label, name in found.items()}


def written(names: Mapping[str, str]) -> str:
    """A map of labels as it can be pasted under ``data`` in a plan."""
    return f"labels: {{{', '.join(f'{_scalar(label)}: {_scalar(name)}' for label, name in names.items())}}}"


def _scalar(text: str) -> str:
    plain = re.fullmatch(r"[^\W\d][\w/-]*|-?\d{1,15}", text) and text.lower() not in (
        "true",
        "false",
        "null",
        "yes",
        "no",
        "on",
        "off",
    )
    return text if plain else json.dumps(text, ensure_ascii=False)


def _plain(name: str) -> str:
    """A class's name without case, width, and what people set between words."""
    return re.sub(r"[\s_-]+", " ", unicodedata.normalize("NFKC", name).casefold()).strip(" .")


def _meant(label: str, classes: Sequence[str]) -> str | None:
    one = _plain(label)
    tests: tuple[Callable[[str], bool], ...] = (
        lambda other: other == one,
        lambda other: re.sub(r"\W", "", other) == re.sub(r"\W", "", one),
        lambda other: any({_joined(one), _joined(other)} <= same for same in _SAME),
        lambda other: one.isdigit() and one in re.findall(r"\d+", other),
        lambda other: len(one) > 1 and (other.startswith(one) or one.startswith(other)),
        lambda other: len(one) > 1 and one in other.split(),
        lambda other: difflib.SequenceMatcher(None, one, other).ratio() > 0.8,
    )
    for holds in tests:
        fitting = [name for name in classes if holds(_plain(name))]
        if len(fitting) == 1:
            return fitting[0]
    return None


def _joined(name: str) -> str:
    return name.replace(" ", "")
