"""The words of the pages: complete in both languages, all used, none outside ui/texts, and the terms that we chose."""

import ast
import functools
import re
import string
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import get_args

import pytest

from mnistcore.config import TrainConfig
from mnistcore.datasets.digits import digits_values
from mnistcore.datasets.registry import DATASETS
from mnistcore.evaluation.groups import GROUPS
from mnistcore.evaluation.pasted import Reason
from mnistcore.evaluation.selections import PARTS, REGIONS
from mnistcore.imports import matrices
from mnistcore.jobs.jobs import JobState
from mnistcore.metrics import AVERAGES, ORDERS
from mnistcore.metrics.definitions import DEFINITIONS
from mnistcore.models.models import MODELS
from mnistcore.quiz.kinds import IMAGES_OF
from mnistcore.runs.manifest import PREDICTED_SPLITS
from mnistcore.runs.problems import ProblemReason
from mnistcore.training.presets import PRESETS
from scripts.project import ROOT
from ui import class_by_class, glossary, misclassified
from ui.lessons.axes import AXES
from ui.lessons.catalogue import LESSONS
from ui.navigation import PAGES
from ui.state import LANGUAGES
from ui.texts import TEXTS, render
from ui.training.wishes import DETAILS

JAPANESE_GUIDES = [ROOT / "README.ja.md", *sorted((ROOT / "docs").glob("*.ja.md"))]
QUIZ_TEXTS = ROOT / "mnistcore" / "quiz" / "texts"  # what the pages share with the command line
METRICS = tuple(DEFINITIONS)
PREDICTED_PAGES = ("overview", "confusion_matrix", "class_by_class", "misclassified")
OPTIONS = [
    option
    for name in ("optimizer", "schedule", "augmentation")
    for option in get_args(TrainConfig.model_fields[name].annotation)
]

