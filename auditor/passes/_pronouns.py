"""*Her* is *him* or *his*, and *his* is *her* or *hers*: a small rule over the words around it.

What decides are the classes of the words beside it, in ``auditor.passes._word_classes``.
"""

from dataclasses import dataclass

from auditor.passes import _word_classes as words


@dataclass(frozen=True, slots=True)
class Around:
    """The words around a pronoun, in lower case; empty where there is none.

    Attributes:
        before: the word before.
        after: the word after.
        then: the word after that.
        gap: what stands between the pronoun and the word after.
        gap_then: what stands between the two words after.
    """

    before: str
    after: str
    then: str
    gap: str
    gap_then: str

    @property
    def ends(self) -> bool:
        """Whether the phrase ends with the pronoun."""
        return not self.after or _is_end(self.gap)

    @property
    def ends_then(self) -> bool:
        """Whether the phrase ends with the word after, or goes on with a word that begins no noun."""
        return not self.then or _is_end(self.gap_then) or self.then in words.FUNCTION


def _is_end(gap: str) -> bool:
    return any(mark in _END for mark in gap) and gap.strip() not in _JOINS


_END = frozenset('.,;:!?()[]{}…—–\n"”»')
_JOINS = ("/", "(", '"', "“")


def her_is_him(around: Around) -> bool:
    """Whether *her* is the object (*him*), and not the possessive (*his*).

    Args:
        around: the words around it.
    """
    after = around.after
    if after in ("and", "or") or around.gap.strip() == "/":
        return _joined_her(around)
    if around.ends or after in words.FUNCTION:
        return True
    if around.gap_then == "-" or after == "own":
        return False
    if after in words.LOOSE or (after.endswith("ly") and after not in words.LY_NOT_ADVERB):
        return _loosely(around)
    return _by_verb(around)


def _joined_her(around: Around) -> bool:
    """*Her* in "his or her", "her and him", "her/his"."""
    other = around.after if around.gap.strip() == "/" else around.then
    return other not in ("his", "their", "my", "your", "our", "its")


def _loosely(around: Around) -> bool:
    """*Her* before an adverb, or a word that may be one."""
    before, after = around.before, around.after
    if after == "back":
        return before not in words.BACK
    if after == "home":
        return before not in words.HOUSE
    if after in words.MANNER:
        return before in words.TREAT
    if after in words.NTH and before in words.NOMINAL:
        return False
    return (
        around.ends_then
        or (after == "enough" and before in words.GIVE)
        or (after in words.DEGREE and before in words.RESULT and around.then not in words.NTH)
    )


def _by_verb(around: Around) -> bool:
    """*Her* before a word that may be a noun, a verb or an adjective: the verb before it decides."""
    before, after = around.before, around.after
    if before in words.CAUSE and after in words.BARE:
        return True
    if before in words.PERCEIVE and after.endswith("ing") and after not in words.ING_NOUN:
        return True
    if before in words.RESULT and after in words.STATE and around.ends_then:
        return True
    if before in words.BESIDE and after in words.FINITE:
        return True
    return before in words.GIVE and (after in words.GIFT or after.isdigit() or around.then in words.GOODS)


def his_is_hers(around: Around) -> bool:
    """Whether *his* stands alone (*hers*), and not before a noun (*her*).

    Args:
        around: the words around it.
    """
    after, then = around.after, around.then
    if around.gap.strip() == "/":
        return after in words.ABSOLUTE
    if not around.ends and after in ("and", "or"):
        return then in words.ABSOLUTE or (then in words.FUNCTION and then not in words.POSSESSIVE)
    if around.ends:
        return True
    if around.gap_then == "-":
        return False
    if around.before == "of" and after in words.FINITE:
        return True
    return after in words.FUNCTION - {"all", "no", "daily"} or (after in ("now", "alone", "once", "still") and around.ends_then)
