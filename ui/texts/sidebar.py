"""Owns the words of the sidebar."""

TEXTS = {
    "sidebar.language": ("表示言語", "Language"),
    "sidebar.dataset": ("データセット", "Data set"),
    "sidebar.run": ("チェックポイント", "Checkpoint"),
    "sidebar.run.help": (
        "チェックポイントは学習済みモデルのことです。",
        "A checkpoint is a trained model.",
    ),
    "sidebar.epoch": ("エポック", "Epoch"),
    "sidebar.epoch.help": (
        "どのエポックが終わった時点の結果を見るか。テストの成績が最もよいエポックを選んで報告すると、"
        "テスト画像で選んだことになり、成績は実力より良く見えます。",
        "After which epoch to look at the model. Do not report the epoch that does best on the test images: it "
        "would be chosen by them, and look better than it is.",
    ),
    "sidebar.epoch_of": ("{epoch} / {epochs}", "{epoch} of {epochs}"),
    "sidebar.one_epoch": ("エポック {epoch}", "Epoch {epoch}"),
}
