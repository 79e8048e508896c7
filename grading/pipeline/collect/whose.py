"""Say whose the files of a class are: by an id, or by a name where nothing speaks against it."""

from collections import defaultdict
from dataclasses import dataclass

from grading.course.roster import Member, Roster, forms_of, plain
from grading.pipeline.collect.names import Named
from grading.report.lms_table import LmsTable


@dataclass(frozen=True)
class Owners:
    """Whose some files are, and how surely; or why nobody knows."""

    members: tuple[Member, ...] = ()
    by_id: bool = False
    why: str = ""


class Whose:
    """Finds the students of all that is in one zip."""

    def __init__(self, roster: Roster, named: list[Named], table: LmsTable | None = None) -> None:
        self.roster = roster
        self._numbers: dict[str, set[str]] = defaultdict(set)
        for one in named:
            self._numbers[plain(one.name)].add(one.student_id)
        self._numbers_hold = self._are_of_this_assignment(named)
        self._told = _told(table, roster) if table else {}

    def of_all(self, named: list[Named]) -> dict[tuple[str, str, str], Owners]:
        """Return the owners by the keys of what they handed in; nobody owns two things at once."""
        found = {one.key: self.of(one) for one in named}
        claims: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
        for key, owners in found.items():
            for member in owners.members:
                claims[member.id].append(key)
        for id, keys in claims.items():
            sure = [key for key in keys if found[key].by_id]
            for key in keys:
                if len(keys) > 1 and sure != [key]:
                    found[key] = Owners(why=f"something else in this zip is {id}'s, too")
        return found

    def of(self, one: Named) -> Owners:
        """Return whose a file is by its name."""
        if told := self._told.get((one.lms, one.student_id)):
            return self._with_group(told, one)
        if one.lms == "moodle":
            return self._of_moodle(one)
        member = self._by_id(one.student_id)
        other = next(filter(None, map(self._by_id, one.other_ids)), None)
        if member and other:
            return Owners(why=f"by its name it could be {member.id}'s or {other.id}'s")
        if member:
            return self._with_group(member, one)
        return self._by_name(one, self.roster.named(one.name))

    def _are_of_this_assignment(self, named: list[Named]) -> bool:
        """Return whether the roster's ids are Moodle's numbers of participants in this assignment.

        Names say so; where Moodle hides all of them, it calls everybody alike.
        """
        agree = against = 0
        for one in named:
            member = self.roster.with_lms_id(one.student_id) if one.student_id else None
            if member and _agrees(one, member):
                agree += 1
            elif member and self.roster.named(one.name):
                against += 1
        return agree > against or len(self._numbers) == 1

    def _by_id(self, id: str) -> Member | None:
        if member := self.roster.with_lms_id(id):
            return member
        if id.isdigit() and self.roster.has_numbers:
            return None  # a number of the university's own may be another person's in the LMS
        return next(iter(self.roster.known(id)), None)

    def _of_moodle(self, one: Named) -> Owners:
        member = self.roster.with_lms_id(one.student_id) if one.student_id else None
        named = self.roster.named(one.name)
        if member and (_agrees(one, member) or (self._numbers_hold and not named)):
            return Owners((member,), by_id=True)
        if not named and (group := self.roster.in_group(one.name)):
            return Owners(tuple(group))
        return self._by_name(one, named)

    def _by_name(self, one: Named, named: list[Member]) -> Owners:
        if len(named) > 1:
            return Owners(why=f"{len(named)} students are called so")
        if not named:
            return Owners(why="nobody in the roster has this id or name")
        if len(self._numbers[plain(one.name)]) > 1:
            return Owners(why="there are several of this name in the zip")
        if one.lms == "canvas" and any(key.isdigit() for key in named[0].lms_ids):
            return Owners(why=f"the name is {named[0].id}'s, but not the id")
        return Owners((named[0],))

    def _with_group(self, member: Member, one: Named) -> Owners:
        """Return the student, with all of the group where its name stands in place of theirs."""
        if plain(one.name) and plain(one.name) == plain(member.group):
            return Owners(tuple(self.roster.in_group(member.group)), by_id=True)
        return Owners((member,), by_id=True)


def _agrees(one: Named, member: Member) -> bool:
    """Return whether a file's name does not speak against a student."""
    return not member.name or plain(one.name) in forms_of(member.name)


def _told(table: LmsTable, roster: Roster) -> dict[tuple[str, str], Member]:
    """Return the students by the LMS and the number that its own table gives them."""
    lms = "canvas" if table.kind == "canvas" else "moodle"
    matched, _ = table.matched(roster)
    people = [one for one in table.people() if one.number and one.row in matched]
    return {(lms, one.number): matched[one.row] for one in people}
