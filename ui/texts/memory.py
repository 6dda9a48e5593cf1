"""Owns the words of the memory page."""

TEXTS = {
    "memory.name": ("GPUメモリの解放", "Giving memory back"),
    "memory.title": ("GPUメモリの解放", "Giving memory back"),
    "memory.intro": (
        "GPU のメモリはみんなで使うものです。ここでは、どの学習やモデルが、どのデバイスのメモリをどれだけ使っているかが"
        "わかり、使い終わったものをその場で解放できます。表示は 2 秒ごとに新しくなります。",
        "A GPU’s memory is shared by everybody on the server. This page shows which training and which model holds how "
        "much of which device, and gives back what is no longer needed. It is refreshed every 2 seconds.",
    ),
    "memory.gpu.none": (
        "このコンピューターでは GPU が見つかりません。学習も推論も CPU で動くので、下には CPU とそのメモリを表示しています。",
        "No GPU was found on this machine. Training and inference run on the CPU; its memory is shown below.",
    ),
    "memory.gpu.failed": (
        "GPU の状態を調べられませんでした（nvidia-smi が失敗しました）。下の表示は CPU とそのメモリだけです。"
        "しばらくすると自動的に調べ直します。",
        "The GPUs could not be read: nvidia-smi failed. Only the CPU and its memory are shown below. It is tried again "
        "by itself.",
    ),
    "memory.gpu.asking": (
        "GPU の状態を調べています（nvidia-smi の応答を待っています）。わかりしだい、ここに表示します。",
        "Reading the state of the GPUs: nvidia-smi has not replied yet. They are shown here as soon as it has.",
    ),
    "memory.gpu.age": (
        "GPU の表示は {seconds} 秒前の状態です。",
        "The GPU figures are {seconds} s old.",
    ),
    "memory.gpu.silent": (
        "nvidia-smi が応答しません。GPU の表示は {seconds} 秒前の状態です。しばらくすると自動的に調べ直します。",
        "nvidia-smi does not answer. The GPU figures are {seconds} s old. It is tried again by itself.",
    ),
    "memory.gpu.hidden": (
        "GPU はありますが、環境変数 CUDA_VISIBLE_DEVICES により使えないように設定されています。"
        "下には CPU とそのメモリを表示しています。",
        "There are GPUs, but the variable CUDA_VISIBLE_DEVICES lets none of them be used. Below is the CPU with its "
        "memory.",
    ),
    "memory.device": ("{name}：{title}", "{name}: {title}"),
    "memory.device.unnamed": ("デバイス {name}", "Device {name}"),
    "memory.used": ("{total} のうち {used} を使用中（{share}）", "{used} of {total} in use ({share})"),
    "memory.total": ("全体で {total}。使用量はわかりません。", "{total} in all. How much is in use is not known."),
    "memory.unknown": (
        "メモリの大きさと使用量はわかりません。",
        "Its memory, and how much of it is in use, is not known.",
    ),
    "memory.part.training": ("学習 {size}", "trainings {size}"),
    "memory.part.model": ("読み込み済みのモデル {size}", "loaded models {size}"),
    "memory.part.others": ("その他 {size}", "others {size}"),
    "memory.nobody": (
        "このダッシュボードの学習やモデルは、ここのメモリを使っていません。",
        "No training and no model of this dashboard holds any of it.",
    ),
    "memory.training": ("学習", "Training"),
    "memory.model": ("モデル", "Model"),
    "memory.state.waiting": ("順番待ち", "waiting for its turn"),
    "memory.state.starting": ("準備中", "getting ready"),
    "memory.state.training": ("学習中", "under way"),
    "memory.state.stopping": ("終了しています…", "ending…"),
    "memory.process": ("プロセス {pid}", "process {pid}"),
    "memory.leaves": (
        "使われなければあと {seconds} 秒で自動的に解放",
        "leaves by itself in {seconds} s unless used",
    ),
    "memory.end": ("学習を終了", "End training"),
    "memory.end.kept": (
        "次のステップの区切りで終わります。そこまでの学習は「中断」したチェックポイントとして残り、あとで続きから再開できます。"
        "ほかの人が始めた学習かもしれません。確かめてから終了してください。",
        "It ends at the next step. What it has learned so far is kept as an interrupted checkpoint, and it can be "
        "resumed from there. Somebody else may have started it: make sure before you end it.",
    ),
    "memory.end.queued": (
        "まだ始まっていない学習です。順番待ちから外れます。ほかの人が始めた学習かもしれません。確かめてから終了してください。",
        "This training has not begun: it leaves the queue. Somebody else may have started it: make sure before you "
        "end it.",
    ),
    "memory.end.confirm": ("この学習を終了する", "End this training"),
    "memory.kill": ("すぐに終わらせる", "End it at once"),
    "memory.kill.kept": (
        "終了を待っても終わらないときに使います。プロセスをその場で止めます。最後の再開点（長くても 30 秒前）は残り、"
        "そこから再開できます。ノートブックや、まとめて学習しているコマンドの場合は、そのプロセス全体が終わります。",
        "For a training that does not end when asked. Its process is taken away at once. The last resume point, at most "
        "30 seconds old, stays, and it can be resumed from there. A notebook, or a command that trains several, ends as a "
        "whole.",
    ),
    "memory.kill.confirm": ("プロセスを止める", "Take the process away"),
    "memory.release": ("モデルを解放", "Release model"),
    "memory.problem": ("解放を頼めませんでした。", "It could not be asked to give the memory back."),
    "memory.problem.kill": (
        "プロセスを止められませんでした。ほかのユーザーのプロセスか、もう終わっています。",
        "The process could not be taken away: it is another user’s, or has ended already.",
    ),
    "memory.others": (
        "「その他」は、このダッシュボードの学習とモデル以外が使っているメモリです：ほかの人のプログラムや、"
        "GPU を使うプロセスが 1 つにつき数百 MB 使う CUDA コンテキストなどです。",
        "“Others” is what neither trainings nor models of this dashboard hold: other people’s programs, and the CUDA "
        "context, some hundred MB for each process that uses a GPU.",
    ),
    "memory.handout": ("カーネルをシャットダウンしなくてよいのですか？", "And shutting the kernel down?"),
    "memory.handout.body": (
        "ノートブックで学習すると、カーネルのプロセスがつかんだ GPU メモリは、カーネルをシャットダウンするまで返りません。"
        "講義資料の最後に「カーネルをシャットダウンする」とあるのはそのためです。"
        "ここで始めた学習は 1 つずつ自分のプロセスで動き、終わればそのプロセスごとメモリが返るので、この手順はいりません。"
        "このダッシュボード自体は GPU のメモリを使いません。",
        "A notebook’s kernel keeps the GPU memory that it took until it is shut down, even when its tab is closed: that "
        "is why the handout’s last step is to shut the kernel down. A training that is started here runs in a process "
        "of its own, and all its memory goes back when that process ends, so the step is not needed. The dashboard "
        "itself takes no GPU memory.",
    ),
    "memory.handout.notebook": (
        "ノートブックで mnistcore を使うと、予測に使ったモデルは {seconds} 秒使われなければデバイスから外れ、"
        "mnistcore.release() や上のボタンならすぐに外れます。"
        "それでも CUDA コンテキスト（数百 MB）は、カーネルをシャットダウンするまで残ります。",
        "In a notebook that uses mnistcore, a model that was asked for predictions leaves its device after {seconds} s "
        "without use, or at once with mnistcore.release() or the button above. The CUDA context, some hundred MB, stays "
        "until the kernel is shut down.",
    ),
    "memory.commands": ("コマンドでもできます：", "On the command line:"),
}