# What fills the gaps of a key that is put together: `t(f"region.{region}.caption")` is "region.{}.caption" here.
FILLINGS: dict[str, Iterable[str | tuple[str, ...]]] = {
    "asking.{}": (*REGIONS, "recall", "precision"),
    "asking.axis.{}": ("rows", "columns"),
    "asking.axis.{}.reason": ("rows", "columns"),
    "asking.argmax.{}": ("right", "wrong"),
    "asking.count.{}.reason": ("row", "column"),
    "asking.denominator.{}": set(METRICS) - {"f1"},
    "asking.images.{}": (*IMAGES_OF, "correct"),
    "asking.outcome.{}": REGIONS,
    "asking.unit.{}": ("percent", "images"),
    "asking.value.{}": ("percent", "images"),
    "asking.{}.reason": ("recall", "precision"),
    "bring_your_own.axis.{}": matrices.AXES,
    "bring_your_own.axis.means.{}": (*matrices.AXES, "open"),
    "bring_your_own.column.{}": ("truth", "predicted", "scores", "kind"),
    "bring_your_own.column.{}.{}": (
        *(("scores", group) for group in ("found", "numbers", "none")),
        *(("kind", kind) for kind in ("probabilities", "logits")),
    ),
    "bring_your_own.is.{}": ("matrix", "table"),
    "bring_your_own.kept.{}": ("confusion_matrix", "class_by_class", "overview"),
    "bring_your_own.model.{}": ("dataset", "prepared"),
    "bring_your_own.model.prepared.{}": ("normalised", "plain"),
    "bring_your_own.intro.{}": ("file", "paste"),
    "bring_your_own.taken.{}": ("table", "arrays", "matrix", "checkpoint", "onnx", "run"),
    "bring_your_own.taken.{}.note": ("table", "arrays", "matrix", "checkpoint", "onnx", "run"),
    "bring_your_own.way.{}": ("file", "paste"),
    "homework.split.{}": PREDICTED_SPLITS,
    "{}.name": PAGES,
    "{}.title": PAGES,
    "board.metric.{}": DEFINITIONS,
    "board.metric.{}.also": class_by_class.ALSO,
    "board.more.{}": DEFINITIONS,
    "board.sentence.{}": DEFINITIONS,
    "board.view.{}": class_by_class.VIEWS,
    "training.before.time.{}": ("runs", "reference", "unknown"),
    "detail.{}": ("right", "wrong"),
    "confusion_matrix.{}": ("show", "scale", "diagonal", "axes"),
    "confusion_matrix.{}.{}": [
        *(("show", option) for option in ("count", "row", "column", "both")),
        *(("scale", option) for option in ("sqrt", "linear")),
        *(("diagonal", option) for option in ("shown", "hidden")),
        *(("axes", option) for option in ("rows", "columns")),
    ],
    "confusion_matrix.sentence.{}": set(PARTS) - {"cell", "row", "column"},
    "glossary.{}": (*glossary.TERMS, "outcomes", "metrics"),
    "glossary.{}.note": ("outcomes", "metrics"),
    "glossary.{}.text": glossary.TERMS,
    "glossary.{}.use": glossary.METRICS,
    "glossary.theme.{}": glossary.THEMES,
    "lesson_averages.{}": AVERAGES,
    "lesson_averages.{}.note": AVERAGES,
    "lesson_accuracy_trap.option.{}": ("accuracy", "recall", "precision", "f1"),
    "lesson_epochs.{}.image": ("learned", "forgotten"),
    "lesson_epochs.{}.label": ("learned", "forgotten"),
    "lesson_own_counts.preset.{}": ("useless", "precise", "eager"),
    "lesson_scatter.option.{}": ("half", "same", "double", "four"),
    "lesson_doubtful_labels.labels.{}": ("voted", "given"),
    "lesson_axes.{}": AXES,
    "lesson_denominators.{}": PARTS,
    "board.{}": ("truth_yes", "truth_no"),
    "lesson_confidence.{}": ("too_sure", "too_modest"),
    "lesson_you.{}": ("you", "model"),
    "lesson_you.{}.short": ("you", "model"),
    "lesson_{}.line": LESSONS,
    "lesson_{}.title": LESSONS,
    "lessons.metric.{}": ("balanced_accuracy", "matthews_correlation"),
    "lessons.{}": ("previous", "next", "right", "wrong"),
    "findings.confidence.{}": ("surer", "less_sure"),
    "findings.no_better.{}": ("same", "worse"),
    "memory.gpu.{}": ("none", "failed", "hidden", "asking"),
    "memory.part.{}": ("training", "model", "others"),
    "memory.state.{}": ("waiting", "starting", "training", "stopping"),
    "memory.{}": ("training", "model"),
    "misclassified.sort.{}": misclassified.SORTS,
    "many.folded.{}": ("mistakes", "support"),
    "many.order.{}": ORDERS,
    "many.table.{}": ("truth", "predicted", "count", "of_truth", "of_predicted"),
    "gallery.list.{}": ("index", "truth", "predicted"),
    "overview.dataset.{}": ("train", "validation", "test"),
    "overview.classes.{}": ("precision", "recall", "f1"),
    "overview.model.{}": (*MODELS, "layer", "output", "layer_parameters"),
    "overview.source.{}": ("digits",),
    "primer.{}": ("learning", "mnist"),
    "primer.{}.title": ("learning", "mnist"),
    "primer.outcomes.{}": ("predicted_yes", "predicted_no", "truth_yes", "truth_no"),
    "prediction.{}": ("guess", "actual", "gap"),
    "prediction.nothing.{}": PREDICTED_PAGES,
    "prediction.unit.{}": ("percent", "images"),
    "prediction.value.{}": ("percent", "images"),
    "problem.matrix.{}": get_args(Reason),
    "problem.fault.{}": ("page", "sidebar", "fragment", "click"),
    "run.changed.{}": set(TrainConfig.model_fields) - {"dataset", "model", "seed"},
    "problem.run.{}": [reason.value for reason in ProblemReason],
    "quiz.{}": ("right", "wrong", "question", "given", "answer"),
    "quiz.progress.{}": ("right", "wrong", "open"),
    "region.{}": REGIONS,
    "time.ago.{}": ("seconds", "minutes", "hours", "days"),
    "training.{}": ("dataset", "model", "preset"),
    "training.{}.failed": ("start", "cancel", "remove"),
    "training.accepts.{}": ("above", "below"),
    "training.failed.{}": (
        *("NonFiniteLossError", "DeviceError", "DataUnavailableError", "DataDamagedError"),
        *("StoreWriteError", "ConfigError"),
    ),
    "training.field.{}": DETAILS,
    "training.field.{}.note": DETAILS,
    "training.model.{}": MODELS,
    "training.option.{}": ("auto", *OPTIONS),
    "training.preset.{}": PRESETS,
    "training.says.{}": (*get_args(JobState), "stopping"),
    "training.state.{}": (*get_args(JobState), "stopping"),
    "region.{}.caption": REGIONS,
    "region.{}.heading": GROUPS,
}

