"""Break the resolver on purpose, one rule at a time, and see whether the property tests notice.

Usage: python scripts/mutants.py [part of a name ...]. Works on copies: the code itself is never touched.
Prints one line per mutant; ends with 1 if one survived.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
TESTS = (
    "tests/permissions/test_visitors.py",
    "tests/permissions/test_crowded_house.py",
    "tests/permissions/test_properties.py",
)


class Mutant(NamedTuple):
    name: str
    module: str
    old: str
    new: str


CHECKER, SNAPSHOT, ROLES, BACKENDS, SCOPES = (
    f"permissions.{name}" for name in ("checker", "snapshot", "roles", "backends", "scopes")
)
REACH, READING, CACHE, PEOPLE = (f"permissions.{name}" for name in ("reach", "reading", "cache", "people"))
STANDING = "orgs.selectors.standing"
MUTANTS = [
    Mutant("R1 a stranger's grants count", CHECKER, "return Miss.NOT_A_MEMBER", "return None"),
    Mutant("R1 suspended ignored", CHECKER, "if not standing.is_active:", "if False:"),
    Mutant("R1 membership before its begin", CHECKER, "self.at < standing.starts_at:", "False:"),
    Mutant(
        "R1 membership begins late",
        CHECKER,
        "self.at < standing.starts_at:",
        "self.at <= standing.starts_at:",
    ),
    Mutant("R1 membership never ends", CHECKER, "standing.expires_at <= self.at:", "False:"),
    Mutant(
        "R1 membership ends late",
        CHECKER,
        "standing.expires_at <= self.at:",
        "standing.expires_at < self.at:",
    ),
    Mutant("R2 second factor ignored", CHECKER, "miss is None and self.must_set_up_second_factor", "False"),
    Mutant(
        "R2 asked where there is no session",
        CHECKER,
        "self.has_second_factor is not False",
        "self.has_second_factor",
    ),
    Mutant("R2 managers taken for everyone", CHECKER, 'standing.two_factor == "everyone" or (', "True or ("),
    Mutant("R2 managers not covered", CHECKER, "and MANAGES_ACCESS in role.actions)", "and False)"),
    Mutant(
        "R3 window of the organization role",
        CHECKER,
        "organization_grants if g.is_live(self.at)",
        "organization_grants if True",
    ),
    Mutant(
        "R3 another organization's object",
        CHECKER,
        "self.organization_grant if obj.pk == self.organization_id else None",
        "self.organization_grant",
    ),
    Mutant(
        "R4 implied team role skipped",
        CHECKER,
        "            yield self._narrowed(Source(role=implied, grant=organization))",
        "            pass",
    ),
    Mutant(
        "R4 own team role skipped",
        CHECKER,
        "                yield self._narrowed(Source(role=grant.role, grant=grant))",
        "                pass",
    ),
    Mutant(
        "R4 window of the team role",
        CHECKER,
        "            if grant.is_live(self.at):\n                yield",
        "            if True:\n                yield",
    ),
    Mutant(
        "R4 list forgets the implied team role",
        CHECKER,
        "if implied and action in implied.actions:",
        "if False:",
    ),
    Mutant(
        "R5.1 implied role skipped",
        CHECKER,
        "            return [Source(role=implied, grant=organization)]",
        "            pass",
    ),
    Mutant(
        "R5.1 union instead of nearest",
        CHECKER,
        "            return [Source(role=implied, grant=organization)]",
        "            return [Source(role=implied, grant=organization), *self._own_profile_sources(profile_id)]",
    ),
    Mutant("R5.1 list does not know it", CHECKER, "if implied is not None:", "if False:"),
    Mutant(
        "R5.2 None dropped",
        CHECKER,
        "            if any(grant.role.is_none for grant in direct):\n                return []",
        "            pass",
    ),
    Mutant(
        "R5.2 None opens the teams again",
        CHECKER,
        "            if any(grant.role.is_none for grant in direct):\n                return []",
        "            direct = [grant for grant in direct if not grant.role.is_none]\n        if direct:",
    ),
    Mutant("R5.2 every one must be None", CHECKER, "if any(grant.role.is_none", "if all(grant.role.is_none"),
    Mutant(
        "R5.2 window of a direct grant",
        CHECKER,
        "(profile_id, ()) if g.is_live(self.at)]",
        "(profile_id, ())]",
    ),
    Mutant(
        "R5.2 first direct role only",
        CHECKER,
        "            return [Source(role=grant.role, grant=grant) for grant in direct]",
        "            return [Source(role=grant.role, grant=grant) for grant in direct[:1]]",
    ),
    Mutant(
        "R5.2 union with the teams",
        CHECKER,
        "            return [Source(role=grant.role, grant=grant) for grant in direct]\n        sources = []",
        "        sources = [Source(role=grant.role, grant=grant) for grant in direct]",
    ),
    Mutant(
        "R5.3 teams skipped",
        CHECKER,
        "        for link in self.snapshot.through_teams.get(profile_id, ()):",
        "        for link in ():",
    ),
    Mutant("R5.3 window of a team's grant", CHECKER, "if not link.is_live(self.at):", "if False:"),
    Mutant(
        "R5.3 a team's None closes",
        CHECKER,
        "            sources.append(Source(role=link.role, grant=link))",
        "            if link.role.is_none:\n                return []\n"
        "            sources.append(Source(role=link.role, grant=link))",
    ),
    Mutant(
        "R5.3 the link's role skipped",
        CHECKER,
        "            sources.append(Source(role=link.role, grant=link))",
        "            pass",
    ),
    Mutant(
        "R5.3 own team role brings nothing",
        CHECKER,
        "for grant in self._team_roles_of(link.group_id)",
        "for grant in ()",
    ),
    Mutant(
        "R5.3 admin of one team, editor of all",
        CHECKER,
        "if g.group_id == group_id and g.is_live(self.at))",
        "if g.is_live(self.at))",
    ),
    Mutant(
        "R5.3 window of the team role",
        CHECKER,
        "if g.group_id == group_id and g.is_live(self.at))",
        "if g.group_id == group_id)",
    ),
    Mutant(
        "R5.3 implied team role brings nothing",
        CHECKER,
        "if organization and team_role and (",
        "if False and (",
    ),
    Mutant(
        "R6 dropped in the check",
        CHECKER,
        "if has_approval or not source.role.is_bound_to_approval",
        "if True",
    ),
    Mutant(
        "R6 every role closed",
        CHECKER,
        "if has_approval or not source.role.is_bound_to_approval",
        "if has_approval",
    ),
    Mutant(
        "R6 dropped in the list", CHECKER, "(bound if source.role.is_bound_to_approval else free)", "free"
    ),
    Mutant(
        "R6 implied role dropped in the list",
        CHECKER,
        "needs_approval_everywhere=implied.is_bound_to_approval",
        "needs_approval_everywhere=False",
    ),
    Mutant(
        "R6 bound wins over free in the list",
        CHECKER,
        "frozenset(free), frozenset(bound - free)",
        "frozenset(free - bound), frozenset(bound)",
    ),
    Mutant(
        "R7 dropped in the check",
        CHECKER,
        "        if not self._in_workspace(profile):\n            return []\n",
        "",
    ),
    Mutant(
        "R7 dropped in the list",
        CHECKER,
        "if scope is Scope.PROFILE and (workspaces :=",
        "if False and (workspaces :=",
    ),
    Mutant(
        "R7 owners limited too", CHECKER, "if role is not None and role.reaches_all_workspaces:", "if False:"
    ),
    Mutant(
        "R7 no workspace taken for all",
        CHECKER,
        "workspaces is None or getattr(",
        "not workspaces or getattr(",
    ),
    Mutant(
        "another organization's profile",
        CHECKER,
        '        if getattr(obj, "organization_id", None) != self.organization_id:\n            return []\n',
        "",
    ),
    Mutant("people are asked of nobody", CHECKER, "if user.pk in able]", "if True]"),
    Mutant("people from outside are not asked", CHECKER, "    if visitors:", "    if False:"),
    Mutant("people: no role closes", PEOPLE, "lambda role: role.is_none", "lambda role: False"),
    Mutant(
        "people: no organization role decides",
        PEOPLE,
        "lambda role: scope in role.implies",
        "lambda role: False",
    ),
    Mutant("people: R6", PEOPLE, "and (has_approval or not role.is_bound_to_approval)", ""),
    Mutant("people: R6 of own roles", PEOPLE, "        has_approval,\n", "        True,\n"),
    Mutant("people: R7", PEOPLE, 'getattr(obj, "workspace_id", None)', "None"),
    Mutant("list: a None closes nothing", REACH, "if not any(role.is_none for role in roles):", "if True:"),
    Mutant(
        "list: the own role does not decide", REACH, "        if profile in decided:", "        if False:"
    ),
    Mutant(
        "list: windows of own grants",
        REACH,
        " for grant in grants if _is_live(grant, at)]",
        " for grant in grants]",
    ),
    Mutant(
        "list: windows of teams' grants", REACH, "            if _is_live(link, at):", "            if True:"
    ),
    Mutant("list: H6", REACH, "*brought.get(link.group_id, ()), ", ""),
    Mutant("list: H5", REACH, ", *everywhere):", "):"),
    Mutant("list: R6", REACH, "bound if role.is_bound_to_approval else free", "free"),
    Mutant(
        "what is remembered counts for ever",
        CACHE,
        "        if reading.snapshot is None:",
        "        if True:",
    ),
    Mutant("read in one statement: R7", READING, "frozenset(workspaces)", "frozenset()"),
    Mutant("read in one statement: suspended", READING, "is_active=status == ACTIVE", "is_active=True"),
    Mutant(
        "read in one statement: H5",
        READING,
        "    if any(runs_every_team(",
        "    if False and any(runs_every_team(",
    ),
    Mutant(
        "list before R1",
        CHECKER,
        "        if self.miss_before_scope() is not None:\n            return NOWHERE",
        "        if False:\n            return NOWHERE",
    ),
    Mutant("windows begin late", SCOPES, "starts_at <= at)", "starts_at < at)"),
    Mutant("windows end late", SCOPES, "at < expires_at)", "at <= expires_at)"),
    Mutant(
        "a team's grant taken as direct",
        SNAPSHOT,
        'direct=grouped("direct", user_id)',
        'direct={**grouped("through_team", user_id), **grouped("direct", user_id)}',
    ),
    Mutant(
        "every team's people are the admin's",
        SNAPSHOT,
        "return replace(role, actions=frozenset())",
        "return role",
    ),
    Mutant(
        "R5.3 admins of every team forgotten", SNAPSHOT, "    _add_every_team(sorted_rows, members)\n", ""
    ),
    Mutant(
        "R6 publish not looked at",
        ROLES,
        "return needs_approval(self.actions)",
        'return "profile.send_for_approval" in self.actions',
    ),
    Mutant(
        "own roles hold everything",
        ROLES,
        "        actions=frozenset(row.actions),",
        '        actions=frozenset(row.actions) | {"profile.view_posts"},',
    ),
    Mutant(
        "has_perm says yes",
        BACKENDS,
        "            return may(",
        "            return True or may(",
    ),
    Mutant(
        "R6 asked of what was assigned",
        CHECKER,
        "if has_approval or not source.role.is_bound_to_approval",
        "if has_approval or not (source.assignment or source).role.is_bound_to_approval",
    ),
    Mutant(
        "R6 asked of what was granted",
        CHECKER,
        "if has_approval or not source.role.is_bound_to_approval",
        "if has_approval or not (source.grant if source.assignment else source).role.is_bound_to_approval",
    ),
    Mutant(
        "R6 asked of what was assigned in the list",
        CHECKER,
        "(bound if source.role.is_bound_to_approval else free)",
        "(bound if (source.assignment or source).role.is_bound_to_approval else free)",
    ),
    Mutant(
        "R8 partners skipped",
        CHECKER,
        "            return self._partner_sources(profile_id)",
        "            return []",
    ),
    Mutant(
        "R8 list forgets partners", CHECKER, "return self._reach_through_partners(action)", "return NOWHERE"
    ),
    Mutant("R8 visitors not read", SNAPSHOT, "        found |= _of_visitors(", "        _of_visitors("),
    Mutant(
        "R8 the grant alone counts",
        SNAPSHOT,
        "actions=granted.actions & assigned.actions",
        "actions=granted.actions",
    ),
    Mutant(
        "R8 the assignment alone counts",
        SNAPSHOT,
        "actions=granted.actions & assigned.actions",
        "actions=assigned.actions",
    ),
    Mutant(
        "R8 union of granted and assigned",
        SNAPSHOT,
        "actions=granted.actions & assigned.actions",
        "actions=granted.actions | assigned.actions",
    ),
    Mutant(
        "R8 window of the grant",
        SNAPSHOT,
        "return self.granted.is_live(at) and self.assigned.is_live(at)",
        "return self.assigned.is_live(at)",
    ),
    Mutant(
        "R8 window of the assignment",
        SNAPSHOT,
        "return self.granted.is_live(at) and self.assigned.is_live(at)",
        "return self.granted.is_live(at)",
    ),
    Mutant(
        "R8 window of the membership in the partner",
        SCOPES,
        "return self.is_active and is_within(at, self.starts_at, self.expires_at)",
        "return self.is_active",
    ),
    Mutant(
        "R8 suspended in the partner",
        SCOPES,
        "return self.is_active and is_within(at, self.starts_at, self.expires_at)",
        "return is_within(at, self.starts_at, self.expires_at)",
    ),
    Mutant(
        "R8 one live membership opens every partner",
        CHECKER,
        "for place in places if place.is_live(self.at)}",
        "for place in places}",
    ),
    Mutant(
        "R8 first partner only",
        CHECKER,
        "for pair in self.snapshot.through_partners.get(profile_id, ())",
        "for pair in self.snapshot.through_partners.get(profile_id, ())[:1]",
    ),
    Mutant(
        "R8 partnership that is not active",
        STANDING,
        "Partnership.objects.active()\n        .filter(",
        "Partnership.objects.all()\n        .filter(",
    ),
    Mutant(
        "R8 a partner or session decides for a member",
        STANDING,
        "strangers = set(user_ids) - found.keys()",
        "strangers = set(user_ids)",
    ),
    Mutant(
        "R8 second factor not asked of visitors",
        STANDING,
        "        two_factor=two_factor,\n        workspace_ids=None,",
        '        two_factor="none",\n        workspace_ids=None,',
    ),
    Mutant(
        "R8 people to ask without partners'",
        STANDING,
        ' | Q(pk__in=assigned.values("user"))',
        "",
    ),
    Mutant(
        "R10 session never ends",
        STANDING,
        "expires_at=session.expires_at,",
        "expires_at=session.expires_at.replace(year=2090),",
    ),
    Mutant(
        "R10 session before its begin",
        STANDING,
        "starts_at=session.starts_at,",
        "starts_at=session.starts_at.replace(year=2020),",
    ),
    Mutant("R10 ended session counts", STANDING, "        ended_at=None,\n    ).select", "    ).select"),
    Mutant("R10 the organization's switch", STANDING, "        organization__allows_support=True,\n", ""),
    Mutant("R10 staff no longer", STANDING, '        user__support_role=F("kind"),\n', ""),
    Mutant(
        "R10 support may all",
        SNAPSHOT,
        'f"{STAFF_PACK}:{visit.kind}", Scope.ORGANIZATION',
        '"standard:owner", Scope.ORGANIZATION',
    ),
    Mutant(
        "R10 session hides the partner for good",
        STANDING,
        "found |= {**staff, **partners, **both}",
        "found |= {**partners, **staff}",
    ),
    Mutant(
        "R11 actions of the key in the check",
        CHECKER,
        "actions=source.role.actions & self.actions",
        "actions=source.role.actions",
    ),
    Mutant(
        "R11 profiles of the key in the check",
        CHECKER,
        "if self.key is not None and not self.key.covers(profile):",
        "if False:",
    ),
    Mutant(
        "R11 actions of the key in the list",
        CHECKER,
        "        if action not in self.key.actions:\n            return NOWHERE",
        "        if False:\n            return NOWHERE",
    ),
    Mutant(
        "R11 profiles of the key in the list",
        CHECKER,
        "return self.key.narrow_reach(reach) if what.scope is Scope.PROFILE else reach",
        "return reach",
    ),
    Mutant(
        "R11 single profiles of the key in the list",
        CHECKER,
        "                ids=reach.ids & self.profile_ids,",
        "                ids=reach.ids,",
    ),
    Mutant(
        "R11 profiles with approval of the key in the list",
        CHECKER,
        "ids_with_approval=reach.ids_with_approval & self.profile_ids",
        "ids_with_approval=reach.ids_with_approval",
    ),
    Mutant(
        "R11 list of a key everywhere",
        CHECKER,
        "return Reach(False, self.profile_ids, frozenset())",
        "return reach",
    ),
    Mutant(
        "R11 approval forgotten in the list of a key",
        CHECKER,
        "return Reach(False, frozenset(), self.profile_ids)",
        "return Reach(False, self.profile_ids, frozenset())",
    ),
    Mutant(
        "R11 approval asked of what the key leaves",
        CHECKER,
        "if has_approval or not source.role.is_bound_to_approval",
        "if has_approval or not self._narrowed(source).role.is_bound_to_approval",
    ),
    Mutant(
        "R11 screens of the organization's actions",
        CHECKER,
        "        if self.key is not None and action not in self.key.actions:\n            return False",
        "        if False:\n            return False",
    ),
    Mutant(
        "R11 key forgotten under the lock",
        "permissions.services",
        "        key=actor.key,\n",
        "",
    ),
    Mutant("all permissions before R1", BACKENDS, "if access.miss_before_scope() is not None:", "if False:"),
]

PLUGIN = """
import sys
from importlib.abc import MetaPathFinder
from importlib.util import spec_from_file_location


