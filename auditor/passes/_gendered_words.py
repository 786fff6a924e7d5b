"""English words that say a person's gender, and their counterparts.

Pairs hold in both directions. One-way words have a counterpart that has a nearer counterpart of its own, or that is not
gendered alone. The pronouns *her*, *his*, *him* and *hers* are in ``auditor.passes._pronouns``.
"""

_COMPOUNDS = """
air alder ambulance anchor assembly barge boat business camera cave chair church clergy clans committee congress
cornish council country crafts crew dairy delivery door drafts draughts dutch english every ferry fire fisher fore
french
front garbage guards gun handy helms hench herds hit horse hunts infantry irish jury kins law lay lifeboat line lumber
mad
mail marks midship milk news noble norse oars ombuds outdoors patrol pitch police post railway repair rifle sales sea
select service show space spokes sports states stunt strong swords town trades trash tribes vestry washer watch
weather
welsh wing woods work yachts bar
"""

_PAIRS = """
he/she himself/herself
man/woman men/women boy/girl boys/girls male/female males/females gentleman/lady gentlemen/ladies lad/lass lads/lasses
laddie/lassie laddies/lassies guy/gal guys/gals dude/chick dudes/chicks sir/ma'am mister/missus mr/ms monsieur/madame
messieurs/mesdames señor/señora señores/señoras beau/belle beaus/belles
manhood/womanhood boyhood/girlhood manly/womanly unmanly/unwomanly mannish/womanish boyish/girlish boyishly/girlishly
masculine/feminine masculinity/femininity mankind/womankind menfolk/womenfolk menswear/womenswear manpower/womanpower
gentlemanly/ladylike
father/mother fathers/mothers dad/mom dads/moms daddy/mommy daddies/mommies papa/mama papas/mamas
fatherhood/motherhood fatherly/motherly fatherless/motherless fatherland/motherland forefather/foremother
forefathers/foremothers grandfather/grandmother grandfathers/grandmothers grandpa/grandma grandpas/grandmas
granddad/granny granddads/grannies stepfather/stepmother stepfathers/stepmothers stepdad/stepmom stepdads/stepmoms
godfather/godmother godfathers/godmothers
son/daughter sons/daughters grandson/granddaughter grandsons/granddaughters stepson/stepdaughter
stepsons/stepdaughters godson/goddaughter godsons/goddaughters
brother/sister brothers/sisters stepbrother/stepsister stepbrothers/stepsisters brotherhood/sisterhood
brotherhoods/sisterhoods brotherly/sisterly bro/sis uncle/aunt uncles/aunts nephew/niece nephews/nieces
husband/wife husbands/wives hubby/wifey househusband/housewife househusbands/housewives widower/widow widowers/widows
groom/bride grooms/brides groomsman/bridesmaid groomsmen/bridesmaids fiancé/fiancée fiancés/fiancées fiance/fiancee
fiances/fiancees boyfriend/girlfriend boyfriends/girlfriends bachelor/bachelorette bachelors/bachelorettes
paternal/maternal paternally/maternally paternity/maternity patriarch/matriarch patriarchs/matriarchs
patriarchal/matriarchal patriarchy/matriarchy patriarchies/matriarchies patrilineal/matrilineal patricide/matricide
paternalism/maternalism paternalistic/maternalistic fraternity/sorority fraternities/sororities fraternal/sororal
king/queen kings/queens prince/princess princes/princesses emperor/empress emperors/empresses duke/duchess
dukes/duchesses archduke/archduchess archdukes/archduchesses earl/countess earls/countesses viscount/viscountess
viscounts/viscountesses marquess/marchioness baron/baroness barons/baronesses tsar/tsarina tsars/tsarinas czar/czarina
czars/czarinas maharaja/maharani maharajas/maharanis
abbot/abbess abbots/abbesses monk/nun monks/nuns priest/priestess priests/priestesses deacon/deaconess
deacons/deaconesses prophet/prophetess prophets/prophetesses demigod/demigoddess demigods/demigoddesses
wizard/witch wizards/witches sorcerer/sorceress sorcerers/sorceresses enchanter/enchantress enchanters/enchantresses
hero/heroine heroes/heroines antihero/antiheroine antiheroes/antiheroines superhero/superheroine
superheroes/superheroines heir/heiress heirs/heiresses merman/mermaid mermen/mermaids ogre/ogress ogres/ogresses
shepherd/shepherdess shepherds/shepherdesses hunter/huntress hunters/huntresses murderer/murderess
murderers/murderesses adulterer/adulteress adulterers/adulteresses seducer/seductress seducers/seductresses
actor/actress actors/actresses waiter/waitress waiters/waitresses steward/stewardess stewards/stewardesses
host/hostess
hosts/hostesses landlord/landlady landlords/landladies headmaster/headmistress headmasters/headmistresses
schoolmaster/schoolmistress schoolmasters/schoolmistresses postmaster/postmistress postmasters/postmistresses
taskmaster/taskmistress taskmasters/taskmistresses masseur/masseuse masseurs/masseuses benefactor/benefactress
benefactors/benefactresses proprietor/proprietress
proprietors/proprietresses manservant/maidservant menservants/maidservants butler/maid butlers/maids
busboy/busgirl busboys/busgirls bellboy/bellgirl bellboys/bellgirls cowboy/cowgirl cowboys/cowgirls playboy/playgirl
playboys/playgirls schoolboy/schoolgirl schoolboys/schoolgirls paperboy/papergirl paperboys/papergirls
ballboy/ballgirl
ballboys/ballgirls choirboy/choirgirl choirboys/choirgirls homeboy/homegirl homeboys/homegirls fanboy/fangirl
fanboys/fangirls showboy/showgirl showboys/showgirls batboy/batgirl batboys/batgirls newsboy/newsgirl
newsboys/newsgirls
scotsman/scotswoman scotsmen/scotswomen
latino/latina latinos/latinas chicano/chicana chicanos/chicanas alumnus/alumna emeritus/emerita
"""