# English and Japanese have to go together, in every text: the table of terms that the project speaks in.
TERMS = (
    (r"\baccuracy\b", "正解率"),
    (r"\boverall accuracy\b", "全体の正解率"),
    (r"\bconfidence interval\b", "信頼区間"),
    (r"\bgreyscale\b", "グレースケール"),
    (r"\bprecision\b", "適合率"),
    (r"\brecall\b", "再現率"),
    (r"\bF1\b", "F1スコア"),
    (r"\bspecificity\b", "特異度"),
    (r"\btrue positives?\b", "真陽性"),
    (r"\bfalse positives?\b", "偽陽性"),
    (r"\btrue negatives?\b", "真陰性"),
    (r"\bfalse negatives?\b", "偽陰性"),
    (r"\bconfusion matrix\b", "混同行列"),
    (r"\bsupport\b", "サポート"),
    (r"\bcheckpoints?\b", "チェックポイント"),
    (r"\bmisclassified\b", "誤分類"),
    (r"\bone-vs-rest\b", "一対他"),
)

FORMS = re.compile(r"[A-Za-z ]+\|[A-Za-z ]+")  # of a word: for one, and for several (or none)
JAPANESE = re.compile(r"[\u3005-\u30ff\u3400-\u9fff\uf900-\ufaff\uff01-\uffef]")
KEYS = sorted(TEXTS)


def without_gaps(text: str) -> str:
    """A text without its placeholders, whose names are no words; of two forms of a word, that for several."""
    return re.sub(r"\{\w*(?::[^{}|]*\|([^{}|]*))?\}", lambda gap: gap[1] or "", text)


def placeholders(text: str) -> set[str]:
    """The names in braces, maybe with two forms of a word; a format or a conversion is none of a text's business."""
    names = set()
    for _, name, spec, conversion in string.Formatter().parse(text):
        if name is not None:
            assert name.isidentifier(), f"{{{name}}} is no name"
            assert not spec or FORMS.fullmatch(spec), f"{{{name}:{spec}}}: numbers are formatted by ui/format.py"
            assert conversion is None, f"{{{name}!{conversion}}}: texts take words"
            names.add(name)
    return names


def test_a_text_exists_in_both_languages_with_the_same_placeholders() -> None:
    for key, pair in TEXTS.items():
        assert len(pair) == len(LANGUAGES) == 2, key
        for text in pair:
            assert isinstance(text, str), key
            assert text == text.strip() != "", key
        japanese, english = pair
        assert placeholders(japanese) == placeholders(english), key
        assert "|" not in japanese, f"{key}: Japanese words do not change with the number"


def test_a_text_lies_in_the_file_that_its_key_begins_with_and_only_once() -> None:
    defined: list[str] = []
    for path in (*(ROOT / "ui" / "texts").glob("*.py"), *QUIZ_TEXTS.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Dict):
                keys = [ast.literal_eval(key) for key in node.keys if key is not None]
                assert len(keys) == len(set(keys)), f"{path.name} has a key twice"
                elsewhere = [key for key in keys if not key.startswith(f"{path.stem}.")]
                assert not elsewhere, f"{path.name} holds only {path.stem}.*"
                defined += keys
    assert sorted(defined) == KEYS


def test_an_english_text_is_english_and_a_japanese_one_japanese() -> None:
    for key, (japanese, english) in TEXTS.items():
        if key != "app.japanese":  # each language is named in itself
            assert not JAPANESE.search(english), key
        same_in_both = {"app.japanese", "app.english", "gallery.caption"} | {k for k in KEYS if ".export_" in k}
        if not JAPANESE.search(japanese) and placeholders(japanese) == set():
            assert key in same_in_both, f"{key} is not translated"


@pytest.mark.parametrize(("english", "japanese"), TERMS, ids=[japanese for _, japanese in TERMS])
def test_a_term_is_the_same_everywhere(english: str, japanese: str) -> None:
    used = 0
    for key, (ja, en) in TEXTS.items():
        in_english, in_japanese = bool(re.search(english, without_gaps(en), re.IGNORECASE)), japanese in ja
        if in_english:
            assert in_japanese, f"{key}: “{en}” needs {japanese} in Japanese, got “{ja}”"
        used += in_english and in_japanese
    assert used, f"{japanese} is used nowhere"