class Finder(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        return spec_from_file_location(name, {file!r}) if name == {module!r} else None


sys.meta_path.insert(0, Finder())
"""


def is_killed(mutant: Mutant) -> bool:
    """Run the tests with the mutant in the module's place; say whether one failed."""
    source = ROOT.joinpath(*mutant.module.split(".")).with_suffix(".py").read_text(encoding="utf-8")
    if source.count(mutant.old) != 1:
        raise SystemExit(f"{mutant.name}: found {source.count(mutant.old)} times, not once: {mutant.old!r}")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "mutant.py"
        file.write_text(source.replace(mutant.old, mutant.new), encoding="utf-8")
        plugin = PLUGIN.format(file=str(file), module=mutant.module)
        Path(folder, "put_mutant_in_place.py").write_text(plugin, encoding="utf-8")
        environment = os.environ | {"CHORUS_TEST_WORLDS": "short", "PYTHONPATH": folder}
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-p",
            "put_mutant_in_place",
            "-p",
            "no:randomly",
            "-p",
            "no:cacheprovider",
        ]
        run = subprocess.run(
            [*command, "-q", "-x", "--tb=line", *TESTS],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
    if run.returncode not in (0, 1):
        raise SystemExit(f"{mutant.name}: the tests did not run.\n{run.stdout}\n{run.stderr}")
    return run.returncode == 1


def main(words: list[str]) -> int:
    chosen = [m for m in MUTANTS if not words or any(word in m.name for word in words)]
    survivors = []
    for mutant in chosen:
        killed = is_killed(mutant)
        print(f"{'killed  ' if killed else 'SURVIVED'}  {mutant.name}", flush=True)
        if not killed:
            survivors.append(mutant.name)
    print(
        f"{len(chosen)} mutants, {len(survivors)} survived{': ' if survivors else '.'}{'; '.join(survivors)}"
    )
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
