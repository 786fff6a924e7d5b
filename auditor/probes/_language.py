"""Which language a text is in, from its script and its most frequent words: an indicator, quick and without a model.

What is of no language is left out first: addresses, handles, hashtags, markup, code. Scripts of one language settle it.
Latin, Cyrillic and Arabic script are settled by frequent words and by letters that few languages have: two different ones,
since one alone may be a name, or slang. Short texts without frequent words, and names, stay undetermined (``"und"``), and so
do languages that are not listed here, unless they look like one that is.
"""

import re
from collections import Counter
from collections.abc import Mapping

UNDETERMINED = "und"

_SCRIPTS: Mapping[str, str] = {
    "latin": "A-Za-z\u00aa\u00ba\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u1e00-\u1eff",
    "cyrillic": "\u0400-\u052f",
    "arabic": "\u0600-\u06ff\u0750-\u077f",
    "kana": "\u3041-\u3096\u30a1-\u30fa",
    "han": "\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0002a6df",
    "ko": "\u1100-\u11ff\uac00-\ud7af",
    "el": "\u0370-\u03ff",
    "he": "\u0590-\u05ff",
    "hi": "\u0900-\u097f",
    "bn": "\u0980-\u09ff",
    "ta": "\u0b80-\u0bff",
    "te": "\u0c00-\u0c7f",
    "th": "\u0e00-\u0e7f",
    "ka": "\u10a0-\u10ff",
    "hy": "\u0530-\u058f",
}
_LETTERS = {script: re.compile(f"[{letters}]") for script, letters in _SCRIPTS.items()}
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")

