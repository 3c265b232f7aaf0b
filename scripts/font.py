"""See scripts/font."""

from pathlib import Path

from fontTools import subset, ttLib
from fontTools.varLib import instancer

FRONTEND = Path(__file__).parents[1] / "frontend"
FROM = FRONTEND / "node_modules/@fontsource-variable/inter/files/inter-latin-wght-normal.woff2"
TO = FRONTEND / "src/ui/fonts/inter-first.woff2"
# The page's own words, figures and signs; letters beyond are the package's.
LETTERS = [*range(0x20, 0x7F), 0xA0, 0xB0, 0xB1, 0xB7, *range(0xC0, 0x100), 0x2013, 0x2014,
           *range(0x2018, 0x201F), 0x2026, 0x20AC, 0x2191, 0x2193, 0x2212]  # fmt: skip
FEATURES = ["ccmp", "locl", "mark", "mkmk", "kern", "calt", "tnum", "cv11", "ss03"]
KEPT_AS_THEY_ARE = {"hyphen", "parenleft", "parenright", "slash", "space"}
"""Signs of prose: tabular figures would set them as wide as a digit."""

font = ttLib.TTFont(FROM)
gsub = font["GSUB"].table
for record in gsub.FeatureList.FeatureRecord:
    if record.FeatureTag != "tnum":
        continue
    for index in record.Feature.LookupListIndex:
        for table in gsub.LookupList.Lookup[index].SubTable:
            mapping = getattr(getattr(table, "ExtSubTable", table), "mapping", {})
            for name in KEPT_AS_THEY_ARE & set(mapping):
                del mapping[name]
options = subset.Options(
    layout_features=FEATURES, flavor="woff2", hinting=False, notdef_outline=True, name_IDs=[0, 1, 2, 13, 14]
)
cut = subset.Subsetter(options)
cut.populate(unicodes=LETTERS)
cut.subset(font)
instancer.instantiateVariableFont(font, {"wght": (400, 700)}, inplace=True)
TO.parent.mkdir(parents=True, exist_ok=True)
font.flavor = "woff2"
font.save(TO)
print(f"{FROM.stat().st_size} -> {TO.stat().st_size} bytes")
