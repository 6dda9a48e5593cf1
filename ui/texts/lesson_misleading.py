"""Owns the words of the lesson on where one-vs-rest misleads."""

TEXTS = {
    "lesson_misleading.title": ("一対他の落とし穴", "Where one-vs-rest misleads"),
    "lesson_misleading.line": (
        "正解率は高いのに、見逃しの多いクラスがあります。なぜでしょう。",
        "A class can have a high accuracy and still be missed often. Why?",
    ),
    "lesson_misleading.question": (
        "「{name}」の一対他の正解率は **{accuracy}** です。では、正解が「{name}」の **{support} 枚**のうち、"
        "見逃した（{name} 以外と予測した）のは何枚でしょう。",
        "The one-vs-rest accuracy of “{name}” is **{accuracy}**. Of the **{support} {support:image|images}** with true "
        "class “{name}”, how many did the model miss (predict as another class)?",
    ),
    "lesson_misleading.option": ("{count} 枚", "{count} {count:image|images}"),
    "lesson_misleading.why": (
        "再現率 Recall は **{recall}**：{support} 枚のうち **{missed} 枚**を見逃しました。\n\n"
        "**分母がちがいます。** 一対他の正解率は全 {total} 枚で割ります。そのうち {tn} 枚は真陰性（{name} ではなく、"
        "{name} とも予測しなかった画像）で、見逃しは薄まって見えません。「いつも {name} 以外」と予測するだけで、"
        "一対他の正解率は {always_no} です。",
        "Recall is **{recall}**: **{missed}** of {support} {missed:was|were} missed.\n\n"
        "**The denominators differ.** One-vs-rest accuracy divides by all {total} {total:image|images}. {tn} of "
        "them {tn:is a true negative|are true negatives} (another class, and not predicted as “{name}”), so the misses "
        "hardly show. Always predicting “not "
        "{name}” already gives a one-vs-rest accuracy of {always_no}.",
    ),
    "lesson_misleading.link": ("「{name}」の見逃しを見る", "See the misses of “{name}”"),
    "lesson_misleading.none": (
        "どのクラスでも、一対他の正解率は再現率を上回っていません。",
        "For no class is the one-vs-rest accuracy above its recall.",
    ),
}
