"""The sorts of decisions that the estate itself knows: funding an initiative, approving a plan."""

from django.utils.translation import gettext_noop as _

from quarterdeck.decisions.policy import Policy, register

FUNDED = "initiative-funded"
PLAN = "plan-approved"

register(
    Policy(
        FUNDED,
        _("Funding of an initiative"),
        proposers=frozenset({"cto", "direct-subordinate", "head-of-department"}),
        confirmers=(frozenset({"cto", "general-manager"}),),
        consulted=frozenset({"finance"}),
        told=frozenset({"direct-subordinate", "head-of-department", "finance"}),
        days=5,
        changes=frozenset({"initiative.state"}),
    ),
    Policy(
        PLAN,
        _("Approval of the plan"),
        proposers=frozenset({"cto"}),
        confirmers=(frozenset({"general-manager"}),),
        consulted=frozenset({"finance", "hr"}),
        told=frozenset({"direct-subordinate", "head-of-department"}),
        days=10,
        changes=frozenset({"initiative", "plan-frame", "approved-plan"}),
        bare=True,
    ),
)
