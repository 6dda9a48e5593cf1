"""Owns the words of the frame: the application, the sidebar, the gallery and the detail of one image."""

TEXTS = {
    "app.title": ("手書き数字の評価ダッシュボード", "Evaluation dashboard for handwritten digits"),
    "app.japanese": ("日本語", "日本語"),
    "app.english": ("English", "English"),
    "app.subject": (
        "{dataset} ・ {run} ・ エポック {epoch} / {epochs} ・ テスト画像 {total} 枚",
        "{dataset} · {run} · epoch {epoch} of {epochs} · {total} test {total:image|images}",
    ),
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
    "run.name": ("{model}・{recipe}・シード {seed}", "{model} · {recipe} · seed {seed}"),
    "run.custom": ("独自設定", "own settings"),
    "run.unfinished": ("{name}（途中まで）", "{name} (unfinished)"),
    "class.all": ("すべて", "all"),
    "gallery.grid": ("画像の一覧", "Images"),
    "gallery.empty": ("該当する画像はありません。", "No images here."),
    "gallery.caption": ("{truth}→{predicted} {confidence}", "{truth}→{predicted} {confidence}"),
    "gallery.label": (
        "画像 {index}：正解は {truth}、予測は {predicted}、確信度 {confidence}",
        "Image {index}: true class {truth}, predicted {predicted}, confidence {confidence}",
    ),
    "gallery.legend": (
        "画像の下：正解→予測と確信度（予測したクラスの確率）。",
        "Under each image: true class→predicted class and confidence (the probability of the predicted class).",
    ),
    "gallery.order": ("確信度の高い順。", "Most confident first."),
    "detail.right": ("正しく分類", "Classified correctly"),
    "detail.wrong": ("誤分類", "Misclassified"),
    "detail.truth": ("正解", "True class"),
    "detail.predicted": ("予測", "Predicted class"),
    "detail.index": ("テスト画像の番号 {index}", "Test image number {index}"),
    "detail.probabilities": ("クラスごとの確率", "Probability of each class"),
    "detail.previous": ("← 前へ", "← Previous"),
    "detail.next": ("次へ →", "Next →"),
    "detail.position": ("{position} / {total} 枚", "{position} of {total}"),
}
