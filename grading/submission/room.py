"""How much a notebook's outputs may hold together, and what is still left of it."""

import re
from dataclasses import dataclass
from itertools import count

CUT = "… (cut)"
MAX_TEXT = 100_000
MAX_COLOURS = 2_000
ESCAPE = re.compile(r"\x1b(?:\[[0-?]*+[ -/]*+[@-~]?)?")
COLOUR = re.compile(r"\x1b\[[0-9;]{0,30}m")


@dataclass
class Room:
    """What one notebook's outputs may still take; characters are counted before they are HTML."""

    outputs: int = 1_000
    characters: int = 2_000_000
    tags: int = 100_000
    colours: int = 20_000
    pictures: int = 20_000_000

    def take_output(self) -> bool:
        """Return whether there is room for one more output, and take it."""
        self.outputs -= 1
        return self.outputs >= 0

    def take_picture(self, size: int) -> bool:
        """Return whether there is room for a picture of that many characters, and take it."""
        if size > self.pictures:
            return False
        self.pictures -= size
        return True

    def take_tags(self, number: int) -> bool:
        """Return whether there is room for so many tags, and take it."""
        if number > self.tags:
            return False
        self.tags -= number
        return True

    def take_text(self, raw: object, most: int = MAX_TEXT) -> str:
        """Return a text, or its lines joined, cut to the room and to `most` characters.

        Of what is written for terminals, colours stay; each becomes an element of the page.
        """
        text = "".join(map(str, raw)) if isinstance(raw, list) else str(raw)
        text = text.encode("utf-8", "replace").decode("utf-8")
        most = min(most, self.characters)
        if len(text) > most:
            text = f"{text[:most]}\n{CUT}"
        self.characters -= min(len(text), most)
        if "\x1b" not in text:
            return text
        seen = count(1)
        most_colours = min(MAX_COLOURS, self.colours)

        def colours_only(found: re.Match[str]) -> str:
            kept = COLOUR.fullmatch(found[0]) and next(seen) <= most_colours
            return found[0] if kept else ""

        text = ESCAPE.sub(colours_only, text)
        self.colours -= min(next(seen) - 1, most_colours)
        return text
