"""Build explainers/differences/taxonomy/imagenet.json: ImageNet's 1,000 classes and what they are kinds of, in everyday words.

    python sample_data/scripts/build_taxonomy.py WORDNET_DICT SYNSETS

WORDNET_DICT  folder with data.noun and index.noun of WordNet 3.0 (Debian package wordnet-base: /usr/share/wordnet)
SYNSETS       the 1,000 wnids in the order of the classes, one a line (timm 1.0.19: timm/data/_info/imagenet_synsets.txt)

A wnid is a place in WordNet 3.0's data.noun, so nothing is guessed from names. Which nodes are kept and how they are worded was chosen by
hand below: those a person would say ("a bird", not "a carinate").
"""

from __future__ import annotations

import itertools
import json
import re
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
CLASSES = REPOSITORY / "sample_data" / "animals" / "imagenet" / "classes.json"
OUT = REPOSITORY / "explainers" / "differences" / "taxonomy" / "imagenet.json"

# First lemma in WordNet, "=" and wording where "a" and the lemma will not do, "#" and number of classes where several nodes share a lemma.
KEPT = """
animal; mammal; dog; hunting dog=a hunting dog; bird; reptile; insect; terrier; aquatic bird=a water bird; vehicle; wheeled vehicle=a
vehicle with wheels; motor vehicle=a motor vehicle; musical instrument; furniture=furniture; primate=a monkey or ape; hound; snake;
ungulate=a hoofed animal; fish; wading bird=a wading bird; machine#16; fruit#16; vessel#15=a ship or boat; building; tool; feline=a cat or
big cat; monkey; electronic equipment=an electronic device; vegetable; shepherd dog=a sheepdog; wind instrument; measuring instrument;
home appliance=a household appliance; passerine=a songbird; lizard; car#10; sports equipment=sports equipment; ball; edible fruit=an
edible fruit; arachnid=a spider or scorpion; crustacean=a crab or lobster; headdress=a hat or helmet; amphibian=a frog or newt; toy dog#8;
beetle; stringed instrument; timepiece=a clock or watch; shop=a shop; percussion instrument; truck; game bird; spaniel; cat#7; weapon;
fabric=cloth; bottle; kitchen utensil; hand tool; fungus=a mushroom or fungus; spider; mollusk=a shell or snail; big cat; butterfly;
rodent; ship; boat; computer; toiletry=a toiletry; finch; salamander; turtle; shorebird=a shorebird; retriever; watchdog=a guard dog;
domestic cat=a house cat; ape; military vehicle; bag; footwear=shoes#5; box; bird of prey; grouse; parrot; crab; aquatic mammal=a sea
mammal; wolf; fox; bear; keyboard instrument; aircraft; gun; chair; woodwind; hat; armor=armour; public transport=public transport;
wheel#4; fence; cutting implement=a cutting tool; dwelling; skirt; tableware=tableware; bread=bread; squash; beverage=a drink; shark;
frog; viper; waterfowl=a duck, goose or swan; marsupial; heron; seabird; poodle; rabbit=a rabbit#2; swine=a pig; antelope; great ape;
clock; cap#3; optical instrument; pot; lamp; telephone; place of worship; brass; coat#3; bus; van; bridge; dessert; cruciferous
vegetable=a cabbage or broccoli; person; duck; whale; lobster; stork; bicycle; sled; guitar; piano; knife; helmet; basket; camera; mask;
towel; citrus=a citrus fruit; mountain; flower; equine=a horse or zebra; elephant; lemur; sheep=a sheep; clothing=clothing; food#27=food;
garment=a piece of clothing; bovid=a cow, sheep or goat; canine=a dog, wolf or fox; power tool; thrush; newt; sea turtle; crocodilian
reptile=a crocodile or alligator; rattlesnake; sandwich; glass#2=a drinking glass; sailing vessel; garden tool; edge tool=a blade;
echinoderm=a starfish or sea urchin; lepidopterous insect=a butterfly or moth; woman's clothing; swimsuit; necktie; curtain
"""

