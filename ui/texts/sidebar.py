"""Owns the words of the sidebar."""

TEXTS = {
    "sidebar.language": ("表示言語", "Language"),
    "sidebar.dataset": ("データセット", "Data set"),
    "sidebar.run": ("チェックポイント", "Checkpoint"),
    "sidebar.run.help": (
        "チェックポイントは、保存してある学習済みモデルです。名前は「モデル・設定・シード」の順です。どの時点の重"
        "みかは、下のエポックで選びます。",
        "A checkpoint is a stored trained model, named by model, settings and seed. The epoch below says at "
        "which moment of its training.",
    ),
    "sidebar.epoch": ("エポック", "Epoch"),
    "sidebar.epoch.help": (
        "何エポック目が終わった時点のモデルを見るか。学習し直すのではなく、保存した結果を切り替えます。どのページ"
        "にも効きます。テストの成績が最もよいエポックを選んで報告すると、テスト画像で選んだことになり、成績は実力"
        "より良く見えます。",
        "The epoch after which the model is shown, on every page. Nothing is trained again: the pages switch between "
        "stored results. Do not report the epoch that does best on the test images: chosen by them, it looks better "
        "than it is.",
    ),
    "sidebar.epoch_of": ("{epoch} / {epochs}", "{epoch} of {epochs}"),
    "sidebar.one_epoch": ("エポック {epoch}", "Epoch {epoch}"),
}
