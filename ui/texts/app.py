"""Owns the words of the application as a whole: its title, its languages, and what a page is about."""

TEXTS = {
    "app.title": (
        "手書き数字分類モデルの評価ダッシュボード",
        "Evaluation dashboard for handwritten digit classifiers",
    ),
    "app.japanese": ("日本語", "日本語"),
    "app.english": ("English", "English"),
    "app.subject": (
        "{dataset} ・ {run} ・ エポック {epoch} / {epochs} ・ テスト画像 {total} 枚",
        "{dataset} · {run} · epoch {epoch} of {epochs} · {total} test {total:image|images}",
    ),
}
