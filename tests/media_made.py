"""Real files of every kind, made on the spot."""

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass

import av
import openpyxl
from PIL import Image, ImageDraw

Box = tuple[int, int, int, int]


@dataclass(frozen=True)
class Shape:
    """A drawn shape and its true box in pixels."""

    colour: str
    rgb: tuple[int, int, int]
    form: str
    box: Box


SHAPES = (
    Shape("red", (214, 20, 20), "ellipse", (40, 40, 200, 200)),
    Shape("blue", (20, 60, 220), "rectangle", (300, 60, 520, 180)),
    Shape("green", (20, 150, 60), "polygon", (600, 50, 760, 210)),
    Shape("orange", (240, 140, 20), "rectangle", (80, 340, 240, 500)),
    Shape("purple", (120, 30, 200), "ellipse", (400, 320, 700, 540)),
)
# Colour, begin and end in seconds.
SCENES = (("red", 0.0, 11.0), ("green", 11.0, 29.0), ("blue", 29.0, 44.0), ("yellow", 44.0, 60.0))
_RGB = {"red": (220, 20, 20), "green": (20, 160, 40), "blue": (20, 40, 220), "yellow": (240, 220, 20)}


def five_shapes() -> bytes:
    """Draw 800 x 600 pixels with the five shapes of ``SHAPES`` as PNG."""
    image = Image.new("RGB", (800, 600), "white")
    draw = ImageDraw.Draw(image)
    for shape in SHAPES:
        left, top, right, bottom = shape.box
        inside = (left, top, right - 1, bottom - 1)
        if shape.form == "ellipse":
            draw.ellipse(inside, fill=shape.rgb)
        elif shape.form == "rectangle":
            draw.rectangle(inside, fill=shape.rgb)
        else:
            corners = [((left + right) // 2, top), (right - 1, bottom - 1), (left, bottom - 1)]
            draw.polygon(corners, fill=shape.rgb)
    packed = io.BytesIO()
    image.save(packed, "PNG")
    return packed.getvalue()


def iou(one: Box, other: Box) -> float:
    """Divide what two boxes share by what they cover together."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    shared = max(0, width) * max(0, height)
    area = sum((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other))
    return shared / (area - shared)


def video_of(
    scenes: tuple[tuple[str, float, float], ...] = SCENES,
    *,
    kind: str = "mp4",
    size: tuple[int, int] = (320, 240),
    rate: int = 10,
) -> bytes:
    """Film plain colours, ``rate`` frames a second."""
    packed = io.BytesIO()
    with av.open(packed, mode="w", format=kind) as container:
        stream = container.add_stream("mpeg4", rate=rate)
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        for colour, begin, end in scenes:
            image = Image.new("RGB", size, _RGB[colour])
            frame = av.VideoFrame.from_image(image)  # type: ignore[no-untyped-call]
            for number in range(round(begin * rate), round(end * rate)):
                frame.pts = number
                container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return packed.getvalue()


def pdf_of(pages: list[str]) -> bytes:
    """Write a PDF with one line of text on each page."""
    contents = [f"BT /F1 12 Tf 72 720 Td ({text}) Tj ET".encode("ascii") for text in pages]
    return _pdf(contents, b"/Font << /F1 3 0 R >>", [])


def scanned_pdf(pages: int) -> bytes:
    """Write a PDF whose pages are pictures, as a scanner does."""
    pixels = zlib.compress(bytes(range(200)) * 200)
    image = (
        b"<< /Type /XObject /Subtype /Image /Width 200 /Height 200 /ColorSpace /DeviceGray "
        b"/BitsPerComponent 8 /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream"
        % (len(pixels), pixels)
    )
    return _pdf([b"q 400 0 0 400 100 200 cm /I Do Q"] * pages, b"/XObject << /I 4 0 R >>", [image])


def _pdf(contents: list[bytes], resources: bytes, extra: list[bytes]) -> bytes:
    first = 4 + len(extra)
    kids = b" ".join(b"%d 0 R" % (first + 2 * n) for n in range(len(contents)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, len(contents)),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        *extra,
    ]
    for number, content in enumerate(contents):
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Resources << %s >> /Contents %d 0 R >>"
            % (resources, first + 2 * number + 1)
        )
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content))
    out, places = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(out)


W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
P = 'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"'
A = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
R = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'


def docx_of(*paragraphs: tuple[str, str], head: str = "") -> bytes:
    """Write a Word file of (style, text) paragraphs; ``head`` stands before the document's element."""
    body = "".join(
        f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>'
        if style
        else f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"
        for style, text in paragraphs
    )
    return zipped({"word/document.xml": f"{head}<w:document {W}><w:body>{body}</w:body></w:document>"})


def pptx_of(slides: list[str]) -> bytes:
    """Write a PowerPoint file; its slides' file names stand in the reverse order of showing."""
    names = {n: f"slides/slide{len(slides) - n}.xml" for n in range(len(slides))}
    identities = "".join(f'<p:sldId id="{256 + n}" r:id="rId{n}"/>' for n in names)
    relations = "".join(f'<Relationship Id="rId{n}" Target="{target}"/>' for n, target in names.items())
    files = {
        "ppt/presentation.xml": (
            f"<p:presentation {P} {R}><p:sldIdLst>{identities}</p:sldIdLst></p:presentation>"
        ),
        "ppt/_rels/presentation.xml.rels": f"<Relationships>{relations}</Relationships>",
    }
    for n, text in enumerate(slides):
        files[f"ppt/{names[n]}"] = (
            f"<p:sld {P} {A}><p:sp><p:txBody><a:p><a:r><a:t>{text}</a:t></a:r></a:p></p:txBody></p:sp>"
            "</p:sld>"
        )
    return zipped(files)


def xlsx_of(sheets: dict[str, list[list[object]]]) -> bytes:
    """Write an Excel file."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


def office_bomb() -> bytes:
    """Write a Word file of 1 MB that unpacks to a gigabyte."""
    data = zipped({"word/document.xml": b" " * 1_000_000})
    # The table of contents promises a gigabyte; nothing that large need be made for it to be believed.
    place = data.rindex(b"PK\x01\x02")
    return data[: place + 24] + struct.pack("<I", 10**9) + data[place + 28 :]


def zipped(files: Mapping[str, str | bytes]) -> bytes:
    """Pack files."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()
