"""Files of shops: whatever their bytes are, they are read as a stock file or refused in a sentence.

What comes out can be sent: quantities are not below 0, and every row is one of the file's.
"""

from collections.abc import Iterator
from io import BytesIO

from openpyxl import Workbook

from fuzzing.choices import Choices
from fuzzing.oracle import require
from stocktrail.interfaces.importing.bad_file import BadFile
from stocktrail.interfaces.importing.stock.formats import FORMATS
from stocktrail.interfaces.importing.stock.import_stock import StockFile, read_stock_file

NAMES = (None, *FORMATS)

WORDS = (
    b"sku", b"quantity", b"\xef\xbb\xbf", b"\xff\xfe", b'"', b'""', b";", b"\t", b"\r\n",
    b"1.234,5", b"1,234.5", b"1E+05", b"-3", b"not stocked", b"parent", b"PK\x03\x04", b"\0",
    b"<f>", b"sep=;", b"\xe4", b"\xc3\xa4", b"Handle", b"Type", b"source_code",
    b"use_config_min_qty",
)
MOST_BYTES = 20_000


def target(data: bytes) -> None:
    """Read a file in the format that its first byte chooses."""
    choices = Choices(data)
    name = choices.one_of(NAMES)
    try:
        read = read_stock_file(StockFile(choices.rest(), "shop.csv", name))
    except BadFile as error:
        require(error.message.endswith("."), "a file is refused in a sentence", error.message)
        return
    for item in read.items:
        require(item.row > read.layout.header_row, "items are below the header", item.row)
        for source, line in item.at.items():
            require(bool(source), "a source has a name")
            require(line.quantity is None or line.quantity >= 0, "nothing or more is there", line)


def seeds() -> Iterator[bytes]:
    """Yield a small file of each format, and a workbook."""
    texts = (
        "sku;quantity;source\nA;1.234,5;east\n;2;\n",
        "Handle,Title,SKU,COO,Location,On hand\na,A,A,DE,East,not stocked\na,A,A,DE,W,-1\n",
        "ID,Type,SKU,Name,In stock?,Stock,Backorders allowed?\n1,variation,A,\"A, B\",1,parent,1\n",
        "sku,product_type,attribute_set_code,qty,use_config_min_qty,min_qty\nA,simple,D,1,0,-5\n",
    )
    for number, text in enumerate(texts):
        yield bytes((0, *text.encode("utf-16" if number == 1 else "utf-8")))
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["sku", "quantity"])
    sheet.append([7, "=1+1"])
    stream = BytesIO()
    book.save(stream)
    yield b"\0" + stream.getvalue()
