"""A mill.

>>> turns(2)
4
"""


def turns(n):
    """Twice.

    >>> turns(3)
    6
    >>> turns(1)
    3
    """
    return 2 * n


class Wheel:
    """A wheel.

    >>> Wheel().spin()
    'spins'
    """

    def spin(self):
        """
        >>> Wheel().spin()
        'spins'
        """
        return "spins"