# What several nodes and classes make together, that WordNet has no everyday node for, or files differently than people do.
TOGETHER = {
    "a flower": "daisy; yellow lady's slipper; rapeseed; cardoon; artichoke; rose hip; plant pot; sea anemone; pinwheel",
    "a plant": "*flower; *vegetable; *edible fruit; *fungus; daisy; yellow lady's slipper; rapeseed; corn; acorn; rose hip; horse chestnut "
    "seed; plant pot; greenhouse; hay; fruiting spike of a cereal plant; cardoon",
    "a tree": "acorn; horse chestnut seed; rose hip; fig; jackfruit; lakeshore; valley; greenhouse; park bench; maze; hay; broccoli",
    "a mushroom": "*fungus; mushroom",
    "a vegetable": "*vegetable; corn; *squash; butternut squash; bell pepper; cucumber; zucchini; artichoke; cardoon; broccoli; cabbage; "
    "cauliflower",
    "a fruit": "*edible fruit; orange; lemon; banana; strawberry; pomegranate; Granny Smith apple; fig; pineapple; jackfruit; cherimoya "
    "(custard apple); rose hip; bell pepper; acorn; horse chestnut seed",
    "a tool": "*tool; *hand tool; *cutting implement; *edge tool; hammer; screwdriver; power drill; chainsaw; "
    "shovel; hatchet; block plane; "
    "cleaver; can opener; corkscrew; letter opener; metal nail; screw; safety pin; hook; spatula; wooden spoon; ladle; paintbrush; "
    "ruler measuring stick; tool kit; syringe; lighter; whistle; padlock; combination lock; plunger; broom; mop",
    "a vehicle": "*vehicle; *aircraft; *vessel; *car; *truck; *military vehicle; car wheel; radiator grille; car "
    "mirror; airplane wing; disc "
    "brake; minivan; motorboat; space shuttle; missile; missile (2); tank; tractor; combine harvester; snowplow; forklift",
    "a person": "*person; *clothing; mask; hair wig; sunglasses; sunglasses (2); lipstick; neck brace; football helmet; backpack",
    "an aircraft": "*aircraft; airplane wing; space shuttle; military aircraft; parachute; missile; missile (2)",
    "a cow or ox": "ox; water buffalo; bison; bullock cart",
    "a horse": "common sorrel horse; horse-drawn vehicle; zebra",
    "a pig": "pig; wild boar; warthog; piggy bank",
    "a sheep or goat": "ram (adult male sheep); bighorn sheep; Alpine ibex; llama; wool",
    "a rabbit or hare": "cottontail rabbit; hare; Angora rabbit",
    "a bee or fly": "bee; fly; apiary; honeycomb",
}

