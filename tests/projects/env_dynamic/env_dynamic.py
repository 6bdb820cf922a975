import sortedcontainers

LIST = sortedcontainers.SortedList
