"""Owns the words of the memory page."""

TEXTS = {
    "memory.name": (
        "GPUメモリの解放",
        "Release GPU memory",
    ),
    "memory.title": (
        "GPUメモリの解放",
        "Release GPU memory",
    ),
    "memory.intro": (
        "GPUメモリはみんなで使うものです。ここでは、どの学習ジョブやモデルが、どのデバイスのメモリをどれだけ使っ"
        "ているかがわかり、使い終わったものをその場で解放できます。表示は 2 秒ごとに新しくなります。",
        "A GPU’s memory is shared by everybody on the server. This page shows how much memory of which device "
        "each training run and each loaded model uses, and releases what is no longer needed. It is refreshed "
        "every 2 seconds.",
    ),
    "memory.gpu.none": (
        "サーバー（ダッシュボードが動いているマシン）には GPU が見つかりません。学習も推論も CPU で動くので、下に"
        "は CPU とそのメモリを表示しています。",
        "No GPU was found on the server (the machine that runs this dashboard). Training and inference run on "
        "the CPU; its memory is shown below.",
    ),
    "memory.gpu.failed": (
        "GPU の状態を調べられませんでした（nvidia-smi が失敗しました）。下の表示は CPU とそのメモリだけです。しば"
        "らくすると自動的に調べ直します。",
        "The GPU status could not be read: nvidia-smi failed. Only the CPU and its memory are shown below. It is "
        "tried again automatically.",
    ),
    "memory.gpu.asking": (
        "GPU の状態を調べています（nvidia-smi の応答を待っています）。わかりしだい、ここに表示します。",
        "Reading the GPU status: nvidia-smi has not replied yet. The GPUs are shown here as soon as it has.",
    ),
    "memory.gpu.age": (
        "GPU の表示は {seconds} 秒前の状態です。",
        "The GPU figures are {seconds} s old.",
    ),
    "memory.gpu.silent": (
        "nvidia-smi が応答しません。GPU の表示は {seconds} 秒前の状態です。しばらくすると自動的に調べ直します。",
        "nvidia-smi does not answer. The GPU figures are {seconds} s old. It is tried again automatically.",
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
    "memory.part.training": (
        "学習ジョブ {size}",
        "training runs {size}",
    ),
    "memory.part.model": ("読み込み済みのモデル {size}", "loaded models {size}"),
    "memory.part.others": ("その他 {size}", "others {size}"),
    "memory.nobody": (
        "このダッシュボードの学習ジョブやモデルは、このメモリを使っていません。",
        "No training run and no model of this dashboard uses any of it.",
    ),
    "memory.training": (
        "学習ジョブ",
        "Training run",
    ),
    "memory.model": ("モデル", "Model"),
    "memory.state.waiting": (
        "順番待ち",
        "waiting in the queue",
    ),
    "memory.state.starting": ("準備中", "getting ready"),
    "memory.state.training": (
        "学習中",
        "running",
    ),
    "memory.state.stopping": (
        "中止しています…",
        "stopping…",
    ),
    "memory.account": ("アカウント {account}", "account {account}"),
    "memory.process": ("プロセス {pid}", "process {pid}"),
    "memory.leaves": (
        "使われなければあと {seconds} 秒で自動的に解放",
        "is released automatically in {seconds} s unless used",
    ),
    "memory.end": (
        "学習を中止",
        "Stop training",
    ),
    "memory.end.kept": (
        "次のステップの区切りで止まります。そこまでの学習は、途中までのチェックポイントとして残り、あとで続きから"
        "再開できます。ほかの人が始めた学習かもしれません。確かめてから中止してください。",
        "It stops at the next step. The model trained so far is kept as an unfinished checkpoint, and the run "
        "can be resumed from there. Somebody else may have started it: make sure before you stop it.",
    ),
    "memory.end.queued": (
        "まだ始まっていない学習です。順番待ちから外れます。ほかの人が始めた学習かもしれません。確かめてから中止し"
        "てください。",
        "This training run has not begun: it leaves the queue. Somebody else may have started it: make sure "
        "before you stop it.",
    ),
    "memory.end.confirm": (
        "この学習を中止する",
        "Stop this training run",
    ),
    "memory.kill": (
        "強制終了",
        "Force stop",
    ),
    "memory.kill.kept": (
        "中止を待っても終わらないときに使います。プロセスをその場で強制終了します。最後の再開点（長くても 30 秒前"
        "）は残り、そこから再開できます。ノートブックや、まとめて学習しているコマンドの場合は、そのプロセス全体が"
        "終わります。",
        "For a training run that does not stop when requested. Its process is killed immediately. The last "
        "resume point, at most 30 seconds old, stays, and the run can be resumed from it. A notebook, or a "
        "command that trains several models, ends as a whole.",
    ),
    "memory.kill.confirm": (
        "プロセスを強制終了する",
        "Kill the process",
    ),
    "memory.release": ("モデルを解放", "Release model"),
    "memory.problem": (
        "解放の要求を送れませんでした。",
        "The release request could not be sent.",
    ),
    "memory.problem.kill": (
        "プロセスを強制終了できませんでした。ほかのユーザーのプロセスか、もう終わっています。",
        "The process could not be killed: it is another user’s, or it has already ended.",
    ),
    "memory.others": (
        "「その他」は、このダッシュボードの学習ジョブとモデル以外が使っているメモリです：ほかの人のプログラムや、"
        "GPU を使うプロセスが 1 つにつき数百 MB 使う CUDA コンテキストなどです。",
        "“Others” is the memory that neither training runs nor models of this dashboard use: other people’s "
        "programs, and the CUDA context, some hundred MB for each process that uses a GPU.",
    ),
    "memory.handout": (
        "カーネルをシャットダウンしなくてよいのですか？",
        "Do I still need to shut down the kernel?",
    ),
    "memory.handout.body": (
        "ノートブックで学習すると、カーネルのプロセスが使った GPUメモリは、カーネルをシャットダウンするまで解放さ"
        "れません。演習ノートブックの最後にある「Kernel → Shut Down Kernel」は、そのための手順です。ここで始めた"
        "学習は 1 つずつ別のプロセスで動き、終わればそのプロセスごとメモリが解放されるので、この手順はいりません"
        "。このダッシュボード自体は GPUメモリを使いません。",
        "A notebook’s kernel keeps the GPU memory that it has used until it is shut down, even when its tab is "
        "closed: that is why the lab exercise ends with “Kernel → Shut Down Kernel”. A training run that is "
        "started here has a process of its own, and all its memory is released when that process ends, so the "
        "step is not needed. The dashboard itself uses no GPU memory.",
    ),
    "memory.handout.notebook": (
        "ノートブックで mnistcore を使うと、予測に使ったモデルは {seconds} 秒使われなければデバイスから解放され、"
        "mnistcore.release() や上のボタンならすぐに解放されます。それでも CUDA コンテキスト（数百 MB）は、カーネ"
        "ルをシャットダウンするまで残ります。",
        "In a notebook that uses mnistcore, a model that made predictions is released from its device after "
        "{seconds} s without use, or at once with mnistcore.release() or the button above. The CUDA context, "
        "some hundred MB, stays until the kernel is shut down.",
    ),
    "memory.commands": ("コマンドでもできます：", "On the command line:"),
}