# Scenes: classes that are photographed in them. Not animals: a cut-out animal may stand anywhere.
SCENES = {
    "the background is the sea or other water": "beach; sandbar; breakwater; pier; coral reef; motorboat; lifeboat; lakeshore; bubble; swimming cap; "
    "water bottle; snorkel; "
    "kayak; dam; paddle; Petri dish; strainer; water jug; fountain; geyser; hot tub; catamaran; submarine",
    "the background is mountains": "mountain; valley; volcano; cliff; tent; yurt; stupa; mountain bike; viaduct; monastery",
    "the background is rock": "cliff; cliff dwelling; stone wall; megalith; volcano; maze; tile roof",
    "the background is bark or wood": "hen of the woods mushroom; sawmill; totem pole; crate box; storage chest; picket fence; metal nail; "
    "screw; hatchet; hammer; wooden spoon; plate rack",
    "the background is leaves": "cabbage; zucchini; cucumber; artichoke; cardoon; fig; pineapple; jackfruit; bell pepper; plant pot; "
    "greenhouse; corn",
    "the background is a town": "palace; castle; monastery; suspension bridge; through arch bridge; viaduct; bell tower; tram; "
    "trolleybus; parking meter; "
    "taxicab; dome; obelisk; triumphal arch; mosque; traffic light; construction crane; pedestal; church; dock; fountain; library; "
    "prison; flagpole",
    "the background is snow": "ski; snowmobile; snowplow; dog sled; bobsleigh; mountain; balaclava ski mask; shovel; fur coat; mitten",
    "the background is the sky": "airplane wing; airliner; military aircraft; parachute; airship; balloon; space shuttle; flagpole; "
    "missile; missile (2); radio "
    "telescope; traffic light; solar thermal collector; pole; construction crane; water tower",
    "the background is a forest": "split-rail fence; chainsaw; birdhouse; jackfruit; horse chestnut seed; acorn; hen of the woods "
    "mushroom; bolete; agaric; coral "
    "fungus; earth star fungus; gyromitra; stone wall; swing; cherimoya (custard apple); mountain bike; valley; fig",
    "the background is grass": "corn; hay; fruiting spike of a cereal plant; combine harvester; threshing machine; rapeseed; lawn "
    "mower; croquet ball; golf "
    "ball; tractor; farm plow; golf cart; cardoon; soccer ball; rugby ball; pinwheel",
    "the background is sand": "sandbar; beach; sandal; sundial; doormat; swim trunks / shorts; sarong; dumbbell; hook; shovel; "
    "bottle cap; yurt",
    "the background is flowers": "daisy; yellow lady's slipper; rapeseed; plant pot; vase; greenhouse; cardoon; artichoke; rose hip; "
    "quill; pinwheel; honeycomb",
    "indoors": "dining table; desk; home theater; monitor; television; microwave oven; stove; sliding door; window shade; sink; washing "
    "machine; bathtub; bookcase; wardrobe; couch; library; toilet seat; shower curtain; refrigerator; restaurant; barbershop",
}

# Everyday words that mean one of the above, for what a person types and for captions.
ALSO = {
    "a vehicle": ["vehicle", "transport"],
    "a plant": ["plant", "flora"],
    "a tree": ["tree", "trees"],
    "a flower": ["flower", "blossom", "bloom"],
    "a person": ["person", "people", "man", "woman", "human"],
    "a horse": ["horse", "pony"],
    "a cow or ox": ["cow", "cattle", "ox", "bull"],
    "a pig": ["pig", "boar", "hog"],
    "a sheep or goat": ["sheep", "goat", "lamb"],
    "a rabbit or hare": ["rabbit", "hare", "bunny"],
    "an aircraft": ["aircraft", "airplane", "plane", "aeroplane"],
    "a ship or boat": ["boat", "ship", "vessel"],
    "a monkey or ape": ["monkey or ape", "primate"],
    "a mushroom": ["mushroom", "fungus", "toadstool"],
    "the background is the sea or other water": [
        "sea",
        "ocean",
        "waves",
        "at sea",
        "seaside",
        "water",
        "under water",
        "underwater",
        "lake",
        "river",
        "pond",
        "the sea or other water",
    ],
    "the background is mountains": ["mountains", "hills", "in the mountains", "mountain landscape"],
    "the background is rock": ["rock", "rocks", "stone", "stones", "cliffs"],
    "the background is bark or wood": ["bark", "tree bark", "wood", "wooden", "planks", "boards"],
    "the background is leaves": ["leaves", "foliage", "green leaves"],
    "the background is a town": ["town", "city", "street", "urban", "buildings"],
    "the background is snow": ["snow", "snowy", "winter", "ice"],
    "indoors": ["indoors", "inside", "indoor", "in a room", "interior"],
    "the background is the sky": ["sky", "clouds", "in the sky", "blue sky", "cloudy sky", "air"],
    "the background is a forest": ["forest", "woods", "woodland", "jungle", "in the forest"],
    "the background is grass": ["grass", "meadow", "field", "lawn", "pasture", "grassland"],
    "the background is sand": ["sand", "desert", "dunes", "beach", "shore", "coast", "seashore"],
    "the background is flowers": ["garden", "flower bed", "flowers in the background", "flower garden"],
}
SENSES = 2  # of a word that count: rarer ones mislead more than they help


