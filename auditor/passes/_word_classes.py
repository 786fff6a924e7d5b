"""Classes of English words that tell an object pronoun from a possessive one.

Closed classes follow Quirk et al. 1985, A comprehensive grammar of the English language; of the open ones, the common words.
"""


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


DETERMINERS = _set("""
a an the this that these those some any no another i you he she it we they him me us them his my your our their its
mine yours ours theirs hers myself yourself himself herself itself ourselves yourselves themselves who whom whose
which what whoever whatever everything something anything nothing everyone someone anyone all both
""")
"""Determiners and pronouns, but those that go with a possessive: every, other, own, many, few, two."""

PREPOSITIONS = _set("""
about above across after against along amid among amongst around as at before behind below beneath beside besides
between beyond by despite during except for from in into like near of off on onto out over per since than through
throughout till to together toward towards under underneath until unto up upon via with within without away down apart
aside aboard ahead
""")
"""Prepositions and particles."""

CONJUNCTIONS = _set("""
and or but nor so yet if unless whether while whilst whereas although though because when whenever where wherever why
how
""")
"""Conjunctions and adverbs of question."""

AUXILIARIES = _set("""
is was were are am been has have had do does did can could would shall should may must cannot isn wasn hasn hadn doesn
didn couldn wouldn shouldn ain aren weren
""")
"""Forms of be, have, do and the modal verbs, but will and might, which are nouns."""

ADVERBS = _set("""
not never again ago already also always anymore anyway anywhere constantly either else everywhere forever here instead
maybe perhaps rather somehow sometimes somewhere soon there today tomorrow tonight too twice yesterday afterward
afterwards aloud upstairs downstairs abroad daily nowhere often
""")
"""Adverbs that begin no noun phrase."""

FUNCTION = DETERMINERS | PREPOSITIONS | CONJUNCTIONS | AUXILIARIES | ADVERBS
"""Words that cannot follow a possessive."""

LOOSE = _set("""
now then once still more most less least much better best well one almost nearly late early hard fast even ever just
only first last really very quite enough inside outside alone right wrong bad back home half altogether straight close
""")
"""Words that belong to a noun that follows, and else to the verb: *her more recent book*, *love her more*."""

LY_NOT_ADVERB = _set("""
ally assembly belly bully costly curly daily deadly early elderly family fatherly friendly heavenly holy homely jelly
jolly likely lily lively lonely lovely lowly monthly motherly only orderly oily reply saintly scholarly sickly silly
sisterly brotherly smelly supply timely ugly unlikely untimely weekly wily womanly manly worldly yearly bubbly wobbly
chilly prickly fly tummy melancholy anomaly monopoly butterfly
""")
"""Words in -ly that are nouns or adjectives."""

NTH = _set("first last best one only most late")
"""Words that are a noun after some others."""

NOMINAL = _set("is was be been being are were became become do does did try tried in at on of for to with from by")
"""Those others: *at her best*, *it was her first*."""

CAUSE = _set("""
make makes made making let lets letting help helps helped helping see sees saw seen seeing watch watches watched
watching hear hears heard hearing feel felt bid notice noticed observe observed
""")
"""Verbs of causing and perceiving, with an object and a bare verb: *let her go*."""

BARE = _set("""
go come do be know understand realize realise get become think believe remember forget live die learn speak sing cry
laugh smile walk run dance stand sit fall sleep eat drink wait stay work play talk win lose find choose decide finish
start stop try keep take make give have tell say pay sign move climb open close cook clean drive fix solve write read
study prepare carry build create achieve succeed fail suffer grow pass escape enter arrive leave return look appear
seem disappear vanish shine blush want need feel see hear weep scream shout swim ride fly pack unpack paint perform
practice improve recover heal breathe dream wonder wake apologize apologise admit accept agree join meet buy sell
bring identify settle install organize organise arrange explain describe determine develop discover discuss earn enjoy
evaluate examine explore express gain gather handle hire ignore increase inspect invest listen locate maintain manage
negotiate obtain overcome participate persuade produce protect provide pursue receive recognize recognise reduce
refuse relax remove resolve respond restore retrieve reveal select spend spell submit survive teach translate unload
upload wear hide fill reach raise
""")
"""Bare verbs that are rarely nouns."""

PERCEIVE = (CAUSE - _set("let lets letting bid")) | _set("""
find finds found catch catches caught spot spotted leave leaves left leaving keep keeps kept keeping get got imagine
imagined picture pictured stop stopped send sent set show shows showed shown remember remembered film filmed had
""")
"""Verbs with an object and a verb in -ing: *saw her leaving*."""

