"""What a class is given: a chapter's sheet or a part of it, in a zip.

``assign`` makes the zip, of the whole sheet or of ``parts``, ``reworded`` where its texts would not
agree with what is asked and what it is worth.
"""