_FREQUENT: Mapping[str, str] = {
    "en": "i the and of to in is it that was for with as his her he she they this on are but not be have had has which you at "
    "from by an or we their its if would there what when who been were so out about into than them can only other some very "
    "it's don't i'm isn't doesn't didn't can't just your my no all will one more do how up because could should these those "
    "like too never most any over many such make makes get does that's he's she's i've won't wasn't me him through much "
    "here yes really good great love think know people time movie why way back well being before after while still even "
    "going got gonna wanna u ur lol omg idk btw tho im dont cant thats youre ive didnt doesnt isnt wont thx pls please thanks "
    "today tomorrow again something nothing everything someone always another every each may might must shall let want need am "
    "same where own off down right those both between under bad day year first last long little old new big look find give "
    "work say said tell come came went made thing things man woman life world happy morning birthday",
    "de": "der die das und ist nicht ein eine einen einem einer den dem des zu mit sich auf für von im auch es an wird aus "
    "bei nach wie sie ich wir er noch nur als oder aber dass haben hat war wurde sind über kann sehr wenn mehr zum zur "
    "durch man mein dein kein keine schon hier diese dieser dieses werden ihr ihre",
    "fr": "le la les des et est une dans que qui pour pas sur avec ce cette il elle nous vous ne se au aux du par plus sont "
    "mais ou son sa ses comme tout été je tu leur même fait c'est n'est qu'il d'un d'une très bien sans être ont aussi cela "
    "avait était ces mon ma mes on ils elles peut où ici depuis sera après avant chez faire ans jamais toujours quand alors",
    "es": "el la los las de que y en un una es por con no se su para al lo como más pero sus le ya o este sí porque esta "
    "entre cuando muy sin sobre también me hasta hay donde quien desde todo nos durante ella fue ser son era están está "
    "tiene había mi tu eso esto del ni él yo",
    "it": "il lo la gli di che e un una è per con non si del della dei delle nel nella sono come più ma anche se al alla da "
    "questo questa ho ha hanno mi ci ed era molto stato stata essere perché suo sua loro quando dal dalla cosa tutti io "
    "lui lei sul sulla degli alle ai",
    "pt": "o os as do da dos das em um uma que e é não para com por se na no nas nos ao mais mas como foi ele ela são tem "
    "sua seu seus suas ou muito já também pelo pela até isso essa esse esta este eu você quando está ser havia era estão "
    "entre depois sem mesmo aos meu minha aqui há ninguém disse outra vez hoje agora sempre nunca porque tudo nada dia",
    "nl": "de het een en van is dat niet op te zijn met voor die in aan er maar om hij ook ze was naar heeft bij door nog "
    "wel dan als ik je wij zij werd worden deze dit geen over uit meer kan tot zo hebben haar hun mijn wat waar veel al "
    "omdat moet zou",
    "sv": "och att det som en är på för med den till av inte om ett han de har jag var men vi från så kan när hon eller nu "
    "sig där ut upp hade vad över mycket än efter också blir alla skulle detta vara mig dig sin sitt bara någon hur du "
    "mot kommer",
    "pl": "i w na z się nie to że jest do o jak ale po co za tak od dla przez tylko był była było być są już jego jej czy "
    "może ten ta które który która ich tym też bardzo go mnie ma przy nad więc jeszcze gdy kiedy bez pod wszystko ze tego "
    "mi ja my",
    "tr": "ve bir bu için ile de da çok ne daha o ama gibi kadar olarak var en değil olan sonra ben sen biz onun ki mi mı "
    "her şey ya diye bana sana oldu olduğu göre önce hiç iyi yok nasıl böyle şu bunu zaman ise bile",
    "id": "yang dan di itu dengan untuk tidak ini dari dalam akan pada juga saya ke karena tersebut bisa ada mereka lebih "
    "telah oleh sudah atau kami adalah seperti kita dia anda hanya sangat sebagai dapat bahwa masih",
    "vi": "và của là có không cho một người được những trong với các đã để này khi rất tôi thì cũng như đó nhưng về từ "
    "nhiều ở ra vào nó anh em chúng",
    "ru": "и в не на я что он с это как а то все она так его но ты к у же вы за бы по только ее мне было вот от меня еще "
    "нет о из ему когда даже ну ли если уже или ни быть был него до вас них для мы они есть чтобы очень",
    "uk": "і в не на я що він з це як а то все вона так його але ти до у же ви за би по тільки її мені було від мене ще "
    "немає із йому коли навіть якщо вже або бути був для ми вони є щоб дуже та цей",
    "ar": "في من على إلى أن هذا هذه التي الذي عن مع كان لا ما هو هي لم قد كل بعد بين أو ثم كما كانت ذلك و لكن عند غير",
    "fa": "و در به از که این را با است برای آن یک خود تا بر هم نیز شده می هر بود ما او اما یا باید شد اگر کرد نمی",
}
_MARKS: Mapping[str, str] = {
    "de": "ß",
    "es": "ñ¿¡",
    "pt": "ãõ",
    "sv": "å",
    "pl": "ąćęłńśźż",
    "tr": "ğış",
    "vi": "đơưạảấầẩậắằẵặẹẻẽếềểễệỉịọỏốồổỗộớờởợụủứừửữựỳỷỹ",
    "fr": "œçèê",
    "ru": "ыэъё",
    "uk": "іїєґ",
    "fa": "پچژگ",
}
_OF_SCRIPT: Mapping[str, tuple[str, ...]] = {
    "cyrillic": ("ru", "uk"),
    "arabic": ("ar", "fa"),
    "latin": ("en", "de", "fr", "es", "it", "pt", "nl", "sv", "pl", "tr", "id", "vi"),
}
_SHARED = Counter(word for words in _FREQUENT.values() for word in set(words.split()))
_HITS = {
    word: tuple((language, 1 / languages) for language, words in _FREQUENT.items() if word in words.split())
    for word, languages in _SHARED.items()
}
_NO_LANGUAGE = re.compile(
    r"""```.*?(?:```|\Z) | `[a-z0-9_.()]+`                       # code
      | <(?:script|style)\b.*?</(?:script|style)> | </?[a-z][^<>]{0,500}> | &\#?\w{1,10};   # markup
      | \b[a-z][a-z0-9+.-]{1,15}://\S+ | \bwww\.\S+           # addresses
      | [a-z0-9_.+-]{1,64}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})+                # of people
      | \b(?:[a-z0-9-]{1,63}\.){1,9}[a-z]{2,24}/[^\s\u3000-\uffff]*
      | \b[a-z0-9-]{1,63}\.(?:com|org|net|edu|gov|io|co|me|info|de|fr|pl|uk|cn|ru|jp)\b
      | (?<![a-z0-9])[@＠#＃][a-z0-9_.\u00c0-\u024f]+ | (?<!\w)rt\b(?=\s|:|\Z)         # handles, hashtags
      | [a-z0-9_]{0,64}[_\\{}=<>|^~$]+[a-z0-9_]* | \b[a-z0-9_]+\([^()]{0,200}\) | (?<=[a-z0-9])\.[a-z]\w*  # identifiers, calls
    """,
    re.DOTALL | re.VERBOSE,
)
"""Addresses, markup, code, and the Latin handles and hashtags: they are of no language, or of another one than the text."""