_ONE_WAY = """
mrs>mr miss>mr madam>sir dame>sir mademoiselle>monsieur señorita>señor mum>dad mums>dads mummy>daddy mummies>daddies
mam>dad grandad>grandma grandads>grandmas nan>grandad nana>grandpa momma>papa mamma>papa stepmum>stepdad
bridegroom>bride bridegrooms>brides spinster>bachelor spinsters>bachelors lord>lady lords>ladies marquis>marchioness
goddess>god goddesses>gods prioress>prior warlock>witch warlocks>witches heros>heroines giantess>giant
barmaid>barman barmaids>barmen milkmaid>milkman milkmaids>milkmen comedienne>comedian comediennes>comedians
seamstress>tailor seamstresses>tailors usherette>usher usherettes>ushers aviatrix>aviator authoress>author
poetess>poet poetesses>poets sculptress>sculptor
executrix>executor conductress>conductor millionairess>millionaire ambassadress>ambassador instructress>instructor
alumnae>alumni mistress>master mistresses>masters manservants>maidservants
"""


def _pairs() -> list[tuple[str, str]]:
    """Every pair, the male word first; ``man`` and ``men`` of each compound included."""
    compounds = [(f"{stem}{end}", f"{stem}wo{end}") for stem in _COMPOUNDS.split() for end in ("man", "men")]
    return [*(_two(pair, "/") for pair in _PAIRS.split()), *compounds]


def _two(text: str, mark: str) -> tuple[str, str]:
    first, _, second = text.partition(mark)
    return first, second


PAIRS: tuple[tuple[str, str], ...] = tuple(_pairs())
ONE_WAY: tuple[tuple[str, str], ...] = tuple(_two(pair, ">") for pair in _ONE_WAY.split())
COUNTERPART: dict[str, str] = {**dict(ONE_WAY), **dict(PAIRS), **{female: male for male, female in PAIRS}}
