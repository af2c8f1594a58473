"""All shared kinds, so that Django finds them."""

from quarterdeck.estate.goals import Goal, KeyResult
from quarterdeck.estate.initiatives import (
    Contribution,
    Effort,
    Initiative,
    Outcome,
    Precedence,
    Treatment,
)
from quarterdeck.estate.money import (
    Budget,
    Calendar,
    Contractor,
    CostBand,
    ExchangeRate,
    HiringRoute,
    Holiday,
    PlanFrame,
)
from quarterdeck.estate.people import Person, PersonSkill, Post, Skill, Team
from quarterdeck.estate.plans import ApprovedPlan
from quarterdeck.estate.risks import Appetite, Scenario
from quarterdeck.estate.systems import Dependency, Product, Repository, System, Vendor

__all__ = (
    "Appetite",
    "ApprovedPlan",
    "Budget",
    "Calendar",
    "Contractor",
    "Contribution",
    "CostBand",
    "Dependency",
    "Effort",
    "ExchangeRate",
    "Goal",
    "HiringRoute",
    "Holiday",
    "Initiative",
    "KeyResult",
    "Outcome",
    "Person",
    "PersonSkill",
    "PlanFrame",
    "Post",
    "Precedence",
    "Product",
    "Repository",
    "Scenario",
    "Skill",
    "System",
    "Team",
    "Treatment",
    "Vendor",
)