def main(wordnet: Path, synsets: Path) -> None:
    names = json.loads(CLASSES.read_text(encoding="utf-8"))
    lemmas, above = read_nouns(wordnet / "data.noun")
    wnids = [int(line[1:]) for line in synsets.read_text().split()]
    if wnids != sorted(wnids) or len(wnids) != len(names):
        raise SystemExit("The wnids must be 1,000, in WordNet's order.")
    under: dict[int, list[int]] = {}
    for place, node in enumerate(wnids):
        for parent in ancestors(node, above):
            under.setdefault(parent, []).append(place)
    nodes, offsets = kept_nodes(lemmas, under)
    nodes += [
        {"says": says, "kind": "group", "words": ALSO.get(says, [bare(says)]), "classes": members(text, names, offsets, under)}
        for says, text in TOGETHER.items()
    ]
    nodes += [
        {"says": says, "kind": "scene", "words": ALSO[says], "classes": members(text, names, offsets, under)}
        for says, text in SCENES.items()
    ]
    instead = set(TOGETHER)
    nodes = [node for node in nodes if node["kind"] != "parent" or node["says"] not in instead]
    leaves = [
        {"says": article(plain(names[i])), "kind": "class", "words": leaf_words(names[i], lemmas[wnids[i]]), "classes": [i]}
        for i in range(len(names))
    ]
    says_of = {lemma: next((n["says"] for n in nodes if bare(n["says"]) == lemma), article(lemma)) for lemma in offsets}
    kinds = words_below(wordnet / "index.noun", above, offsets, says_of)
    for node in nodes + leaves:
        node["classes"] = ranges(sorted(set(node["classes"])))
    text = ",\n".join(json.dumps(node, ensure_ascii=False, separators=(",", ":")) for node in nodes + leaves)
    OUT.write_text(
        f'{{"nodes": [\n{text}\n],\n"kinds": {json.dumps(kinds, ensure_ascii=False, separators=(",", ":"))}}}\n', encoding="utf-8"
    )
    print(
        f"{len(nodes)} nodes, {len(leaves)} classes, {sum(len(v.split('|')) for v in kinds.values()):,} words, {OUT.stat().st_size:,} bytes"
    )


def read_nouns(path: Path) -> tuple[dict[int, list[str]], dict[int, list[int]]]:
    """Lemmas of each synset, and the synsets directly above it (hypernyms of kinds and of instances)."""
    lemmas: dict[int, list[str]] = {}
    above: dict[int, list[int]] = {}
    for line in path.read_text(encoding="latin-1").splitlines():
        if line.startswith("  "):
            continue
        fields = line.split(" | ")[0].split()
        offset, count = int(fields[0]), int(fields[3], 16)
        lemmas[offset] = [fields[4 + 2 * i].replace("_", " ") for i in range(count)]
        start = 4 + 2 * count
        pointers = [fields[start + 1 + 4 * i : start + 5 + 4 * i] for i in range(int(fields[start]))]
        above[offset] = [int(p[1]) for p in pointers if p[0] in ("@", "@i")]
    return lemmas, above


def ancestors(node: int, above: dict[int, list[int]]) -> set[int]:
    found: set[int] = set()
    open_ = [node]
    while open_:
        for parent in above[open_.pop()]:
            if parent not in found:
                found.add(parent)
                open_.append(parent)
    return found