@pytest.mark.parametrize(("english", "japanese"), TERMS, ids=[japanese for _, japanese in TERMS])
def test_a_term_is_not_used_for_something_else(english: str, japanese: str) -> None:
    for key, (ja, en) in TEXTS.items():
        if japanese in ja:
            assert re.search(english, without_gaps(en), re.IGNORECASE), (
                f"{key}: “{ja}” needs {english} in English, got “{en}”"
            )


def test_the_word_that_means_two_things_is_never_used() -> None:
    files = [
        *(ROOT / "ui").rglob("*.py"),
        *(ROOT / "pages").glob("*.py"),
        *QUIZ_TEXTS.glob("*.py"),
        ROOT / "mnistcore" / "datasets" / "registry.py",
        *JAPANESE_GUIDES,
    ]
    for path in files:
        assert "精度" not in path.read_text(encoding="utf-8"), f"{path}: 正解率 or 適合率?"


# ---------------------------------------------------------------- sentences that are true and grammatical

COUNTS = ("0", "1", "2", "1,000")
NAMES = ("name", "truth", "predicted")  # the placeholders that a class's name fills
# A letter that is a class looks like an article; the 49 hiragana differ by a sign.
CLASS_NAMES = sorted(
    {(name.ja, name.en) for dataset in DATASETS.values() if dataset.num_classes == 10 for name in dataset.classes}
)
NOUNS = ("image", "class", "epoch", "step", "training", "parameter", "negative")
VERBS_OF_ONE = ("is", "was", "has", "counts", "fits")


def faults_of_grammar(sentence: str) -> list[str]:
    """What an English reader would stumble over; empty where nothing is wrong."""
    one, several = r"(?<![\w.,])1 ", r"(?<![\w.,])(?:0|2|1,000) "
    kind = "(?:test |training |similar |misclassified )*"
    subject = r"(?:(?:^|[.:;,] |\*)%s|%s(?:images?|of them)\*{0,2} )"
    rules = {
        "several of one": rf"{one}{kind}(?!(?:{'|'.join(VERBS_OF_ONE)})\b)[a-z]+[^s\W]s\b",
        "one of several": rf"{several}{kind}(?:{'|'.join(NOUNS)})\b(?! [a-z]+s\b)",
        "several are, one is": rf"{subject % (one, one)}(?:are|were|have|count|fit)\b",
        "one is, several are": rf"{subject % (several, several)}(?:{'|'.join(VERBS_OF_ONE)})\b",
        "an, not a": r"\b[Aa] [“*]*(?:[AEIOaeio]|8|11\b|18\b)(?!ne-)",
        "a, not an": r"\b[Aa]n [“*]*(?![AEIOUaeiou8“*]|11\b|18\b)",
        "a gap": r"[{}|]|  | [.,:;?)]|(?<!\w)\(\)|“”",
    }
    return [f"{rule}: {sentence}" for rule, pattern in rules.items() if re.search(pattern, sentence)]


@pytest.mark.parametrize(
    "sentence",
    [
        *("1 images", "1 test images", "see 1 classes", "2 image", "1,000 test image", "0 class", "1 image were found"),
        *("1 were found", "2 images was", "0 of them is", "a Ankle boot", "a “Ankle boot”", "an T-shirt", "a 8"),
        *("an **7**", "{count} images", "two  gaps", "none ()", "a gap ."),
    ],
)
def test_a_fault_of_grammar_is_found(sentence: str) -> None:
    assert faults_of_grammar(sentence)


def test_every_text_reads_well_with_every_number_and_every_class() -> None:
    faults = []
    for key in KEYS:
        gaps = placeholders(TEXTS[key][0])
        named = gaps & set(NAMES)
        for number in COUNTS:
            for japanese, english in CLASS_NAMES if named else [("", "")]:
                values = dict.fromkeys(gaps, number)
                faults += faults_of_grammar(render(key, "en", **(values | dict.fromkeys(named, english))))
                ja = render(key, "ja", **(values | dict.fromkeys(named, japanese)))
                if re.search(r"[{}|]|  |（）|「」|[。、] ", ja):
                    faults.append(ja)
    assert not faults


def test_no_article_stands_before_a_word_that_is_filled_in() -> None:
    for key, (_, english) in TEXTS.items():
        assert not re.search(r"\b[Aa]n? [“*]*\{", english), f"{key}: a or an? “{english}”"


