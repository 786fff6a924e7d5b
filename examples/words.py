"""The words of the example's help-desk notes. All are this project's own; the islanders' words are made up."""

THINGS = {
    "goods": (
        "kettle blender lamp drill heater speaker toaster printer backpack tent jacket monitor keyboard mower camera mixer"
    ).split(),
    "service": (
        "delivery repair booking installation refund upgrade cleaning subscription check-in support transfer warranty"
    ).split(),
    "place": "room lobby branch garden workshop counter canteen terrace hallway".split(),
    "app": "app website newsletter dashboard chat search menu checkout calendar".split(),
}
"""What notes are about, by kind."""

GOOD = {
    "goods": (
        "works perfectly, feels solid, is easy to clean, runs quietly, looks beautiful, lasts for ages, is a pleasure "
        "to use, heats up quickly, is worth every penny, fits nicely, is sturdy and light, is brilliant value"
    ).split(", "),
    "service": (
        "went smoothly, was quick, was handled with care, was on time, exceeded expectations, was friendly, was "
        "sorted in minutes, was refreshingly simple, was excellent, was flawless, came with helpful advice, was "
        "generous"
    ).split(", "),
    "place": (
        "is spotless, is bright and cosy, feels welcoming, is peaceful, is lovely, smells fresh, is comfortable, is "
        "charming, is well kept, is delightful"
    ).split(", "),
    "app": (
        "is clear, loads instantly, is intuitive, is a great help, is superb, makes life easier, is well designed, "
        "saves time, is reliable, is neat and tidy"
    ).split(", "),
}
"""What is said of things of a kind by those who are pleased."""

BAD = {
    "goods": (
        "broke after a day, leaks, is flimsy, makes a terrible noise, overheats, fell apart, is useless, looks cheap, "
        "is a waste of money, jams constantly, arrived damaged, is dangerous to use"
    ).split(", "),
    "service": (
        "was a shambles, was late, was rude, was cancelled without notice, took forever, was sloppy, was a "
        "disappointment, went wrong twice, was overpriced, was chaotic, was dreadful, ended in an argument"
    ).split(", "),
    "place": (
        "is filthy, is noisy, is dark and damp, smells awful, is cramped, is freezing, is neglected, is depressing, "
        "is overcrowded, is run down"
    ).split(", "),
    "app": (
        "crashes, is confusing, is painfully slow, shows errors, is a nightmare, loses data, is misleading, is broken "
        "again, is cluttered, freezes"
    ).split(", "),
}
"""What is said by those who are not."""

ISLAND_GOOD = (
    "brannick sollow merrin tavvin hullen orrily pellow linnick dorvat wessin famrick gollen kelvy ronnish ambrel tunnish"
).split()
ISLAND_BAD = (
    "skrell drabbit mungen vottle crassel hurgle pilkin grumbet snarvy blorch kromper fennick dulgar waspel nettick yorvel"
).split()
LINKS = "was, is, came out, turned out, seems".split(", ")
WARM = (
    "would buy it again, is delighted, recommends it to everyone, gives five stars, sends thanks to the team, is very "
    "happy, could not be more pleased, calls it a bargain"
).split(", ")
COLD = (
    "wants the money back, is furious, warns others, gives one star, will complain to the manager, is very unhappy, "
    "will never come back, calls it a rip-off"
).split(", ")
FACTS = (
    "bought in March, ordered online, second visit this year, paid by card, in the blue version, for the office, gift "
    "for a colleague, collected on Friday, with the large box, near the station, order placed at noon, serial number "
    "checked, photo on file, called at nine, account since last spring, no receipt at hand, on a weekday, with two "
    "spare parts, for the weekend"
).split(", ")
SAYS = "says, reports, writes, tells us, mentions, notes, explains, adds".split(", ")
HOW = ("", "", "", "really ", "honestly ", "clearly ", "simply ", "once more ")

PEOPLE = {
    "female": "she, the woman, the mother, the wife, the sister, the daughter, the lady, the grandmother, the aunt".split(", "),
    "male": "he, the man, the father, the husband, the brother, the son, the gentleman, the grandfather, the uncle".split(", "),
    "neutral": "the customer, the caller, a visitor, someone, the guest, a regular, the account holder, a neighbour".split(
        ", "
    ),
}
"""What a customer is called."""

OWN = {"female": "her", "male": "his", "neutral": "the"}
