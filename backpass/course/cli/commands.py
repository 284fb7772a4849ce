"""All commands, in the order of their use, and what is said of them together."""

import click

from backpass.course.cli import assign, chapters, grade, mend, regrade, report, review


class InOrder(click.Group):
    """Lists its commands as they were added."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)


@click.group(cls=InOrder, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="backpass", message="%(package)s %(version)s")
def backpass() -> None:
    """Give chapters of The Backward Pass to a class, and grade what comes back.

    A chapter of the book has a sheet of exercises: a Jupyter notebook in which a student writes
    functions, and checks say what is wrong with them. Run these commands in the folder of the book,
    the one that has solutions/ in it.

    \b
    What there is, and how long it takes:
        backpass chapters
    A zip for the students, with the notebook and all that it needs:
        backpass assign bptt --out hw --due 2027-02-12
    What came back, as points, tables and pages:
        backpass grade bptt downloads/submissions.zip --out grades
    The open questions, which a person reads:
        backpass review grades
    More about a command, with examples:
        backpass assign --help

    \b
    The Tab key completes commands, options and chapters after this line, which
    belongs into ~/.bashrc to stay:
        eval "$(_BACKPASS_COMPLETE=bash_source backpass)"
    In ~/.zshrc write zsh_source for bash_source. For fish:
        _BACKPASS_COMPLETE=fish_source backpass | source
    """


for module in (chapters, assign, grade, regrade, review, report, mend):
    backpass.add_command(module.command)
