def gate(i):
    if i == 1:
        return "one"
    if i == 2:
        return "two"
    if i == 3:
        return "three"
    return "rest"


def never():
    return 5


TOP = gate(0)
