"""The table of roles."""

from django.utils.translation import gettext_noop as _

from quarterdeck.kinds.roles import ALL, Role, register_roles

_PLAN = frozenset(
    {
        "initiative",
        "effort",
        "contribution",
        "treatment",
        "precedence",
        "goal",
        "key-result",
        "scenario",
        "appetite",
        "outcome",
        "plan-frame",
        "candidate",
        "approved-plan",
    }
)
_SYSTEMS = frozenset({"system", "dependency", "repository", "vendor", "product"})
_PEOPLE = frozenset({"person", "person-skill", "team", "post", "skill", "cost-band", "calendar", "holiday"})
_MONEY = frozenset({"budget", "exchange-rate", "cost-band", "hiring-route", "contractor"})

register_roles(
    Role(
        "cto",
        _("Chief Technology Officer"),
        ALL,
        ALL,
        frozenset({"pay"}),
        True,
        frozenset({"collect", "plan", "propose", "decide", "history", "document", "suggestions"}),
    ),
    Role(
        "general-manager",
        _("General manager"),
        ALL,
        frozenset(),
        frozenset({"pay"}),
        True,
        frozenset({"plan", "propose", "decide", "document"}),
    ),
    Role(
        "head-of-department",
        _("Head of department"),
        _PLAN | _SYSTEMS | {"team", "post", "skill", "person", "budget"},
        _PLAN - {"appetite", "plan-frame"},
        may=frozenset({"propose", "plan"}),
    ),
    Role(
        "direct-subordinate",
        _("Direct subordinate"),
        _PLAN | _SYSTEMS | _PEOPLE | _MONEY,
        _PLAN | _SYSTEMS | {"person-skill"},
        everything=True,
        may=frozenset({"propose", "collect", "plan", "document", "suggestions"}),
    ),
    Role(
        "hr",
        _("Human resources"),
        _PEOPLE | {"hiring-route", "contractor"},
        _PEOPLE | {"hiring-route"},
        frozenset({"pay"}),
        True,
        frozenset({"suggestions"}),
    ),
    Role(
        "finance",
        _("Finance"),
        _MONEY | _PLAN | {"system", "team", "vendor", "product"},
        _MONEY,
        everything=True,
        may=frozenset({"plan", "document"}),
    ),
    Role(
        "engineer",
        _("Engineer"),
        _SYSTEMS
        | {
            "team",
            "skill",
            "person",
            "post",
            "person-skill",
            "initiative",
            "goal",
            "key-result",
            "precedence",
            "effort",
        },
        frozenset(),
    ),
    Role("auditor", _("Auditor"), ALL, frozenset(), everything=True, may=frozenset({"history", "plan", "document"})),
    Role("administrator", _("Administrator"), frozenset(), frozenset(), may=frozenset({"users"})),
)
