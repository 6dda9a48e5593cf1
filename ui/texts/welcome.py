"""Owns the words of the page without a checkpoint."""

TEXTS = {
    "welcome.body": (
        "チェックポイント（学習済みモデル）がまだありません。下のボタンで入門用の 2 つのモデルを学習できます。"
        "1〜2 分ほどかかります。MNIST が使えないときは、scikit-learn に入っている手書き数字（digits）を使います。",
        "There is no checkpoint (trained model) yet. The button below trains two starter models. It takes a minute or "
        "two. Where MNIST is not available, the handwritten digits that come with scikit-learn are used.",
    ),
    "welcome.missing": (
        "結果を保存するフォルダー {folder} がありません。以前の結果があるはずなら、ディスクがつながっているか、"
        "MNISTCORE_ARTIFACTS の値が正しいかを確かめてください。はじめて使うときは、学習すると自動的に作られます。",
        "The folder for results, {folder}, is not there. If there should be results already, check that its disk is "
        "mounted and that MNISTCORE_ARTIFACTS names the right one. On a first start, training makes it.",
    ),
    "welcome.folder": ("チェックポイントの保存先：{folder}", "Checkpoints are kept in {folder}"),
    "welcome.command": ("コマンドでも学習できます：", "Or on the command line:"),
    "welcome.start": ("入門用モデルを学習する", "Train the starter models"),
    "welcome.training": (
        "モデルや設定を自分で選んで学習する →",
        "Or choose the model and its settings yourself →",
    ),
    "welcome.running": ("学習しています…", "Training…"),
    "welcome.failed": ("学習できませんでした。", "The training did not succeed."),
    "welcome.reason": (
        "学習が次の理由で止まりました。直してから、もう一度ボタンを押してください。",
        "The training stopped for this reason. Put it right, then press the button again.",
    ),
    "welcome.done": ("学習が終わりました。", "The training is done."),
}
