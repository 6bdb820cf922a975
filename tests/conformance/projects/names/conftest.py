"""A collector of the project's own, whose items share their names."""

import pytest


class Line(pytest.Item):
    def runtest(self):
        assert self.text != "bad"

    def reportinfo(self):
        return self.path, 0, self.name


class Lines(pytest.File):
    def collect(self):
        for text in self.path.read_text().split():
            item = Line.from_parent(self, name="line")
            item.text = text
            yield item


def pytest_collect_file(file_path, parent):
    if file_path.suffix == ".lines":
        return Lines.from_parent(parent, path=file_path)
