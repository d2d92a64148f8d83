"""Pictures: whether they can be opened, how large they are, and whether they tell a place."""

from pathlib import Path

import pillow_heif
from PIL import Image, UnidentifiedImageError

from documents.enums import Problem
from documents.inspection.finding import MOST_PIXELS, Found


def judge(path: Path) -> None:
    pillow_heif.register_heif_opener()
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS * 2  # ours is asked first, with an answer of its own
    try:
        with Image.open(path) as image:
            if image.width * image.height > MOST_PIXELS:
                raise Found(Problem.TOO_MUCH, "pixels")
            image.load()
            has_place = bool(image.getexif().get_ifd(0x8825))
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError) as error:
        raise Found(Problem.BROKEN, "image") from error
    except Image.DecompressionBombError as error:
        raise Found(Problem.TOO_MUCH, "pixels") from error
    if has_place:
        raise Found(Problem.GEOTAGGED)