_TELLTALE = re.compile(r"[@＠#＃/`<&_\\{}=>|^~$(]|[a-z0-9]\.[a-z]|\brt\b")
"""What all of these have in them: most texts have none, and are not searched."""

_LONE = 1
"""Letters of a word that is too short to be evidence by itself."""

_MARK_WEIGHT = 0.5
_PIECES = {"en": 1}
"""Different words and letters that a language has to show; two where it is not said: in a set of English texts, one word of
another language is mostly a name or slang."""

_LEAST = 0.06
_LEAD = 1.25


def language(text: str) -> str:
    """The language of a text as an ISO 639-1 code, or ``"und"`` where it cannot be told.

    Args:
        text: at best a sentence or more; only the first 2,000 characters are looked at.
    """
    text = text[:2000].lower()
    text = _NO_LANGUAGE.sub(" ", text) if _TELLTALE.search(text) else text
    script = "latin" if text.isascii() else _script(text)
    if script in _OF_SCRIPT:
        return _by_words(text, _OF_SCRIPT[script])
    return {"han": "zh", "kana": "ja"}.get(script, script)


def _script(text: str) -> str:
    """The script that most letters are of; Chinese characters with kana among them are Japanese."""
    counts = {script: len(letters.findall(text)) for script, letters in _LETTERS.items()}
    if 4 * counts["kana"] > counts["han"]:
        counts["kana"] += counts["han"]
    # A Chinese, Japanese or Korean character carries about as much as three letters.
    for script in ("han", "kana", "ko"):
        counts[script] *= 3
    most = max(counts, key=counts.__getitem__)
    return most if counts[most] else UNDETERMINED


def _by_words(text: str, languages: tuple[str, ...]) -> str:
    """The language whose frequent words and letters stand out from the others'."""
    words = _WORD.findall(text.replace("’", "'"))
    scores, pieces = dict.fromkeys(languages, 0.0), dict.fromkeys(languages, 0)
    for word, times in Counter(words).items():
        for one, weight in _HITS.get(word, ()):
            if one in scores and not (len(word) == _LONE and word.isascii()):
                scores[one] += weight * times
                pieces[one] += 1
    if not text.isascii():
        for one in languages:
            marks = [text.count(mark) for mark in _MARKS.get(one, "")]
            scores[one] += _MARK_WEIGHT * sum(marks)
            pieces[one] += sum(mark > 0 for mark in marks)
    first, second = sorted(languages, key=scores.__getitem__, reverse=True)[:2]
    stands_out = scores[first] >= max(_LEAST * len(words), 0.5, _LEAD * scores[second])
    return first if stands_out and pieces[first] >= _PIECES.get(first, 2) else UNDETERMINED
