"""Owns the words of the four outcomes: true and false positives and negatives."""

TEXTS = {
    "region.tp": ("真陽性 TP", "True positive TP"),
    "region.fp": ("偽陽性 FP", "False positive FP"),
    "region.fn": ("偽陰性 FN", "False negative FN"),
    "region.tn": ("真陰性 TN", "True negative TN"),
    # A name and the particle behind it stay on one line.
    "region.tp.caption": ("正解が {name}\u00a0で、{name}\u00a0と予測", "true class {name}, and predicted as {name}"),
    "region.fp.caption": (
        "正解が {name} 以外なのに、{name}\u00a0と予測",
        "true class not {name}, but predicted as {name}",
    ),
    "region.fn.caption": (
        "正解が {name}\u00a0なのに、{name} 以外と予測",
        "true class {name}, but not predicted as {name}",
    ),
    "region.tn.caption": (
        "正解が {name} 以外で、{name} 以外と予測",
        "true class not {name}, and not predicted as {name}",
    ),
    "region.tp.heading": (
        "正解が {name} で、{name} と予測した {count} 枚",
        "{count} {count:image|images} with true class “{name}”, predicted as “{name}”",
    ),
    "region.fp.heading": (
        "正解が {name} 以外なのに、{name} と予測した {count} 枚",
        "{count} {count:image|images} with another true class, but predicted as “{name}”",
    ),
    "region.fn.heading": (
        "正解が {name} なのに、{name} 以外と予測した {count} 枚",
        "{count} {count:image|images} with true class “{name}”, but predicted as another class",
    ),
    "region.tn.heading": (
        "正解が {name} 以外で、{name} 以外と予測した {count} 枚",
        "{count} {count:image|images} with another true class, and not predicted as “{name}”",
    ),
    "region.tn.heading.wrong": (
        "正解が {name} 以外で、{name} 以外と予測した {count} 枚（うち {wrong} 枚は、ほかのクラスどうしの誤分類）",
        "{count} {count:image|images} with another true class, and not predicted as “{name}” ({wrong} of them "
        "misclassified between other classes)",
    ),
}
