from __future__ import annotations

from celery import current_app, shared_task

from permissions import catalogue
from social_accounts.access_file.coverage import coverage, summary
from tests.social_accounts.access_file.conftest import run


def test_coverage_names_every_action_once_with_the_views_that_declare_it() -> None:
    lines = run("coverage").splitlines()
    assert [line.split(":")[0].split()[0] for line in lines[:-1]] == list(catalogue.ACTIONS)
    told = {line.split(":")[0].split()[0]: line for line in lines}
    assert "view orgs.views." in told["organization.invite_members"]
    assert "view social_accounts.views." in told["profile.view_profile_access"]
    assert "not available yet" not in told["organization.invite_members"]
    assert lines[-1].startswith(f"{len(catalogue.ACTIONS)} actions: ")


def test_coverage_marks_what_is_not_available_and_nothing_declares() -> None:
    for each in coverage():
        assert ("(not available yet)" in str(each)) is not each.action.is_available
        if not each.action.is_available:
            assert not each.views and not each.tasks, f"{each} is declared but marked as not built"


def test_coverage_finds_tasks_that_declare_an_action() -> None:
    @shared_task(name="tests.coverage", action="profile.publish_posts")
    def publish() -> None: ...

    current_app.finalize()
    try:
        publish.delay  # noqa: B018 - makes the task
        found = {each.action.name: each for each in coverage()}
        assert "tests.coverage" in found["profile.publish_posts"].tasks
    finally:
        current_app.tasks.pop("tests.coverage")


def test_the_summary_counts_available_actions_nothing_declares() -> None:
    covered = coverage()
    silent = [each for each in covered if each.action.is_available and not each.views and not each.tasks]
    assert f"{len(silent)} of the available ones" in summary(covered)
