def fire(clay: int) -> int:
    return clay * 2
