"""What people read of grades, and the page on which a person gives them.

``write`` makes all of them: a ``page`` of ``feedback`` for each student, and for the class a
``summary`` with its ``mistakes``. ``review`` serves the page on which open answers are read
(``reading``); ``markdown`` shows what students wrote without anything that runs.
"""
