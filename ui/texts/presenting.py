"""Owns the words of the presenter mode."""

TEXTS = {
    "presenting.enter": ("発表モード（P キー）", "Presenter mode (P key)"),
    "presenting.leave": ("発表モードを終わる（P キー）", "Leave presenter mode (P key)"),
    "presenting.help": (
        "大きな文字で、ページだけを映します。クラスは ← → と数字のキーで、表示する部分は PageDown と PageUp で切り替えます。",
        "The page alone, in large letters. Classes: ← → and digits; PageDown and PageUp: the next part of the page, the one before.",
    ),
}
