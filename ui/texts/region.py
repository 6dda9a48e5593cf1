"""Owns the words of the four outcomes: true and false positives and negatives."""

TEXTS = {
    "region.tp": ("真陽性", "True positive"),
    "region.fp": ("偽陽性", "False positive"),
    "region.fn": ("偽陰性", "False negative"),
    "region.tn": ("真陰性", "True negative"),
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
    "region.tn.wrong.heading": (
        "真陰性のうち、ほかのクラスどうしの誤分類 {count} 枚（「{name} か、{name} 以外か」では合っていたと数えます）",
        "{count} {count:true negative|true negatives} misclassified between other classes (“{name} or not {name}” "
        "was right for them)",
    ),
    "region.tp.fn.heading": (
        "正解が {name} の画像 {count} 枚",
        "{count} {count:image|images} with true class “{name}”",
    ),
    "region.tp.fp.heading": ("{name} と予測した画像 {count} 枚", "{count} {count:image|images} predicted as “{name}”"),
    "region.fp.tn.heading": (
        "正解が {name} 以外の画像 {count} 枚",
        "{count} {count:image|images} with another true class than “{name}”",
    ),
    "region.fn.tn.heading": (
        "{name} 以外と予測した画像 {count} 枚",
        "{count} {count:image|images} not predicted as “{name}”",
    ),
    "region.tp.tn.heading": (
        "「{name} か、{name} 以外か」が合っていた画像 {count} 枚",
        "{count} {count:image|images} for which “{name} or not {name}” was right",
    ),
    "region.tp.fn.fp.heading": (
        "正解が {name} か、{name} と予測した画像 {count} 枚",
        "{count} {count:image|images} of “{name}” or predicted as it",
    ),
    "region.tp.fn.fp.tn.heading": ("すべての画像 {count} 枚", "All {count} {count:image|images}"),
}
