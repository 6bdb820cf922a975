"""Detection: what a project that has never heard of penstock says, in its own files, about how it is tested.

`detection` is the door. It is not opened here: other parts of the room read requirements with modules of this folder.
"""
