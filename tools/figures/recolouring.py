"""Two photographs painted by formulas, a dune at noon and a lake at dusk, and docs/images/recolouring.jpg made of them.

usage: recolouring.py photographs FOLDER HEIGHT [GRAIN]    day.jpg and dusk.jpg, 4:3; 3000 makes 12 megapixels
       recolouring.py figure OTBRIDGE                      the three pictures of docs/cli.md side by side
Needs NumPy and Pillow, which Matplotlib brings.
"""
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
from PIL import Image

ROOT = pathlib.Path(__file__).parents[2]
COMMAND = ["transport", "day.jpg", "dusk.jpg", "--epsilon-relative", "0.01", "-o", "recoloured.png"]
GRAIN = 0.012  # standard deviation of what each pixel has of its own, of a range of 1


def clouds(shape, rng):
    """Smooth noise of seven octaves, largest value 1."""
    height, width = shape
    total = np.zeros(shape, np.float32)
    for octave in range(7):
        cells = 2 ** (octave + 2)
        coarse = rng.normal(size=(cells, cells * width // height + 1)).astype(np.float32)
        total += np.asarray(Image.fromarray(coarse).resize((width, height), Image.BICUBIC)) / 2 ** (0.9 * octave)
    return total / np.abs(total).max()


def dune(u, v, rough, sky):
    white = np.clip(sky, 0, 1)
    above = np.stack([0.2 + 0.6 * v + 0.35 * white, 0.45 + 0.4 * v + 0.3 * white, 0.92 - 0.05 * v + 0.08 * white], -1)
    light = 1.25 - 0.7 * v + 0.35 * rough + 0.08 * np.sin(220 * v + 30 * sky)
    below = np.float32([0.9, 0.7, 0.42]) * light[..., None]
    return np.where((v < 0.55 + 0.1 * np.sin(5 * u) + 0.05 * rough)[..., None], above, below)


def lake(u, v, rough, haze):
    glow = np.exp(-3 * (u - 0.6) ** 2 - 10 * (v - 0.5) ** 2)
    light = np.stack([0.18 + 0.8 * glow + 0.1 * rough, 0.1 + 0.42 * glow + 0.08 * rough,
                      0.28 + 0.12 * glow + 0.25 * np.abs(v - 0.5) + 0.08 * haze], -1)
    light *= np.where(v > 0.5, 0.75 + 0.25 * np.sin(400 * v * v + 20 * rough), 1)[..., None]
    hills = (v > 0.44 + 0.05 * rough) & (v < 0.5)
    return np.where(hills[..., None], 0.25 * light, light)


def write_photographs(folder, height, grain=GRAIN):
    rng = np.random.default_rng(0)
    shape = (height, height * 4 // 3)
    u, v = np.meshgrid(np.linspace(0, 1, shape[1], dtype=np.float32), np.linspace(0, 1, shape[0], dtype=np.float32))
    for name, paint in (("day", dune), ("dusk", lake)):
        picture = paint(u, v, clouds(shape, rng), clouds(shape, rng))
        picture = picture + grain * rng.normal(size=(*shape, 3)).astype(np.float32)
        Image.fromarray((255 * np.clip(picture, 0, 1) + 0.5).astype(np.uint8)).save(folder / f"{name}.jpg", quality=92)


def draw_figure(program):
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)
        write_photographs(work, 480)
        subprocess.run([program, *COMMAND, "--quiet"], cwd=work, check=True)
        pictures = [Image.open(work / name).resize((320, 240)) for name in ("day.jpg", "dusk.jpg", "recoloured.png")]
    strip = Image.new("RGB", (3 * 320 + 2 * 8, 240), "white")
    for k, picture in enumerate(pictures):
        strip.paste(picture, (k * 328, 0))
    strip.save(ROOT / "docs/images/recolouring.jpg", quality=85)


if __name__ == "__main__":
    if sys.argv[1:2] == ["photographs"] and len(sys.argv) in (4, 5):
        write_photographs(pathlib.Path(sys.argv[2]), int(sys.argv[3]), *map(float, sys.argv[4:]))
    elif sys.argv[1:2] == ["figure"] and len(sys.argv) == 3:
        draw_figure(pathlib.Path(sys.argv[2]).resolve())
    else:
        sys.exit(__doc__)
