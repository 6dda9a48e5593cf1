"""Owns the words of how a run is called."""

TEXTS = {
    "run.own_dataset": ("持ち込みのデータ", "brought from elsewhere"),
    "run.name": ("{model}・{recipe}・シード {seed}", "{model} · {recipe} · seed {seed}"),
    "run.changed.epochs": ("{value} エポック", "{value} {value:epoch|epochs}"),
    "run.changed.batch_size": ("バッチサイズ {value}", "batch size {value}"),
    "run.changed.optimizer": ("最適化手法 {value}", "optimiser {value}"),
    "run.changed.learning_rate": ("学習率 {value}", "learning rate {value}"),
    "run.changed.weight_decay": ("重み減衰 {value}", "weight decay {value}"),
    "run.changed.betas": ("ベータ {value}", "betas {value}"),
    "run.changed.schedule": ("学習率の変え方 {value}", "schedule {value}"),
    "run.changed.label_smoothing": ("ラベル平滑化 {value}", "label smoothing {value}"),
    "run.changed.augmentation": ("画像の変形 {value}", "augmentation {value}"),
    "run.changed.labels": ("シャッフルしたラベル", "shuffled labels"),
    "run.changed.averaging": ("重みの平均 {value}", "averaging {value}"),
    "run.made": ("{moment} UTC 作成", "made {moment} UTC"),
    "run.unfinished": ("{name}（途中まで）", "{name} (unfinished)"),
}