def kept_nodes(lemmas: dict[int, list[str]], under: dict[int, list[int]]) -> tuple[list[dict], dict[str, int]]:
    nodes, offsets = [], {}
    for entry in KEPT.replace("\n", " ").split(";"):
        lemma, _, says = (part.strip() for part in entry.strip().partition("="))
        lemma, _, size = (lemma if "#" in lemma else f"{lemma}#{says.partition('#')[2]}").partition("#")
        says = says.partition("#")[0] or article(lemma)
        fit = [o for o, inside in under.items() if lemmas[o][0] == lemma and (not size or len(inside) == int(size))]
        if not fit:
            print(f"skipped: {lemma}")
            continue
        node = max(fit, key=lambda o: len(under[o]))
        offsets[lemma] = node
        words = sorted({*(x.lower() for x in lemmas[node]), bare(says), *ALSO.get(says, [])})
        nodes.append({"says": says, "kind": "parent", "words": words, "classes": under[node]})
    return nodes, offsets


def members(text: str, names: list[str], offsets: dict[str, int], under: dict[int, list[int]]) -> list[int]:
    found: set[int] = set()
    for entry in (part.strip() for part in text.split(";")):
        if entry.startswith("*"):
            found |= set(under[offsets[entry[1:]]]) if entry[1:] in offsets else set()
        elif entry in names:
            found.add(names.index(entry))
        else:
            print(f"no class: {entry}")
    return sorted(found)


def words_below(index: Path, above: dict[int, list[int]], offsets: dict[str, int], says_of: dict[str, str]) -> dict[str, str]:
    """For each kept node every word for a kind of it, whether or not ImageNet knows it; "sparrow" below "bird"."""
    entries = {}
    for line in index.read_text(encoding="latin-1").splitlines():
        if not line.startswith("  "):
            fields = line.split()
            entries[fields[0].replace("_", " ")] = [int(f) for f in fields if re.fullmatch(r"\d{8}", f)]
    wanted = {node: lemma for lemma, node in offsets.items() if lemma in CAPTIONED} | {
        entries[lemma][0]: lemma for lemma in ("tree", "plant")
    }
    wanted |= dict.fromkeys(entries["plant"][:2], "plant")
    found: dict[str, set[str]] = {lemma: set() for lemma in wanted.values()}
    for word, senses in entries.items():
        if re.fullmatch(r"[a-z'-]{3,}", word):
            for sense in senses[:SENSES]:
                for node in ancestors(sense, above) & set(wanted):
                    found[wanted[node]].add(word)
    return {says_of.get(lemma, article(lemma)): "|".join(sorted(words)) for lemma, words in found.items()}


CAPTIONED = """bird mammal fish insect reptile dog cat monkey snake flower fruit vegetable vehicle tool furniture building food clothing
weapon ship boat car truck aircraft butterfly fungus animal""".split()  # noqa: SIM905  a list would be a page
CAPTIONED.append("musical instrument")


def plain(name: str) -> str:
    """A class's name without what stands in brackets or behind a stroke."""
    return re.sub(r"\s*\(.*?\)|\s*/.*$", "", name).strip().removeprefix("a ")


def article(words: str) -> str:
    if words.endswith(("s", "jeans", "pajamas")) and not words.endswith(("ss", "us", "is", "as", "lens")):
        return words
    return f"{'an' if words[0].lower() in 'aeio' or words.startswith('um') else 'a'} {words}"


def ranges(classes: list[int]) -> list[int]:
    """First and last of each run of neighbours: [3, 4, 5, 9] -> [3, 5, 9, 9]."""
    breaks = [i for i, (a, b) in enumerate(itertools.pairwise(classes), start=1) if b != a + 1]
    return [end for a, b in itertools.pairwise([0, *breaks, len(classes)]) for end in (classes[a], classes[b - 1])]


def bare(says: str) -> str:
    return re.sub(r"^(a|an|the) ", "", says)


def leaf_words(name: str, lemmas: list[str]) -> list[str]:
    return sorted({plain(name).lower(), *(x.lower() for x in lemmas)})


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
