import iniconfig


def main() -> None:
    print("main", iniconfig.__name__)


ANSWER = 42