def test_the_true_class_is_never_the_word_for_a_right_answer() -> None:
    guides = {path.name: (path.read_text(encoding="utf-8"), "") for path in JAPANESE_GUIDES}
    for key, (japanese, _) in (TEXTS | guides).items():
        found = re.search(r".{0,9}(?:枚が正解(?!率)|すべて正解|正解(?:でし|した|して|する|数|の件|の枚))", japanese)
        assert not found, f"{key}: 正解 is the true class; 正しく分類 for a right answer, got “{found[0]}”"


def test_one_pair_of_words_for_what_is_true_and_what_is_predicted() -> None:
    for key, (japanese, english) in TEXTS.items():
        found = re.search(r"\b(?:called|truth|really|answered|judg\w*)\b", without_gaps(english), re.IGNORECASE)
        assert not found, f"{key}: true class and predicted class, not “{found[0]}”"
        found = re.search(r"本当[には]|と答え|と呼(?:ん|ば)", japanese)
        assert not found, f"{key}: 正解 and 予測, not “{found[0]}”"


@pytest.mark.parametrize("region", REGIONS)
def test_each_outcome_is_defined_by_what_is_true_and_what_is_predicted(region: str) -> None:
    for key in (f"region.{region}.caption", f"region.{region}.heading"):
        japanese, english = TEXTS[key]
        assert "正解が" in japanese
        assert "予測" in japanese
        assert "true class" in english
        assert "predicted" in english
    japanese, english = TEXTS[f"glossary.{region}.text"]
    assert "正解" in japanese
    assert "予測" in japanese
    assert "image of" in english
    assert "predicted as" in english


def test_a_promise_of_the_same_result_names_the_machine() -> None:
    promises = 0
    for key, (japanese, english) in TEXTS.items():
        if "同じ結果" in japanese:
            promises += 1
            assert re.search("同じマシンとデバイス|CPU なら", japanese), key
            assert re.search("same machine and device|On the CPU", english), key
    assert promises


def test_digits_are_said_to_be_enlarged_from_what_they_are() -> None:
    values, _ = digits_values()
    rows, columns = values.shape[1:]
    for language in LANGUAGES:
        said = render("overview.source.digits", language)
        assert f"{rows}×{columns}" in said
        assert "{}×{}".format(*DATASETS["digits"].image_shape) in said
        assert str(int(values.max()) + 1) in said, "levels"


def test_a_missing_placeholder_is_an_error_not_a_gap() -> None:
    assert render("sidebar.epoch_of", "en", epoch=2, epochs=5) == "2 of 5"
    assert render("sidebar.epoch_of", "ja", epoch=2, epochs=5) == "2 / 5"
    with pytest.raises(KeyError):
        render("sidebar.epoch_of", "en", epoch=2)
    with pytest.raises(KeyError):
        render("no.such.key", "en")


# ---------------------------------------------------------------- which keys the code uses


# Every Python file that speaks to people, except the words themselves.
SOURCES = sorted(
    str(path.relative_to(ROOT))
    for path in (ROOT / "dashboard.py", *(ROOT / "pages").glob("*.py"), *(ROOT / "ui").rglob("*.py"))
    if path.parent.name != "texts" and path.name != "core_words.py"
)


def parsed(file: str) -> ast.Module:
    return ast.parse((ROOT / file).read_text(encoding="utf-8"))


@functools.cache
def speaking() -> dict[str, ast.Module]:
    """The sources, and what of the core takes its words from a table of texts; they are only read."""
    quiz = sorted(str(path.relative_to(ROOT)) for path in QUIZ_TEXTS.parent.glob("*.py"))
    return {file: parsed(file) for file in (*SOURCES, *quiz)}


def template(node: ast.JoinedStr) -> str:
    """An f-string with ``{}`` for each gap."""
    return "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)


SPEAKERS = ("t", "render", "Problem", "say", "speaker.say", "words")  # what takes a key as its first argument
FILLED_IN_THE_BROWSER = ("board.", "region.")
SPOKEN_FOR = ("problem.key",)  # of a Problem, which was given it


