"""Plants for P701 to P704 and P707: label files are moved, renamed or added."""

from __future__ import annotations

from sets import picture

from plants import Plant

LABEL = "labels/train/aaapic.txt"
LIST = "./images/train/aaapic.jpg\n./images/train/aabpic.jpg\n"


def move(path: str, to: str):
    def change(files: dict[str, bytes]) -> None:
        files[to] = files.pop(path)

    return change


def copy(path: str, to: str):
    return lambda files: files.update({to: files[path]})


def move_all(old: str, new: str):
    def change(files: dict[str, bytes]) -> None:
        for path in [path for path in files if path.startswith(old)]:
            files[new + path.removeprefix(old)] = files.pop(path)

    return change


def listed(line: str):
    """Train is a list of its images and one line more."""

    def change(files: dict[str, bytes]) -> None:
        images = sorted(path for path in files if path.startswith("images/train/"))
        files["train.txt"] = ("".join(f"./{path}\n" for path in images[:5]) + f"{line}\n").encode()
        files["train.txt"] += "".join(f"./{path}\n" for path in images[5:]).encode()
        files["data.yaml"] = files["data.yaml"].replace(b"train: images/train", b"train: train.txt")

    return change


MISSING = ("P706",)
WHY = "until it is moved, the image has no label and counts as background"

PLANTS: list[Plant] = [
    Plant("label alone", "P701", "warning", "detect", copy(LABEL, "labels/train/zzzpic.txt"),
          "labels/train/zzzpic.txt"),
    Plant("jpg and png", "P702", "error", "detect",
          lambda files: files.update({"images/train/aaapic.png": picture(4000, format="PNG")}),
          "images/train/aaapic.jpg"),
    Plant("double suffix", "P703", "error", "detect", move(LABEL, "labels/train/aaapic.jpg.txt"),
          "labels/train/aaapic.jpg.txt", also=MISSING, why_also=WHY),
    Plant("upper case suffix", "P703", "error", "segment", move(LABEL, "labels/train/aaapic.TXT"),
          "labels/train/aaapic.TXT", also=MISSING, why_also=WHY),
    Plant("other case", "P703", "error", "pose", move(LABEL, "labels/train/AAApic.txt"),
          "labels/train/AAApic.txt", also=MISSING, why_also=WHY),
    Plant("not in the split's folder", "P703", "error", "obb", move(LABEL, "labels/aaapic.txt"),
          "labels/aaapic.txt", also=MISSING, why_also=WHY),
    Plant("folder called label", "P703", "error", "detect", move_all("labels/", "label/"),
          "label/train/aaapic.txt", also=("P705", "D851"),
          why_also="without the folder no image of a split has a label, and no class an object"),
    Plant("one beside its image", "P704", "error", "detect", move(LABEL, "images/train/aaapic.txt"),
          "images/train/aaapic.txt", also=MISSING, why_also=WHY),
    Plant("a second one beside its image", "P704", "note", "detect", copy(LABEL, "images/train/aaapic.txt"),
          "images/train/aaapic.txt"),
    Plant("no folder called images", "P704", "note", "detect",
          lambda files: [move_all("images/", "set/")(files), move_all("labels/", "set/")(files),
                         files.update({"data.yaml": files["data.yaml"].replace(b"images/", b"set/")})]),
    Plant("list names what is not there", "P707", "error", "detect", listed("./images/train/lost.jpg"),
          ("train.txt", 6)),
    Plant("list with a blank line", "P707", "error", "detect", listed(""), ("train.txt", 6)),
    Plant("list names an image twice", "P707", "error", "detect", listed("./images/train/aaapic.jpg"),
          ("train.txt", 6)),
    Plant("list names a text", "P707", "error", "detect", listed("./labels/train/aaapic.txt"), ("train.txt", 6)),
]  # fmt: skip
