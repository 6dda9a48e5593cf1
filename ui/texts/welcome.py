"""Owns the words of the page without a checkpoint."""

TEXTS = {
    "welcome.body": (
        "チェックポイント（学習済みモデル）がまだありません。下のボタンで入門用の 2 つのモデルを学習できます。"
        "1〜2 分ほどかかります。MNIST がこのサーバーにないときは、scikit-learn に入っている手書き数字（digits）を使います。",
        "There is no checkpoint (trained model) yet. The button below trains two starter models. It takes a minute or "
        "two. Where MNIST is not on this server, the handwritten digits that come with scikit-learn are used.",
    ),
    "welcome.missing": (
        "結果を保存するフォルダー {folder} がありません。以前の結果があるはずなら、ディスクがつながっているか、"
        "MNISTCORE_ARTIFACTS の値が正しいかを確かめてください。はじめて使うときは、学習すると自動的に作られます。",
        "The folder for results, {folder}, is not there. If there should be results already, check that its disk is "
        "mounted and that MNISTCORE_ARTIFACTS names the right one. On a first start, training makes it.",
    ),
    "welcome.folder": ("チェックポイントの保存先：{folder}", "Checkpoints are kept in {folder}"),
    "welcome.command": (
        "コマンドでも学習できます（必要なら MNIST をダウンロードします）：",
        "Or on the command line, which downloads MNIST if it is not here:",
    ),
    "welcome.start": ("入門用モデルを学習する", "Train the starter models"),
    "welcome.training": (
        "モデルや設定を自分で選んで学習する →",
        "Or choose the model and its settings yourself →",
    ),
    "welcome.running": (
        "入門用モデルを学習しています。最初のモデルの学習が終わると、このページに結果が表示されます。",
        "The starter models are being trained. This page shows the results as soon as the first one is done.",
    ),
    "welcome.watch": ("学習の様子を見る →", "Watch the training →"),
    "welcome.reason": (
        "学習が次の理由で止まりました。直してから、もう一度ボタンを押してください。",
        "The training stopped for this reason. Put it right, then press the button again.",
    ),
}
