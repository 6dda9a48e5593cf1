"""Owns which data sets there are: their names, classes, sizes, files and checksums; reads none of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from mnistcore.config import Polarity
from mnistcore.datasets.downloads import RemoteFile
from mnistcore.datasets.idx_files import IdxFile


@dataclass(frozen=True, slots=True)
class Text:
    """The same words in Japanese and English."""

    ja: str
    en: str


ClassName = Text


@dataclass(frozen=True, slots=True)
class Archive:
    """Files from which a data set is read once."""

    files: tuple[RemoteFile, ...]
    mirrors: tuple[str, ...]  # addresses of the folders that have them
    folder: str  # below the data folder, where they may lie already
    only: str = ""  # of what is in them: the files whose name has this in it
    transposed: bool = False  # rows and columns of each image


@dataclass(frozen=True, slots=True)
class Dataset:
    """What is known about a data set without reading it."""

    name: str
    title: Text
    classes: tuple[ClassName, ...]
    mean: float | None  # of the training pixels in 0..1; None: measured when it is trained on
    std: float | None  # of the training pixels in 0..1, likewise
    source: str  # address of its home page
    licence: str
    train_size: int  # images that are trained on
    validation_size: int  # images held out of those that are not the test's
    test_size: int  # images that a model is evaluated on
    folder: str | None = None  # below the data folder, as torchvision names its class; None: comes with scikit-learn
    files: tuple[IdxFile, ...] = ()
    image_shape: tuple[int, int] = (28, 28)  # rows, columns
    channels: int = 1  # 3: red, green, blue
    polarity: Polarity = "ink"
    archive: Archive | None = None  # what it is made of, where that is read once and kept in another form
    kept: bool = False  # below the data folder, as `mnistcore.datasets.own.kept` has it

    @property
    def needs_download(self) -> bool:
        """Whether there are files that have to be on disk, and come from elsewhere."""
        return bool(self.files) or self.archive is not None

    @property
    def input_shape(self) -> tuple[int, int, int]:
        """Channels, rows, columns, as a network takes an image."""
        return (self.channels, *self.image_shape)

    @property
    def num_classes(self) -> int:
        """C, the number of classes."""
        return len(self.classes)


_MNIST_NAMES = (
    "train-images-idx3-ubyte.gz",
    "train-labels-idx1-ubyte.gz",
    "t10k-images-idx3-ubyte.gz",
    "t10k-labels-idx1-ubyte.gz",
)


def _mnist_files(packed: Sequence[str], unpacked: Sequence[str | None] = (None,) * 4) -> tuple[IdxFile, ...]:
    """The four files of a data set made like MNIST, from their checksums in the order of `_MNIST_NAMES`."""
    return tuple(
        IdxFile(
            name,
            md5,
            "train" if name.startswith("train") else "test",
            "images" if "images" in name else "labels",
            content_md5,
        )
        for name, md5, content_md5 in zip(_MNIST_NAMES, packed, unpacked, strict=True)
    )


# As k49_classmap.csv numbers them, by CODH.
_HIRAGANA = tuple(
    Text(sign, f"{sign} ({sound})")
    for sign, sound in zip(
        "あいうえおかきくけこさしすせそたちつてとなにぬねのはひふへほまみむめもやゆよらりるれろわゐゑをんゝ",
        [
            "a",
            "i",
            "u",
            "e",
            "o",
            "ka",
            "ki",
            "ku",
            "ke",
            "ko",
            "sa",
            "shi",
            "su",
            "se",
            "so",
            "ta",
            "chi",
            "tsu",
            "te",
            "to",
            "na",
            "ni",
            "nu",
            "ne",
            "no",
            "ha",
            "hi",
            "fu",
            "he",
            "ho",
            "ma",
            "mi",
            "mu",
            "me",
            "mo",
            "ya",
            "yu",
            "yo",
            "ra",
            "ri",
            "ru",
            "re",
            "ro",
            "wa",
            "wi",
            "we",
            "wo",
            "n",
            "iteration-mark",
        ],
        strict=True,
    )
)
_DIGITS = tuple(Text(str(digit), str(digit)) for digit in range(10))

# Checksums of the .gz as torchvision.datasets states them (`resources`), of what is in them as computed from those
# files; KMNIST's are not known. Class names by the authors of each data set.
DATASETS: dict[str, Dataset] = {
    "mnist": Dataset(
        name="mnist",
        title=Text("MNIST（手書き数字）", "MNIST (handwritten digits)"),
        classes=_DIGITS,
        mean=0.1307,
        std=0.3081,
        source="http://yann.lecun.com/exdb/mnist/",
        licence="CC BY-SA 3.0, Yann LeCun and Corinna Cortes",
        train_size=55_000,
        validation_size=5_000,
        test_size=10_000,
        folder="MNIST",
        files=_mnist_files(
            (
                "f68b3c2dcbeaaa9fbdd348bbdeb94873",
                "d53e105ee54ea40749a09fcbcd1e9432",
                "9fb629c4189551a2d022fa330f9573f3",
                "ec29112dd5afa0611ce80d1b7f02629c",
            ),
            (
                "6bbc9ace898e44ae57da46a324031adb",
                "a25bea736e30d166cdddb491f175f624",
                "2646ac647ad5339dbf082846283269ea",
                "27ae3e4e09519cfbb04c329615203637",
            ),
        ),
    ),
    "fashion-mnist": Dataset(
        name="fashion-mnist",
        title=Text("Fashion-MNIST（衣類）", "Fashion-MNIST (clothes)"),
        classes=(
            Text("Tシャツ/トップス", "T-shirt/top"),
            Text("ズボン", "Trouser"),
            Text("プルオーバー", "Pullover"),
            Text("ドレス", "Dress"),
            Text("コート", "Coat"),
            Text("サンダル", "Sandal"),
            Text("シャツ", "Shirt"),
            Text("スニーカー", "Sneaker"),
            Text("バッグ", "Bag"),
            Text("アンクルブーツ", "Ankle boot"),
        ),
        mean=0.2860,
        std=0.3530,
        source="https://github.com/zalandoresearch/fashion-mnist",
        licence="MIT, Zalando SE",
        train_size=55_000,
        validation_size=5_000,
        test_size=10_000,
        folder="FashionMNIST",
        files=_mnist_files(
            (
                "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
                "25c81989df183df01b3e8a0aad5dffbe",
                "bef4ecab320f06d8554ea6380940ec79",
                "bb300cfdad3c16e7a12a480ee83cd310",
            ),
            (
                "f4a8712d7a061bf5bd6d2ca38dc4d50a",
                "9018921c3c673c538a1fc5bad174d6f9",
                "8181f5470baa50b63fa0f6fddb340f0a",
                "15d484375f8d13e6eb1aabb0c3f46965",
            ),
        ),
    ),
    "kmnist": Dataset(
        name="kmnist",
        title=Text("KMNIST（くずし字）", "KMNIST (cursive Japanese)"),
        classes=(
            Text("お", "お (o)"),
            Text("き", "き (ki)"),
            Text("す", "す (su)"),
            Text("つ", "つ (tsu)"),
            Text("な", "な (na)"),
            Text("は", "は (ha)"),
            Text("ま", "ま (ma)"),
            Text("や", "や (ya)"),
            Text("れ", "れ (re)"),
            Text("を", "を (wo)"),
        ),
        mean=0.1918,
        std=0.3483,
        source="http://codh.rois.ac.jp/kmnist/",
        licence="CC BY-SA 4.0, KMNIST Dataset (CODH), adapted from Kuzushiji Dataset (NIJL and others)",
        train_size=55_000,
        validation_size=5_000,
        test_size=10_000,
        folder="KMNIST",
        files=_mnist_files(
            (
                "bdb82020997e1d708af4cf47b453dcf7",
                "e144d726b3acfaa3e44228e80efcd344",
                "5c965bf0a639b31b8f53240b1b52f4d7",
                "7320c461ea6c1c855c0b718fb2a4b134",
            ),
        ),
    ),
    "digits": Dataset(
        name="digits",
        title=Text("digits（scikit-learn付属の手書き数字）", "digits (handwritten, comes with scikit-learn)"),
        classes=_DIGITS,
        mean=0.1549,
        std=0.3161,
        source="https://archive.ics.uci.edu/dataset/80/optical+recognition+of+handwritten+digits",
        licence="CC BY 4.0, E. Alpaydin and C. Kaynak",
        train_size=1_257,
        validation_size=180,
        test_size=360,
    ),
    "emnist-balanced": Dataset(
        name="emnist-balanced",
        title=Text("EMNIST Balanced（手書きの数字と文字）", "EMNIST Balanced (handwritten digits and letters)"),
        # 15 letters look the same in both sizes and are one class each.
        classes=tuple(Text(sign, sign) for sign in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabdefghnqrt"),
        mean=None,
        std=None,
        source="https://www.nist.gov/itl/products-and-services/emnist-dataset",
        licence="public domain; Cohen, Afshar, Tapson and van Schaik (2017), arXiv:1702.05373",
        train_size=101_520,
        validation_size=11_280,
        test_size=18_800,
        archive=Archive(  # address and checksum as torchvision.datasets.EMNIST states them
            files=(RemoteFile("gzip.zip", "58c8d27c78d21e728a6bc7b3cc06412e"),),
            mirrors=("https://biometrics.nist.gov/cs_links/EMNIST/",),
            folder="EMNIST/raw",
            only="emnist-balanced",
            transposed=True,
        ),
    ),
    "k49": Dataset(
        name="k49",
        title=Text("Kuzushiji-49（くずし字のひらがな）", "Kuzushiji-49 (cursive hiragana)"),
        classes=_HIRAGANA,
        mean=None,
        std=None,
        source="http://codh.rois.ac.jp/kmnist/",
        licence="CC BY-SA 4.0, KMNIST Dataset (CODH), adapted from Kuzushiji Dataset (NIJL and others)",
        train_size=209_129,
        validation_size=23_236,
        test_size=38_547,
        archive=Archive(  # its authors state no checksums: these are those that four projects which read it agree on
            files=(
                RemoteFile("k49-train-imgs.npz", "7ac088b20481cf51dcd01ceaab89d821"),
                RemoteFile("k49-train-labels.npz", "44a8e1b893f81e63ff38d73cad420f7a"),
                RemoteFile("k49-test-imgs.npz", "d352e201d846ce6b94f42c990966f374"),
                RemoteFile("k49-test-labels.npz", "4da6f7a62e67a832d5eb1bd85c5ee448"),
            ),
            mirrors=("http://codh.rois.ac.jp/kmnist/dataset/k49/",),
            folder="K49",
        ),
    ),
    "cifar10": Dataset(
        name="cifar10",
        title=Text("CIFAR-10（カラー写真）", "CIFAR-10 (colour photos)"),
        classes=(
            Text("飛行機", "airplane"),
            Text("自動車", "automobile"),
            Text("鳥", "bird"),
            Text("猫", "cat"),
            Text("鹿", "deer"),
            Text("犬", "dog"),
            Text("カエル", "frog"),
            Text("馬", "horse"),
            Text("船", "ship"),
            Text("トラック", "truck"),
        ),
        mean=None,
        std=None,
        source="https://www.cs.toronto.edu/~kriz/cifar.html",
        licence="no licence stated; Krizhevsky (2009), Learning Multiple Layers of Features from Tiny Images",
        train_size=45_000,
        validation_size=5_000,
        test_size=10_000,
        image_shape=(32, 32),
        channels=3,
        polarity="photo",
        archive=Archive(  # the version for C, since the one for Python is pickle; checksum as on its page
            files=(RemoteFile("cifar-10-binary.tar.gz", "c32a1d4ab5d03f1284b67883e8d87530"),),
            mirrors=("https://www.cs.toronto.edu/~kriz/",),
            folder="CIFAR10",
        ),
    ),
}
