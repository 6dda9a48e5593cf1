"""Owns the words of the lesson on wrong labels."""

TEXTS = {
    "lesson_doubtful_labels.title": ("ラベルの誤り", "Wrong labels"),
    "lesson_doubtful_labels.line": (
        "正解のラベルがまちがっていたら、数値はどうなるでしょう。",
        "What becomes of the numbers if the labels themselves are wrong?",
    ),
    "lesson_doubtful_labels.question": (
        "5 人がテスト画像を見て投票し、**{changed} 枚**（下）は過半数が別のラベルを選びました。ほかに **{undecided} 枚**は"
        "過半数がありません。{changed} 枚のラベルを直し、{undecided} 枚を除くと、誤分類は **{before} 枚**から何枚になるでしょう。",
        "Five people voted on test images: for **{changed}** (below) most of them chose another label, and for "
        "**{undecided}** more there was no majority. "
        "With those {changed:label|labels} changed and the undecided left out, how many of the **{before} misclassified "
        "{before:image|images}** remain?",
    ),
    "lesson_doubtful_labels.option": ("{count} 枚", "{count} {count:image|images}"),
    "lesson_doubtful_labels.vote": (
        "ラベル {given} → {suggested}\n{raters} 人中 {count} 人",
        "label {given} → {suggested}\n{count} of {raters} people",
    ),
    "lesson_doubtful_labels.predicted": ("予測 {predicted}", "predicted {predicted}"),
    "lesson_doubtful_labels.labels": ("数値に使うラベル", "Numbers with"),
    "lesson_doubtful_labels.labels.voted": ("投票で直したラベル", "the voted labels"),
    "lesson_doubtful_labels.labels.given": ("MNIST のラベル", "MNIST’s labels"),
    "lesson_doubtful_labels.of": ("{total} 枚中 {count} 枚", "{count} of {total}"),
    "lesson_doubtful_labels.why": (
        "誤分類は **{before} 枚から {after} 枚**になりました。モデルが過半数と同じクラスを予測していた画像は、正しく分類した"
        "ことになり、MNIST のラベルどおりだった画像は、誤分類になります。\n\n"
        "**投票は意見であって、真実ではありません。** 見たのは、別のモデルが疑った 100 枚だけです。2 つのモデルの差が"
        "数枚なら、ラベルの疑わしさに埋もれます。\n\n"
        ":small[出典：{source}（[cleanlab/label-errors]({address})、Apache-2.0）]",
        "**{before} became {after}.** Where the model predicted what most people saw, it is right now; where it predicted "
        "what MNIST says, it is misclassified.\n\n"
        "**Votes are opinions, not the facts.** People looked only at the 100 images that another model doubted. A few "
        "images between two models are less than the doubt in the labels.\n\n"
        ":small[Source: {source} ([cleanlab/label-errors]({address}), Apache-2.0)]",
    ),
    "lesson_doubtful_labels.link": ("誤分類の一覧を見る", "See the misclassified images"),
    "lesson_doubtful_labels.mnist_only": (
        "この授業は、MNIST のテスト画像だけのものです（投票はその画像について行われました）。",
        "This lesson is about MNIST’s test images only: those were voted on.",
    ),
}
