"""Words of a text by their place in it, and the English function words that attacks leave alone."""

import re

_WORD = re.compile(r"[\w'\-*@]+")
_EDGE = "'-_*@"


def pieces(text: str) -> list[str]:
    """Cut a text into what is between words and the words, in turn: joined again, they are the text.

    A word is a run of letters, digits and ``' - _ * @``, without those marks at either end.

    Returns:
        An odd number of pieces; those at odd places are the words.
    """
    parts, end = [], 0
    for match in _WORD.finditer(text):
        word = match.group().strip(_EDGE)
        if word:
            start = match.start() + match.group().index(word)
            parts += [text[end:start], word]
            end = start + len(word)
    return [*parts, text[end:]]


FUNCTION_WORDS = frozenset(
    """
    i me my myself we our ours ourselves you your yours yourself yourselves he him his himself she her hers herself
    it its itself they them their theirs themselves
    this that these those who whom which what
    a an the
    am is are was were be been being have has had having do does did doing will should can
    ain aren couldn didn doesn don hadn hasn haven isn ma mightn mustn needn shan shouldn wasn weren won wouldn
    ain't aren't couldn't didn't doesn't don't hadn't hasn't haven't isn't mightn't mustn't needn't shan't shouldn't wasn't
    weren't won't wouldn't i'm i've i'll i'd you're you've you'll you'd he's he'll he'd she's she'll she'd it's it'll it'd
    we're we've we'll we'd they're they've they'll they'd that's that'll should've
    and but or nor if because as until while than so
    of at by for with about against between into through during before after above below to from up down in out on off
    over under again further then once here there when where why how
    all any both each few more most other some such no not only own same too very just now
    s t d m o y ll re ve
    """.split()
)
"""English pronouns, determiners, auxiliaries, prepositions and conjunctions, in lower case."""
