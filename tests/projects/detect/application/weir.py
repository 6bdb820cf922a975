import attrs

HEIGHT = 1
