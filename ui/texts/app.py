"""Owns the words of the application as a whole: its title, its languages, and what a page is about."""

TEXTS = {
    "app.title": (
        "手書き数字分類モデルの評価ダッシュボード",
        "Evaluation dashboard for handwritten digit classifiers",
    ),
    "app.japanese": ("日本語", "日本語"),
    "app.english": ("English", "English"),
    "role.viewer": (
        "閲覧専用で開いています。ページはすべて見て操作できますが、学習の開始と終了、モデルの保存、"
        "メモリの解放ができるのは、このダッシュボードの管理者だけです。",
        "You are here as a viewer: look at every page and click through it. Starting and ending training runs, "
        "keeping models and releasing memory are up to the owner of this dashboard.",
    ),
    "role.owners": ("ダッシュボードの管理者だけが操作できます。", "Only the owner of this dashboard can do this."),
    "app.subject": (
        "{dataset} ・ {run} ・ エポック {epoch} / {epochs} ・ テスト画像 {total} 枚",
        "{dataset} · {run} · epoch {epoch} of {epochs} · {total} test {total:image|images}",
    ),
}
