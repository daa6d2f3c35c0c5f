"""The page of the gallery against its pictures: python3 -m unittest test_gallery (nothing else is needed)."""
import html
import pathlib
import re
import unittest

DOCS = pathlib.Path(__file__).parents[2] / "docs"
PICTURES = DOCS / "images/gallery"


class Gallery(unittest.TestCase):
    def test_each_picture_was_made_by_the_command_beside_it(self):
        page = (DOCS / "gallery.md").read_text(encoding="utf-8")
        shown = re.findall(r"!\[[^]]*\]\(images/gallery/(\w+\.svg)\)\n\n```sh\n(.*?)\n```", page, re.S)
        self.assertEqual(sorted(name for name, _ in shown), sorted(path.name for path in PICTURES.iterdir()))
        for name, commands in shown:
            picture = (PICTURES / name).read_text(encoding="utf-8")
            made_by = html.unescape(re.search(r"<metadata>command: (.*?); seed: \d+; otbridge [\d.]+</metadata>", picture, re.S)[1])
            self.assertEqual(made_by, commands.splitlines()[-1])
            self.assertLess(len(picture.encode()), 200_000, name)


if __name__ == "__main__":
    unittest.main()
