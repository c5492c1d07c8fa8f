#!/usr/bin/env python3
"""Do other people's QR readers read our codes to exactly the text we meant?

usage: read_qr.py DEMO

For every certificate DEMO/certificates/NO-PE-*: zbarimg (apt: zbar-tools) and zxing-cpp must both read its PNG to what its .url file says,
and zxing-cpp its SVG too if `rsvg-convert` (apt: librsvg2-bin) is there to rasterise it.
"""
import io
import pathlib
import shutil
import subprocess
import sys

import zxingcpp
from PIL import Image

from checks import Checks, equal


def by_zbar(png: pathlib.Path) -> str:
    # Only QR codes; --raw leaves out "QR-Code:" and ends each code with one line feed.
    command = ["zbarimg", "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", str(png)]
    run = subprocess.run(command, capture_output=True, text=True, timeout=60)
    if run.returncode != 0:
        raise AssertionError(f"zbarimg ended with {run.returncode} (4: no code found) {run.stderr.strip()}")
    return run.stdout.removesuffix("\n")


def by_zxing(image: Image.Image) -> str:
    # Full QR codes only. `QRCode` would let Micro QR and rMQR in as well (since zxing-cpp 3), which are found where there are none.
    codes = zxingcpp.read_barcodes(image, formats=zxingcpp.BarcodeFormat.QRCodeModel2)
    equal(len(codes), 1)
    equal(codes[0].ec_level, "M")
    return codes[0].text


def rasterised(svg: pathlib.Path) -> Image.Image:
    # 600 pixels across, on white paper: an SVG without a background is transparent.
    command = ["rsvg-convert", "--width=600", "--keep-aspect-ratio", "--background-color=white", str(svg)]
    return Image.open(io.BytesIO(subprocess.run(command, capture_output=True, check=True, timeout=60).stdout))


def main(demo: pathlib.Path):
    checks = Checks()
    numbers = sorted({file.stem for file in demo.glob("certificates/NO-PE-*")})
    with checks.that(f"{demo}/certificates has certificates"):
        assert numbers, "no NO-PE-*"
    have_rsvg = shutil.which("rsvg-convert")
    for name in numbers:
        png, svg, text = (demo / "certificates" / f"{name}.{kind}" for kind in ("png", "svg", "url"))
        url = None
        with checks.that(f"{name}: the URL is an https address, `/v#` and digits"):
            url = text.read_text("ascii").strip()
            address, _, digits = url.partition("/v#")
            assert address.startswith("https://") and digits.isascii() and digits.isdigit(), url
        with checks.that(f"{name}: zbarimg reads the PNG"):
            equal(by_zbar(png), url)
        with checks.that(f"{name}: zxing-cpp reads the PNG"):
            equal(by_zxing(Image.open(png)), url)
        if have_rsvg:
            with checks.that(f"{name}: zxing-cpp reads the SVG"):
                equal(by_zxing(rasterised(svg)), url)
        else:
            print(f"skip  {name}: the SVG, for want of rsvg-convert")
    checks.close()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(pathlib.Path(sys.argv[1]))
