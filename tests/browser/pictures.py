"""Pictures of pages, held against those that were kept: what is where, in which colour; not how a letter's edge is drawn.

Both are brought down to cells of eight pixels. A cell has changed where nothing near it in the other picture is as light and
of that colour: a letter that another machine draws a little aside is found again; a bar that is gone is not.
"""

import base64
import os
from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import Locator, Page

KEPT = Path(__file__).parent / "pictures"
IS_RENEWING = os.environ.get("PICTURES") == "renew"
MOST_CHANGED = 0.004
"""Of all cells: a clock, an id, an age."""
_HALVED = """async (told) => {
  const image = await createImageBitmap(await (await fetch('data:image/png;base64,' + told)).blob());
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [image.width >> 1, image.height >> 1];
  const context = canvas.getContext('2d');
  context.imageSmoothingQuality = 'high';
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas.toDataURL('image/png').split(',')[1];
}"""
_CHANGED = """async ([one, two, cell, near]) => {
  const cells = async (told) => {
    const image = await createImageBitmap(await (await fetch('data:image/png;base64,' + told)).blob());
    const canvas = new OffscreenCanvas(image.width, image.height);
    const context = canvas.getContext('2d');
    context.drawImage(image, 0, 0);
    const {data} = context.getImageData(0, 0, image.width, image.height);
    const [across, down] = [Math.floor(image.width / cell), Math.floor(image.height / cell)];
    const sums = Array.from({length: across * down}, () => [0, 0, 0]);
    for (let y = 0; y < down * cell; y++)
      for (let x = 0; x < across * cell; x++)
        for (let part = 0; part < 3; part++)
          sums[Math.floor(y / cell) * across + Math.floor(x / cell)][part] += data[(y * image.width + x) * 4 + part];
    return {across, down, sums: sums.map(sum => sum.map(each => each / cell / cell))};
  };
  const [held, seen] = [await cells(one), await cells(two)];
  if (held.across !== seen.across || held.down !== seen.down) return 1;
  const isNear = (a, b) => a.every((each, part) => Math.abs(each - b[part]) <= near);
  const isFound = (from, into, x, y) => {
    for (let dy = -1; dy <= 1; dy++)
      for (let dx = -1; dx <= 1; dx++) {
        const [there, below] = [x + dx, y + dy];
        if (there < 0 || below < 0 || there >= into.across || below >= into.down) continue;
        if (isNear(from.sums[y * from.across + x], into.sums[below * into.across + there])) return true;
      }
    return false;
  };
  let changed = 0;
  for (let y = 0; y < held.down; y++)
    for (let x = 0; x < held.across; x++)
      if (!isFound(held, seen, x, y) || !isFound(seen, held, x, y)) changed += 1;
  return changed / (held.across * held.down);
}"""


def taken(page: Page, easel: Page, covered: Sequence[Locator] = ()) -> str:
    """The page as it is seen, at half its size, with what is never twice the same `covered`.

    `easel` is a page without a policy, which may work on pictures.
    """
    shot = page.screenshot(animations="disabled", caret="hide", mask=list(covered))
    return easel.evaluate(_HALVED, base64.b64encode(shot).decode())


def changed(easel: Page, name: str, picture: str) -> float:
    """The share of cells that are not as they were kept."""
    kept = base64.b64encode((KEPT / f"{name}.png").read_bytes()).decode()
    return easel.evaluate(_CHANGED, [kept, picture, 4, 22])


def keep(name: str, picture: str) -> None:
    KEPT.mkdir(exist_ok=True)
    (KEPT / f"{name}.png").write_bytes(base64.b64decode(picture))
