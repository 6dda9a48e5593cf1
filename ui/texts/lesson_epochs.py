"""Owns the words of the lesson on the epochs of a training."""

TEXTS = {
    "lesson_epochs.title": ("学習の経過", "The epoch film"),
    "lesson_epochs.line": (
        "エポックを重ねると、正しく分類できる画像は増えるだけでしょうか。",
        "Does each epoch only add images that are classified correctly?",
    ),
    "lesson_epochs.question": (
        "正しく分類した画像は {total} 枚のうち、エポック {first} で **{before} 枚**、エポック {last} で **{after} 枚**。では、"
        "エポック {first} では正しく、{last} では**誤って**分類された画像は何枚でしょう。",
        "Of {total} {total:image|images}, **{before}** {before:was|were} classified correctly at epoch {first}, and "
        "**{after}** at epoch {last}. How many were right at epoch {first} and **wrong** at epoch {last}?",
    ),
    "lesson_epochs.option": ("{count} 枚", "{count} {count:image|images}"),
    "lesson_epochs.why": (
        "**{learned} 枚**を覚え、**{forgotten} 枚**を忘れました（{before} + {learned} − {forgotten} = {after}）。"
        "重みはどの画像にも共通なので、ある画像のために直すと、ほかの画像の予測も変わります。1 エポックごとに見ると、"
        "{steps} 回で、のべ {on_the_way} 枚を忘れています。",
        "**{learned}** {learned:was|were} newly learned, and **{forgotten}** {forgotten:was|were} forgotten ({before} + "
        "{learned} − {forgotten} = {after}). All images share the same weights: a step that helps one image changes the "
        "predictions for others, too. Counted from epoch to epoch, {on_the_way} {on_the_way:image was|images were} "
        "forgotten in {steps} {steps:step|steps}.",
    ),
    "lesson_epochs.link": ("学習曲線を見る", "See the learning curves"),
    "lesson_epochs.play": ("再生", "Play"),
    "lesson_epochs.pause": ("停止", "Pause"),
    "lesson_epochs.slider": ("エポック", "Epoch"),
    "lesson_epochs.told": (
        "エポック {epoch}：{total} 枚のうち {correct} 枚（正解率 {accuracy}）",
        "Epoch {epoch}: {correct} of {total} (accuracy {accuracy})",
    ),
    "lesson_epochs.matrix": ("このエポックの混同行列", "The confusion matrix at this epoch"),
    "lesson_epochs.cell": (
        "正解 {truth}、予測 {predicted}：{count} 枚",
        "true class {truth}, predicted {predicted}: {count}",
    ),
    "lesson_epochs.recalls": ("クラスごとの再現率 Recall（{low}〜100%）", "Recall of each class ({low} to 100%)"),
    "lesson_epochs.learned": (
        "エポック {before} のあとに覚えた画像：{count} 枚",
        "Learned since epoch {before}: {count}",
    ),
    "lesson_epochs.forgotten": (
        "エポック {before} のあとに忘れた画像：{count} 枚",
        "Forgotten since epoch {before}: {count}",
    ),
    "lesson_epochs.learned.image": ("{truth}（前は {predicted}）", "{truth} (was {predicted})"),
    "lesson_epochs.forgotten.image": ("{truth}（今は {predicted}）", "{truth} (now {predicted})"),
    "lesson_epochs.learned.label": (
        "正解 {truth}、前のエポックの予測は {predicted}",
        "true class {truth}, predicted {predicted} at the epoch before",
    ),
    "lesson_epochs.forgotten.label": (
        "正解 {truth}、このエポックの予測は {predicted}",
        "true class {truth}, predicted {predicted} at this epoch",
    ),
}
