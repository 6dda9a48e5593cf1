"""Owns the words of the training page, the largest page: form, before the start, live view, list; texts only."""

TEXTS = {
    "training.name": ("学習", "Training"),
    "training.title": (
        "モデルの学習",
        "Train a model",
    ),
    "training.intro": (
        "設定を選んで「学習を始める」を押します。学習はサーバーの別のプロセスで進むので、ページを閉じても、ダッシ"
        "ュボードが再起動しても続きます。",
        "Choose the settings, then press “Start training”. A training run has a process of its own on the "
        "server, so it continues when you close the page, and when the dashboard is restarted.",
    ),
    # ---- the form
    "training.dataset": ("データセット", "Data set"),
    "training.dataset.note": (
        "学習画像 {count} 枚、{classes} クラス。",
        "{count} training {count:image|images} in {classes} {classes:class|classes}.",
    ),
    "training.dataset.away": (
        "学習画像 {count} 枚、{classes} クラス。このサーバーにはまだないので、最初にダウンロードします。",
        "{count} training {count:image|images} in {classes} {classes:class|classes}. Not on this server yet: it "
        "is downloaded first.",
    ),
    "training.model": ("モデル", "Model"),
    "training.model.linear": (
        "画素に重みを掛けて足すだけの、最も単純な分類器。比べる基準になります。",
        "Weights for each pixel, added up, and nothing else: the simplest classifier, to compare others with.",
    ),
    "training.model.mlp": (
        "授業の演習のモデル。全結合層を 3 つ重ねたもの。",
        "The lab exercise’s model: three fully connected layers.",
    ),
    "training.model.cnn": (
        "小さな畳み込みネットワーク。CPU でも速く、正解率も高めです。",
        "A small convolutional network: quick on a CPU, too, with a high accuracy.",
    ),
    "training.model.resnet": (
        "スキップ接続のある畳み込みネットワーク。最も正確ですが、CPU では時間がかかります。",
        "Convolutions with skip connections: the most accurate, and slow on a CPU.",
    ),
    "training.preset": ("プリセット（設定の組）", "Preset"),
    "training.preset.handout": (
        "授業の演習と同じ設定：5 エポック、バッチサイズ 64、Adam、学習率 0.001。",
        "The recipe of the lab exercise: 5 epochs, batch size 64, Adam, learning rate 0.001.",
    ),
    "training.preset.quick": (
        "できるだけ短い時間で。授業中に試すならこれ。",
        "As short as possible: what to try in class.",
    ),
    "training.preset.standard": (
        "画像を少しずつ変えながら長めに学習。時間と成績のつり合いがとれています。",
        "Longer, on slightly changed images: a balance of time and result.",
    ),
    "training.preset.best": (
        "時間をかけて最高の成績をねらいます。GPU か、待てるときに。",
        "Aims for the best result and takes its time: for a GPU, or when you can wait.",
    ),
    "training.details": ("詳細設定", "Details"),
    "training.details.changed": (
        "詳細設定（プリセットから {count} 項目を変更）",
        "Details ({count} changed from the preset)",
    ),
    "training.details.reset": ("プリセットの値に戻す", "Back to the preset’s values"),
    "training.field.epochs": ("エポック数", "Epochs"),
    "training.field.epochs.note": (
        "すべての学習画像を何回くり返し見るか。",
        "How many times the model goes through all training images.",
    ),
    "training.field.batch_size": ("バッチサイズ", "Batch size"),
    "training.field.batch_size.note": (
        "重みを 1 回動かすごとに見る画像の枚数。大きいほど速いが、動かす回数は減る。",
        "Images seen for each change of the weights. Larger is faster, but means fewer changes.",
    ),
    "training.field.learning_rate": ("学習率", "Learning rate"),
    "training.field.learning_rate.note": (
        "1 回に重みを動かす幅。大きすぎると発散し、小さすぎるとなかなか進まない。",
        "How far the weights move at a time. Too large diverges, too small hardly moves.",
    ),
    "training.field.optimizer": ("最適化手法", "Optimiser"),
    "training.field.optimizer.note": (
        "損失が減る向きへ重みを動かす方法。",
        "The rule that moves the weights towards a smaller loss.",
    ),
    "training.field.schedule": ("学習率の変え方", "Schedule"),
    "training.field.schedule.note": (
        "学習の間に学習率をどう変えるか。",
        "How the learning rate changes in the course of the training.",
    ),
    "training.field.augmentation": ("画像の変形", "Augmentation"),
    "training.field.augmentation.note": (
        "学習画像を見るたびに少し変えて、丸暗記を防ぐ。",
        "Changes each training image a little every time, so that the model does not memorise it.",
    ),
    "training.field.averaging": ("重みの平均", "Averaging"),
    "training.field.averaging.note": (
        "重みの指数移動平均の減衰率。1 に近いほど、長い期間を平均する。0 なら平均しない。",
        "Decay of the moving average of the weights: the closer to 1, the more steps it covers; 0 turns it off.",
    ),
    "training.field.seed": ("シード", "Seed"),
    "training.field.seed.note": (
        "乱数の種。最初の重みや画像の順番を決める。同じマシンとデバイスで、設定もシードも同じなら、同じ結果になる。",
        "Decides all that is random, such as the first weights and the order of the images. On the same machine "
        "and device, the same settings with the same seed give the same result.",
    ),
    "training.field.device": ("デバイス", "Device"),
    "training.field.device.note": (
        "どこで計算するか。自動なら、GPU があれば GPU、なければ CPU。",
        "Where to compute. Automatic takes a GPU where there is one, else the CPU.",
    ),
    "training.device.asking": (
        "GPU を調べています（nvidia-smi の応答待ち）。見つかれば選べるようになります。",
        "Looking for GPUs: nvidia-smi has not replied yet. Those that it finds can then be chosen.",
    ),
    "training.option.adam": ("Adam（定番）", "Adam (the usual one)"),
    "training.option.adamw": ("AdamW（重みを小さく保つ）", "AdamW (keeps weights small)"),
    "training.option.sgd": ("SGD（最も基本的）", "SGD (the most basic)"),
    "training.option.constant": ("一定", "constant"),
    "training.option.onecycle": ("ワンサイクル（上げてから下げる）", "one cycle (up, then down)"),
    "training.option.cosine": ("コサイン（なめらかに下げる）", "cosine (smoothly down)"),
    "training.option.none": ("なし", "none"),
    "training.option.shift": ("平行移動", "shift"),
    "training.option.affine": ("平行移動・回転・拡大縮小", "shift, turn and scale"),
    "training.option.elastic": ("平行移動・回転・拡大縮小とゆがみ", "shift, turn, scale and bend"),
    "training.option.auto": ("自動", "automatic"),
    "training.accepts.whole": (
        "{low}〜{high} の整数を入れてください（「{value}」は使えません）。",
        "Expected a whole number from {low} to {high}, got “{value}”.",
    ),
    "training.accepts.images": (
        "{low}〜{high} の整数を入れてください（このデータセットの学習画像は {high} 枚。「{value}」は使えません）。",
        "Expected a whole number from {low} to {high}, the training images of this data set, got “{value}”.",
    ),
    "training.accepts.above": (
        "{low} より大きく {high} 以下の数を入れてください（「{value}」は使えません）。",
        "Expected a number above {low}, at most {high}, got “{value}”.",
    ),
    "training.accepts.below": (
        "{low} 以上 {high} 未満の数を入れてください（「{value}」は使えません）。",
        "Expected a number from {low} to below {high}, got “{value}”.",
    ),
    "training.accepts.options": (
        "{options} のどれかを選んでください（「{value}」は使えません）。",
        "Expected one of {options}, got “{value}”.",
    ),
    # ---- before the start
    "training.before": ("始める前に", "Before the start"),
    "training.before.steps": ("ステップ数", "Steps"),
    "training.before.steps.note": (
        "{images} 枚を {batch_size} 枚ずつ × {epochs} エポック。1 ステップごとに重みが 1 回動く。",
        "{epochs} {epochs:epoch|epochs} of {images} {images:image|images}, {batch_size} at a time. The weights "
        "move once a step.",
    ),
    "training.before.time": ("かかる時間の目安", "Estimated time"),
    "training.about": ("約 {time}", "about {time}"),
    "training.unknown": ("まだ不明", "not known yet"),
    "training.before.time.runs": (
        "このサーバーで行った似た学習 {count} 件から見積もりました（評価を含む）。準備に数秒加わります。",
        "Estimated from {count} similar training {count:run|runs} on this server, evaluation included. Getting "
        "ready adds a few seconds.",
    ),
    "training.before.time.reference": (
        "このモデルはこのサーバーではまだ学習されていないので、CPU 2 コアでの参考値から（評価を含む）。準備に数秒"
        "加わります。",
        "From reference figures for 2 CPU cores, evaluation included, as no such model was trained on this "
        "server yet. Getting ready adds a few seconds.",
    ),
    "training.before.time.unknown": (
        "このモデルは、このサーバーの GPU ではまだ学習されていません。GPU では CPU よりずっと速いのが普通です。",
        "No such model was trained on a GPU of this server yet. A GPU usually takes much less time than a CPU.",
    ),
    "training.before.device": ("デバイス", "Device"),
    "training.before.device.auto": ("{device}（自動）", "{device} (automatic)"),
    "training.before.device.most_free": ("GPU（自動）", "a GPU (automatic)"),
    "training.before.device.most_free.note": (
        "GPU {count} 台のうち、ほかの学習が使っていないものから、空きメモリの最も多いものを選びます。",
        "The one of {count} GPUs with most free memory, chosen first from those that no other training run uses.",
    ),
    "training.before.device.free": (
        "空いています。すぐに始まります。",
        "Free: training starts at once.",
    ),
    "training.before.device.busy": (
        "ほかの学習が {count} 件あります。終わるまで順番を待ちます。",
        "In use: {count} training {count:run is|runs are} ahead of this one. It waits for its turn.",
    ),
    "training.start": ("学習を始める", "Start training"),
    "training.start.faults": (
        "学習を始めるには、赤字の項目を直してください。",
        "Correct the fields marked in red, then start.",
    ),
    "training.remove": ("一覧から削除", "Remove"),
    "training.remove.kept": (
        "この学習の記録、ログ、再開点を削除します。元に戻せません。保存済みのチェックポイントは残ります。",
        "The record of this training run, its log and its resume point are removed for good. A stored checkpoint "
        "stays.",
    ),
    "training.remove.confirm": ("削除する", "Remove it"),
    "training.remove.failed": (
        "学習を削除できませんでした。",
        "The training run could not be removed.",
    ),
    "training.disk": (
        "ディスク：{quota} のうち {used} を使っています。",
        "Disk: {used} of {quota} are used.",
    ),
    "training.disk.nearly": (
        "ディスクの割り当てがもうすぐいっぱいです（{quota} のうち {used}）。要らない結果を "
        "`python -m mnistcore delete RUN` で削除してください。",
        "The disk's quota is nearly used up ({used} of {quota}). Delete runs that nobody needs: "
        "`python -m mnistcore delete RUN`.",
    ),
    "training.disk.full": (
        "ディスクの割り当てを使い切りました（{quota} のうち {used}）。新しい学習は始められません。要らない結果を "
        "`python -m mnistcore delete RUN` で削除するか、MNISTCORE_QUOTA_GB を大きくしてください。",
        "The disk's quota is used up ({used} of {quota}), so that no training starts. Delete runs that nobody needs, "
        "`python -m mnistcore delete RUN`, or raise MNISTCORE_QUOTA_GB.",
    ),
    "training.problems": (
        "読み込めない項目：{count} 件",
        "Entries that cannot be read: {count}",
    ),
    "training.problems.note": (
        "学習の記録のフォルダー（jobs）にある次のものは使えません。ほかの学習には影響しません。",
        "These are in the folder of the training runs (jobs) and cannot be used. Other training runs are not affected.",
    ),
    "training.cancel.failed": (
        "学習を中止できませんでした。",
        "The training run could not be stopped.",
    ),
    "training.earlier": (
        "前に学習した結果は、そのまま残っています（正解率 {accuracy}）。",
        "The result of the earlier training run is still there (accuracy {accuracy}).",
    ),
    "training.start.failed": (
        "学習を始められませんでした。",
        "Training could not be started.",
    ),
    "training.there.live": (
        "同じ設定の学習がすでに進行中です。「学習を見る」で様子を確かめられます（二重には始まりません）。",
        "A training run with the same settings is already in progress. Watch it instead: a second one is not started.",
    ),
    "training.there.complete": (
        "この設定は学習済みです（テスト画像での正解率 **{accuracy}**）。すぐに結果を見られます。",
        "A model was already trained with these settings: accuracy on the test images **{accuracy}**. Its "
        "results are there at once.",
    ),
    "training.there.resumable": (
        "この設定の学習は途中で止まっています（{done} / {steps} ステップ）。続きから再開できます。",
        "Training with these settings was interrupted after {done} of {steps} {steps:step|steps}. It can be "
        "resumed from there.",
    ),
    "training.watch": ("学習を見る", "Watch it"),
    "training.resume": ("続きから再開する", "Resume"),
    "training.anew": (
        "最初から学習し直す",
        "Retrain from the beginning",
    ),
    "training.matrix": (
        "混同行列を見る",
        "Open the confusion matrix",
    ),
    "training.overview": (
        "概要を見る",
        "Open the overview",
    ),
    # ---- the live view
    "training.other": (
        "← 新しい学習",
        "← New training run",
    ),
    "training.subject": ("{dataset} ・ {run} ・ {run_id}", "{dataset} · {run} · {run_id}"),
    "training.state.waiting": ("順番待ち", "Waiting"),
    "training.state.starting": ("準備中", "Getting ready"),
    "training.state.training": ("学習中", "Training"),
    "training.state.stopping": (
        "中止しています",
        "Stopping",
    ),
    "training.state.complete": ("完了", "Complete"),
    "training.state.interrupted": ("中断", "Interrupted"),
    "training.state.failed": ("失敗", "Failed"),
    "training.says.waiting": (
        "{device} が空くのを待っています（{place} 番目）。空きしだい自動で始まります。",
        "Waiting for {device} at place {place} of the queue. Starts automatically.",
    ),
    "training.says.starting": (
        "プログラムと画像を読み込んでいます（数秒かかります）。",
        "Loading the program and the images, which takes a few seconds.",
    ),
    "training.says.training": (
        "{device} で学習しています。ページを閉じても続きます。",
        "Training on {device}. It continues when you close this page.",
    ),
    "training.says.stopping": (
        "今のステップが終わりしだい止まります。そこまでの結果は残ります。",
        "Stops after the current step. What was trained so far is kept.",
    ),
    "training.says.complete": (
        "最後のエポックまで学習し、結果を保存しました。",
        "Trained to the last epoch; the results are stored.",
    ),
    "training.says.interrupted": (
        "最後のエポックまで進まずに終わりました。",
        "Ended before its last epoch.",
    ),
    "training.says.failed": ("エラーで終わりました。", "Ended with an error."),
    "training.progress": ("{done} / {steps} ステップ（{share}）", "{done} of {steps} {steps:step|steps} ({share})"),
    "training.progress.left": (
        "{done} / {steps} ステップ（{share}）・残り約 {left}",
        "{done} of {steps} {steps:step|steps} ({share}), about {left} left",
    ),
    "training.progress.unknown": (
        "まだ始まっていません",
        "Not started yet",
    ),
    "training.card.epoch": ("エポック", "Epoch"),
    "training.card.epoch.value": ("{epoch} / {epochs}", "{epoch} of {epochs}"),
    "training.card.epoch.note": (
        "学習画像をひと回り見ると 1 エポック。",
        "One epoch is one pass through all training images.",
    ),
    "training.card.accuracy": ("検証画像での正解率", "Validation accuracy"),
    "training.card.accuracy.note": (
        "エポック {epoch} の終わりに測定。損失は {loss}。",
        "Measured at the end of epoch {epoch}. Loss {loss}.",
    ),
    "training.card.accuracy.none": (
        "最初のエポックの終わりに測ります。",
        "Measured at the end of the first epoch.",
    ),
    "training.card.speed": ("1 秒あたりの画像", "Images per second"),
    "training.card.speed.note": (
        "学習した枚数。始めてから {time}間の平均。",
        "Images trained on; the mean over {time}.",
    ),
    "training.card.memory": (
        "使用メモリ",
        "Memory used",
    ),
    "training.card.memory.note": (
        "{device} のメモリ。学習が終わると解放されます。",
        "Of {device}. Released when training ends.",
    ),
    "training.card.memory.returned": (
        "解放済み",
        "Released",
    ),
    "training.account": (
        "アカウント {account} の学習です。見ることはできますが、中止・再開・削除ができるのは {account} だけです。",
        "This training run belongs to the account {account}: it is shown here, and only {account} can stop, resume or "
        "remove it.",
    ),
    "training.cancel": (
        "中止する",
        "Stop training",
    ),
    "training.kill": (
        "強制終了",
        "Force stop",
    ),
    "training.again": ("もう一度始める", "Start again"),
    "training.done": (
        "学習が終わりました。テスト画像での正解率は **{accuracy}** です。",
        "Done. Accuracy on the test images: **{accuracy}**.",
    ),
    "training.part": (
        "中断までの結果を保存してあります（エポック {epoch} まで、テスト画像での正解率 **{accuracy}**）。",
        "The model trained until then is kept: up to epoch {epoch}, accuracy on the test images **{accuracy}**.",
    ),
    "training.part.first": (
        "中断までの結果を保存してあります（最初のエポックの {share} まで、テスト画像での正解率 **{accuracy}**）。",
        "The model trained until then is kept: {share} of the first epoch, accuracy on the test images **{accuracy}**.",
    ),
    "training.resumable": (
        "最後の再開点から再開できます。CPU なら、途中で止めなかったときと同じ結果になります。",
        "It can be resumed from its last resume point. On the CPU it then ends as if it had never been interrupted.",
    ),
    "training.warnings": (
        "学習中の注意",
        "Warnings during training",
    ),
    "training.log": ("ログ（新しい順）", "Log, newest first"),
    "training.log.empty": ("まだ何も書かれていません。", "Nothing written yet."),
    "training.failed.NonFiniteLossError": (
        "損失が NaN または無限大になりました（発散）。学習率を小さくしてやり直してください。",
        "The loss became NaN or infinite (training diverged). Use a smaller learning rate.",
    ),
    "training.failed.DeviceError": (
        "デバイスが使えないか、メモリが足りません。ほかの学習を中止するか、バッチサイズを小さくするか、CPU を選ん"
        "でください。",
        "The device is not available or has no memory left. Stop other training runs, use a smaller batch size, "
        "or the CPU.",
    ),
    "training.failed.DataUnavailableError": (
        "データセットがこのサーバーになく、ダウンロードもできませんでした。digits ならダウンロードなしで使えます。",
        "The data set is not on this server and could not be downloaded. digits needs no download.",
    ),
    "training.failed.DataDamagedError": (
        "データセットのファイルが壊れています。",
        "A file of the data set is damaged.",
    ),
    "training.failed.StoreWriteError": (
        "結果を保存できませんでした。ディスクの空きか、書き込みの許可を確かめてください。",
        "The results could not be written. See whether the disk is full or read-only.",
    ),
    "training.failed.ConfigError": ("設定の値が使えません。", "A setting cannot be used."),
    "training.failed.other": (
        "予期しないエラーです。ログを見てください。",
        "An unexpected error. See the log.",
    ),
    # ---- the list
    "training.list": (
        "最近の学習",
        "Recent training runs",
    ),
    "training.list.none": (
        "まだ学習はありません。",
        "No training runs yet.",
    ),
    "training.list.show": ("見る", "Watch"),
    "training.list.progress": ("{done} / {steps} ステップ", "{done} of {steps} {steps:step|steps}"),
}