ING_NOUN = _set("""
thing king ring wedding clothing painting meeting building evening morning feeling being training ceiling writing
singing acting cooking voice-over drawing hearing upbringing understanding beginning ending offspring spring string
wing sibling darling earring stocking saying teaching reading bedding belonging blessing calling
""")
"""Nouns in -ing."""

RESULT = (CAUSE - _set("help helps helped helping")) | _set("""
find finds found finding keep keeps kept keeping leave leaves left leaving get gets got getting drive drives drove
render rendered call calls called consider considers considered think thought believe believed deem deemed hold holds
held set turn turned want wants wanted like likes liked prefer preferred wish wished shoot shot knock knocked declare
declared pronounce pronounced strike struck take took taken name named elect elected pull pulled cut
""")
"""Verbs with an object and a state: *found her asleep*."""

STATE = _set("""
happy sad angry mad crazy alive dead free safe warm cold sick ill nervous anxious famous rich poor proud jealous aware
comfortable uncomfortable afraid scared worried calm busy awake asleep drunk sober pregnant beautiful pretty
attractive lovely cute smart clever stupid guilty innocent responsible sorry unhappy upset furious speechless
breathless helpless hopeless weak strong stronger weaker worse old older young younger fit ready unconscious naked
wrong hostage captive company accountable interesting boring annoying charming difficult funny nice kind rude
qualified suitable special unique prisoner names hungry thirsty tired bored lonely sleepy popular successful useful
welcome waiting president captain leader chairman chairwoman short loose
""")
"""States: adjectives and nouns after such a verb."""

GIVE = _set("""
give gives gave given giving tell tells told telling send sends sent sending offer offers offered offering lend lends
lent pay pays paid paying buy buys bought buying bring brings brought bringing show shows showed shown showing teach
teaches taught teaching ask asks asked asking owe owes owed cost costs wish wishes wished wishing promise promises
promised grant grants granted deny denies denied hand hands handed feed feeds fed serve serves served earn earned
cause caused save saved spare spared get gets got make makes made cook cooked write wrote do did charge charged fine
fined bet forgive forgave refuse refused guarantee guaranteed assign assigned award awarded pass passed throw threw
toss tossed sell sold loan loaned order ordered provide provided prescribe prescribed call called
""")
"""Verbs with two objects: *gave her money*."""

GIFT = _set("""
money cash flowers roses chocolates advice permission credit directions instructions information food water medicine
medication lessons time hope strength courage pause trouble grief joy pleasure happiness peace comfort support help
feedback access power authority respect attention luck goodbye goodnight hello thanks good happy everything candy
tickets gifts presents treats cookies shelter freedom orders pills extra additional plenty lots great proper dinner
lunch breakfast coffee tea drinks compliments encouragement english french math maths first-aid congratulations pain
sadness delicious fresh private several many few two three four five six ten hundred thousand every half yes questions
whether details service bread goods documents
""")
"""What begins the second of two objects."""

GOODS = _set("""
money cash flowers roses advice instructions information news food water medicine hundred thousand dollars documents
""")
"""Nouns that are a second object with an adjective before them."""

BACK = _set("on behind turn turns turned hurt hurts broke injured against scratched arched rubbed rub patted stabbed")
"""Words after which *her back* is a part of the body."""

HOUSE = _set("""
in at to from near left leave sold bought lost of into inside outside around for about with build built
""")
"""Words after which *her home* is a house."""

TREAT = _set("""
treat treats treated wish wishes wished know knows knew known pay paid serve serves served suit suits suited fit fits
understand understands understood do did does hit hits work worked push pushed kick kicked hold held guess prove
proved proves
""")
"""Verbs after which *well*, *right* and the like are manners: *treat her right*."""

MANNER = _set("well right wrong bad hard")
"""Such manners."""

DEGREE = _set("less more so very really")
"""Adverbs of degree before a state."""

FINITE = _set("""
said says asked asks replied answered knew knows went goes came comes took takes gave gives got gets made makes wanted
wants began begins stood sat laughed smiled looked turned seemed seems became becomes told tells decided thought will
called died walked ran shouted cried
""")
"""Verbs that say what a noun phrase did: *the man behind her laughed*."""

BESIDE = _set("to behind beside near with from of on upon around for about against before after opposite by")
"""Prepositions in such noun phrases."""

POSSESSIVE = _set("my your our their his her its whose")
"""Possessives before a noun."""

ABSOLUTE = _set("mine yours ours theirs hers")
"""Possessives without a noun."""
