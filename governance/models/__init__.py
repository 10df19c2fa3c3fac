"""What an organization says about itself, and how it looks through who has what."""

from governance.models.assertions import Assertion, AssertionBreak
from governance.models.reviews import Decision, Review, Reviewer, ReviewLine

__all__ = ["Assertion", "AssertionBreak", "Decision", "Review", "ReviewLine", "Reviewer"]
