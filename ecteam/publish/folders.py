"""What is the folder of a shop's report called? Names are data: no name may leave its folder or share it."""

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

LONGEST_BYTES = 100
"""A file system takes 255 bytes; the names of unfinished work beside a report are longer than the report's."""
RESERVED = re.compile(r"(?i)^(con|prn|aux|nul|com[0-9]|lpt[0-9]|conin|conout|clock)$")
"""Names that Windows keeps for devices, with any ending."""
_MARKS = (8, 16, 64)


def folder_names(names: Sequence[str]) -> list[str]:
    """Which folder does each shop's report get?

    A name keeps its letters and digits of any script; all else becomes one `_`. A name that is reserved, too long or
    without letters gets a mark of its own, and so do all names that a file system could take for one another (capitals,
    accents composed or not, full-width letters, other signs at the same place). A folder depends on the shop's name
    and on the names it could be taken for, not on the order of the rows. Raises `ValueError` for a name given twice.

    >>> folder_names(["Mountain Tea", "../x", "山茶（杭州）", "index.html"])
    ['Mountain_Tea', 'x', '山茶_杭州', 'index_html']
    >>> folder_names(["Tea", "TEA", "CON"])
    ['Tea-017979e8', 'TEA-9b0e2ae9', 'CON-a3dbc4b6']
    """
    if len(set(names)) < len(names):
        raise ValueError("a name is there twice")
    plain = [_plain(name) for name in names]
    alike = Counter(map(_folded, plain))
    for digits in _MARKS:
        found = [
            name if name and alike[_folded(name)] == 1 and not _marked(name) else _with_mark(name, shop, digits)
            for name, shop in zip(plain, names, strict=True)
        ]
        if len(set(map(_folded, found))) == len(found):
            return found
    raise ValueError("two names have the same SHA-256")


def _plain(name: str) -> str:
    kept = "".join(c if unicodedata.category(c)[0] in "LNM" else "_" for c in unicodedata.normalize("NFKC", name))
    return unicodedata.normalize("NFC", re.sub("_+", "_", kept).strip("_"))


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", name).casefold())


def _marked(name: str) -> bool:
    # A name that begins with a combining mark would join whatever is written before it.
    first = unicodedata.category(name[0])[0] if name else ""
    return bool(RESERVED.match(name)) or len(name.encode()) > LONGEST_BYTES or first == "M"


def _with_mark(name: str, shop: str, digits: int) -> str:
    """A hyphen stands in no other folder's name, so that no mark can be guessed."""
    mark = hashlib.sha256(shop.encode("utf-8", "surrogatepass")).hexdigest()[:digits]
    short = name.encode()[:LONGEST_BYTES].decode("utf-8", "ignore").strip("_")
    begins_with_mark = bool(short) and unicodedata.category(short[0])[0] == "M"
    return f"{'shop' if not short or begins_with_mark else short}-{mark}"
