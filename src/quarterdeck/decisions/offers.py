"""What decisions add to the pages of records: an initiative can be proposed for funding where it stands."""

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from quarterdeck.decisions.policy import POLICIES
from quarterdeck.decisions.proposing import FUNDABLE
from quarterdeck.decisions.sorts import FUNDED
from quarterdeck.kinds.access import Row
from quarterdeck.kinds.offers import Act, offer
from quarterdeck.kinds.roles import Reader


@offer("initiative")
def fund(reader: Reader, row: Row) -> Act | None:
    """The way to propose that an initiative be funded, for those who may, while it is not."""
    if row["state"] not in FUNDABLE or not POLICIES[FUNDED].proposes(reader) or not reader.writes("initiative"):
        return None
    try:
        return Act(_("Propose to fund it"), reverse("fund", kwargs={"initiative": row.key}))
    except NoReverseMatch:  # decisions are not served
        return None