def keys_meant(node: ast.expr, tree: ast.Module) -> Iterator[str]:
    """The keys that the first argument of ``t`` can be."""
    if isinstance(node, ast.Constant):
        yield str(node.value)
    elif isinstance(node, ast.IfExp):
        yield from keys_meant(node.body, tree)
        yield from keys_meant(node.orelse, tree)
    elif isinstance(node, ast.JoinedStr):
        shape = template(node)
        assert shape in FILLINGS, f"add {shape!r} to FILLINGS in tests/test_texts.py, with what fills it"
        for filling in FILLINGS[shape]:
            yield shape.format(*([filling] if isinstance(filling, str) else filling))
    elif ast.unparse(node) in SPOKEN_FOR:
        return
    elif isinstance(node, ast.Name):
        values = [
            assignment.value
            for assignment in ast.walk(tree)
            if isinstance(assignment, ast.Assign) and ast.unparse(assignment.targets[0]) == node.id
        ]
        assert values, f"line {node.lineno}: cannot see which text {node.id} is"
        for value in values:
            yield from keys_meant(value, tree)
    else:
        pytest.fail(f"line {node.lineno}: cannot see which text {ast.unparse(node)} is")


@functools.cache
def used_keys() -> dict[str, str]:
    """Key -> the file that uses it."""
    return {
        key: file
        for file, tree in speaking().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) in SPEAKERS
        for key in keys_meant(node.args[0], tree)
    }


def test_every_text_that_is_used_exists() -> None:
    missing = {key: file for key, file in used_keys().items() if key not in TEXTS}
    assert not missing


def test_every_text_is_used() -> None:
    unused = set(TEXTS) - set(used_keys())
    assert not unused


def test_every_placeholder_is_given_where_a_text_is_used() -> None:
    problems = []
    for file, tree in speaking().items():
        for node in ast.walk(tree):
            if not (isinstance(node, ast.Call) and ast.unparse(node.func) in SPEAKERS):
                continue
            if ast.unparse(node.func) == "speaker.say":  # which adds all that is known of its question
                continue
            given = {keyword.arg for keyword in node.keywords}
            for key in keys_meant(node.args[0], tree):
                wanted = placeholders(TEXTS[key][0]) if key in TEXTS else set()
                # What a browser part fills itself is handed over as it is, without values: ui/components/text.js.
                is_filled = not given and not key.startswith(FILLED_IN_THE_BROWSER)
                if is_filled and key in TEXTS and "|" in TEXTS[key][1]:
                    problems.append(f"{file}:{node.lineno}: {key} has two forms of a word, and no number to choose by")
                if given and None not in given and wanted - given:
                    problems.append(f"{file}:{node.lineno}: {key} needs {sorted(wanted - given)}")
    assert not problems


def test_every_data_set_and_class_is_named_in_both_languages() -> None:
    for dataset in DATASETS.values():
        for name in (dataset.title, *dataset.classes):
            assert name.ja.strip()
            assert name.en.strip()
        assert not JAPANESE.search(dataset.title.en)  # classes may: kuzushiji are drawn to be read


# ---------------------------------------------------------------- no words outside ui/texts

# Strings that read like words and yet are for programs or programmers; each with the reason.
NO_WORDS = {
    "exp zₖ / Σ exp zⱼ": "a formula",
    "{} rows of {} columns": "the middle of an InputError",
    "export const {} = {};\n": "a line of a script",
    "_streamlit_xsrf": "a cookie",
    "the {} could not be drawn": "for the server's log",
    "a click could not be answered": "for the server's log",
}
NOT_SHOWN = {  # arguments that name things for the program
    "key", "type", "bind", "selection_mode", "format", "config", "url_path", "visibility", "label_visibility", "layout", "gap",
    "height", "width", "vertical_alignment", "horizontal_alignment", "initial_sidebar_state", "mime", "file_name",
    "state", "language", "on_click", "parameter", "kind", "chosen", "shortcut",
}  # fmt: skip
SILENT = ("st.session_state", "st.query_params", "st.components")  # show nothing


def words_in(text: str) -> str:
    """What of a string a reader would read: without HTML's tags and style sheets, LaTeX, and Markdown's signs."""
    text = re.sub(r"<(style|script)\b.*?</\1>", " ", text, flags=re.DOTALL)
    return re.sub(r"<[^<>]*>|&\w+;|\$[^$]*\$|\\\w+", "\n", text)


