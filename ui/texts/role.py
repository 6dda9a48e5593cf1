"""Owns the words for who only looks."""

TEXTS = {
    "role.viewer": (
        "閲覧専用で開いています。ページはすべて見て操作できますが、学習の開始と終了、モデルの保存、"
        "メモリの解放ができるのは、このダッシュボードの管理者だけです。",
        "You are here as a viewer: look at every page and click through it. Starting and ending training runs, "
        "keeping models and releasing memory are up to the owner of this dashboard.",
    ),
    "role.owners": ("ダッシュボードの管理者だけが操作できます。", "Only the owner of this dashboard can do this."),
}
