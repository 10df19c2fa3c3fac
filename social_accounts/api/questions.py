"""Who may do what, where, and why: asked in the words of the access file."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from api.operations import operation
from api.problems import Problem, told
from api.views import GuardedAPIView
from permissions.catalogue import Scope
from permissions.errors import NotAllowed
from social_accounts.access_file.asking import Asker, BadQuestion
from social_accounts.api.serializers import (
    AnswerSerializer,
    ExplainQuery,
    ExplanationSerializer,
    NamesSerializer,
    ObjectsQuery,
    PeopleQuery,
    QuestionsSerializer,
)

# Whose rights on an object one may look into: one's own always, others' with this (H11).
LOOKING = {
    Scope.ORGANIZATION: "organization.view_member_permissions",
    Scope.TEAM: "team.view_team_permissions",
    Scope.PROFILE: "profile.view_profile_access",
}


class QuestionView(GuardedAPIView):
    """Anybody may ask about himself; about others whoever may see rights on that object."""

    tag = "Access questions"
    members_only = True

    def asker(self) -> Asker:
        return Asker(timezone.now(), within=self.organization)

    def person(self, asker: Asker, email: str) -> User:
        return asker.person(email) if email else self.request.user

    def require_looking(self, person: User | None, action: str, obj: Any) -> None:
        """Raise NotAllowed unless who asks may know this about this person; None: about everybody."""
        if not self.access.sees(obj):
            raise BadQuestion(_("There is no such object here, or you cannot see it."))
        looking = LOOKING[Asker.scope_of(action)]
        if person != self.request.user and not self.access.serves(looking, obj):
            self.access.require(looking, obj)


class AccessCheck(QuestionView):
    @operation(
        "Ask many questions at once",
        description="Each is answered for itself: one that cannot be asked, or may not, says so in `error`.",
        takes=QuestionsSerializer,
        lists=AnswerSerializer,
    )
    def post(self) -> list[dict[str, Any]]:
        asker, questions = self.asker(), self.given["questions"]
        asker.read_ahead({q["person"] for q in questions if q.get("person")} | {self.request.user.email})
        return [self.answered(asker, question) for question in questions]

    def answered(self, asker: Asker, question: Mapping[str, Any]) -> dict[str, Any]:
        email = question.get("person") or self.request.user.email
        answer = {"person": email, **{name: question[name] for name in ("action", "object", "at")}}
        try:
            person = self.person(asker, question.get("person", ""))
            _organization, obj = asker.object_for(question["action"], question["object"])
            self.require_looking(person, question["action"], obj)
            access = asker.access(person, self.organization, question["at"])
            if not self.given["explain"]:
                return answer | {"allowed": access.can(question["action"], obj)}
            decision = access.decide(question["action"], obj)
        except (BadQuestion, NotAllowed) as error:
            return answer | {"error": str(error)}
        return answer | {"allowed": decision.allowed, "why": decision.text}


class AccessExplanation(QuestionView):
    @operation("Tell why, or why not", query=ExplainQuery, answers=ExplanationSerializer)
    def get(self) -> dict[str, Any]:
        asker, asked = self.asker(), self.query
        try:
            person = self.person(asker, asked["person"])
            _organization, obj = asker.object_for(asked["action"], asked["object"])
            self.require_looking(person, asked["action"], obj)
        except BadQuestion as error:
            raise Problem(400, str(error)) from error
        decision = asker.access(person, self.organization, asked["at"]).decide(asked["action"], obj)
        return told(decision) | {"text": decision.text}


class AccessObjects(QuestionView):
    @operation("List on what a person may do an action", query=ObjectsQuery, answers=NamesSerializer)
    def get(self) -> dict[str, Any]:
        asker, asked = self.asker(), self.query
        try:
            person = self.person(asker, asked["person"])
            scope = asker.scope_of(asked["action"])
        except BadQuestion as error:
            raise Problem(400, str(error)) from error
        if person != self.request.user:
            self.access.require(LOOKING[Scope.ORGANIZATION], self.organization)
        found = asker.objects_in(self.organization, person, asked["action"], asked["at"])
        seen = [obj for obj in found if self.access.sees(obj)]
        return {"items": sorted(asker.name_of(self.organization, scope, obj) for obj in seen)}


class AccessPeople(QuestionView):
    @operation("List who may do an action on an object", query=PeopleQuery, answers=NamesSerializer)
    def get(self) -> dict[str, Any]:
        asker, asked = self.asker(), self.query
        at: datetime | None = asked["at"]
        try:
            _organization, obj = asker.object_for(asked["action"], asked["object"])
            self.require_looking(None, asked["action"], obj)
            return {"items": asker.people_for(asked["action"], asked["object"], at)}
        except BadQuestion as error:
            raise Problem(400, str(error)) from error