class Strings(ast.NodeVisitor):
    """Collects the strings of a module, and whether each of them is shown."""

    def __init__(self) -> None:
        self.found: list[tuple[ast.expr, bool]] = []
        self._shown = False

    def _look(self, shown: bool, *nodes: ast.AST | None) -> None:
        before, self._shown = self._shown, shown
        for node in nodes:
            if node is not None:
                self.visit(node)
        self._shown = before

    def visit_Raise(self, node: ast.Raise) -> None:
        """For whoever programs, in English like the code."""

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, str):
            self.found.append((node, self._shown))

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        self.found.append((node, self._shown))
        self._look(False, *(part.value for part in node.values if isinstance(part, ast.FormattedValue)))

    def visit_Call(self, node: ast.Call) -> None:
        called = ast.unparse(node.func)
        is_text = called in SPEAKERS  # the first of t() is a key
        shows = is_text or (called.startswith(("st.", "controls.")) and not called.startswith(SILENT))
        self._look(False, node.func)
        self._look(shows and not is_text, *node.args)
        for keyword in node.keywords:
            self._look(shows and keyword.arg not in NOT_SHOWN, keyword.value)

    def visit_Dict(self, node: ast.Dict) -> None:
        self._look(False, *node.keys)
        self._look(self._shown, *node.values)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        self._look(self._shown, node.value)
        self._look(False, node.slice)

    def visit_IfExp(self, node: ast.IfExp) -> None:
        self._look(False, node.test)
        self._look(self._shown, node.body, node.orelse)


def literal_words(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Line and text of each string that is shown and holds a word, or is not and yet reads like a sentence."""
    for node in ast.walk(tree):  # docstrings are for programmers
        if isinstance(node, (ast.Module, ast.FunctionDef, ast.ClassDef)) and ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    strings = Strings()
    strings.visit(tree)
    for node, shown in strings.found:
        text = template(node) if isinstance(node, ast.JoinedStr) else str(node.value)
        # HTML is on its way to a reader, whoever takes it there.
        pattern = r"[^\W\d_]{2}" if shown or re.search(r"</?\w+[ >]", text) else r"[^\W\d_]{2,} +[^\W\d_]{2,}"
        if JAPANESE.search(text) or re.search(pattern, words_in(text)):
            yield node.lineno, text


@pytest.mark.parametrize("file", SOURCES)
def test_no_literal_words_in_the_code(file: str) -> None:
    found = [f"{file}:{line}: {text!r}" for line, text in literal_words(parsed(file)) if text not in NO_WORDS]
    assert not found, "words belong into ui/texts"


@pytest.mark.parametrize(
    "code",
    [
        'st.write("Accuracy")',
        'st.markdown(f"<b>Hello</b> {name}")',
        'st.selectbox("Choose", options, key="k")',
        'st.button(t("a"), help="Press this")',
        'controls.button("Press", f, key="k")',
        'note = "Three words here"',
        'rows.append(f"<tr><td>{value}</td><td>Total</td></tr>")',
        'title = "正解率"',
        't("a.b", name="digit")',
        'st.html(f"<p>{t(x)} images</p>")',
        'st.metric(label if x else "Accuracy", 1)',
    ],
)
def test_literal_words_are_found(code: str) -> None:
    assert list(literal_words(ast.parse(code)))


@pytest.mark.parametrize(
    "code",
    [
        '"""Docstring with many words in it, 日本語 too."""',
        'st.write(t("overview.accuracy"))',
        "st.html(f'<div class=\"cards wide\">{body}</div>')",
        'st.selectbox(t("a"), options, key="pick_run")',
        'state.get("cell")',
        'raise ValueError("expected this, got that, do something")',
        'st.markdown(f"$\\\\dfrac{{TP}}{{TP + FP}}$")',
    ],
)
def test_what_is_no_literal_word_is_left_alone(code: str) -> None:
    assert not list(literal_words(ast.parse(code)))


BROWSER_FILES = sorted((ROOT / "ui").rglob("*.js")) + sorted((ROOT / "ui").rglob("*.css"))


@pytest.mark.parametrize("path", BROWSER_FILES, ids=lambda path: path.name)
def test_no_words_in_what_the_browser_runs(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    source = re.sub(r"/\*.*?\*/", "", source, flags=re.DOTALL)
    code = "\n".join(re.sub(r"(?<![:\"'])//.*", "", line) for line in source.splitlines())
    assert not JAPANESE.search(code)
    written = r"""(setText\([^;]*,\s*|textContent\s*=\s*|"(?:aria-label|title|alt|placeholder)",\s*)["'`][^"'`$]*[A-Za-z]{2}"""
    assert not re.search(written, code), re.search(written, code)
    assert not re.search(r"content:\s*[\"'][^\"']*[A-Za-z]{2}", code)
