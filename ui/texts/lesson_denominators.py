"""Owns the words of the lesson on denominators."""

TEXTS = {
    "lesson_denominators.title": (
        "どの画像のうち？ 再現率と適合率の分母",
        "Out of which images? Recall and precision",
    ),
    "lesson_denominators.line": (
        "再現率と適合率は、どの画像を分母にした割合でしょう。行列を押して答えます。",
        "Recall and precision: shares of which images? Click the answer in the matrix.",
    ),
    "lesson_denominators.question": (
        "「{name}」を正しく {name} と予測したのは **{tp} 枚**。これを何枚で割ると、再現率 Recall や適合率 Precision になるでしょう。",
        "**{tp} {tp:image|images}** of “{name}” {tp:was|were} predicted as “{name}”. By which images is that divided "
        "for recall, and for precision?",
    ),
    "lesson_denominators.recall": (
        "**再現率** ＝ {tp} ÷ **？** — 「？」の画像を、行列で押してください。",
        "**Recall** = {tp} ÷ **?** — click in the matrix what “?” stands for.",
    ),
    "lesson_denominators.precision": (
        "**適合率** ＝ {tp} ÷ **？** — こんどの「？」の画像は、どれでしょう。",
        "**Precision** = {tp} ÷ **?** — and now, which images?",
    ),
    "lesson_denominators.hint": (
        "行や列の見出し、セル、左上の角（対角線）、右下の合計を押せます。",
        "Click a heading of a row or column, a cell, the corner (the diagonal), or the total.",
    ),
    "lesson_denominators.row": ("行「{truth}」", "row “{truth}”"),
    "lesson_denominators.column": ("列「{predicted}」", "column “{predicted}”"),
    "lesson_denominators.cell": (
        "行「{truth}」・列「{predicted}」のセル",
        "the cell in row “{truth}”, column “{predicted}”",
    ),
    "lesson_denominators.diagonal": ("対角線", "the diagonal"),
    "lesson_denominators.errors": ("対角線の外", "everything off the diagonal"),
    "lesson_denominators.everything": ("すべての画像", "all images"),
    "lesson_denominators.why": (
        "**再現率の分母は、行「{name}」：** 正解が {name} の {support} 枚。そのうち {tp} 枚を見つけました。"
        "{tp} ÷ {support} = **{recall}**\n\n"
        "**適合率の分母は、列「{name}」：** {name} と予測した {predicted} 枚。そのうち {tp} 枚は正解も {name} でした。"
        "{tp} ÷ {predicted} = **{precision}**",
        "**Recall divides by row “{name}”:** {support} {support:image|images} with true class “{name}”, of which {tp} "
        "{tp:was|were} found. {tp} ÷ {support} = **{recall}**\n\n"
        "**Precision divides by column “{name}”:** {predicted} {predicted:image|images} predicted as “{name}”, of which "
        "{tp} {tp:has|have} that true class. {tp} ÷ {predicted} = **{precision}**",
    ),
    "lesson_denominators.link": ("クラス別で見る", "See it class by class"),
    "lesson_denominators.none": (
        "再現率と適合率の両方が定義できるクラスがありません。",
        "There is no class of which both recall and precision are defined.",
    ),
}
