"""What may a year cost? The register of loss scenarios as one distribution of annual loss, against the appetite."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from quarterdeck.engines.catalog import ENGINES
from quarterdeck.engines.programme import Appetite, Estimate, Scenario
from quarterdeck.estate.exchange import Exchange
from quarterdeck.runs.analysis import Analysis, Figure, Gathering


def gather(gathering: Gathering) -> Any:
    """Scenarios in force with a frequency, in the plan frame's currency (or their own where there is no frame)."""
    frames = gathering.rows("plan-frame", current=True)
    exchange = Exchange(gathering.rows("exchange-rate"))
    rows = [row for row in gathering.rows("scenario", retired__empty=True) if row["frequency_likely"] is not None]
    base = frames[0]["currency"] if frames else (rows[0]["currency"] if rows else "")

    def money(amount: Any, currency: str) -> float:
        return float(exchange.convert(amount, currency, base, gathering.today))

    return gathering.engine.Inputs(
        tuple(
            Scenario(
                row.key,
                Estimate(row["frequency_low"], row["frequency_likely"], row["frequency_high"]),
                money(row["loss_low"], row["currency"]),
                money(row["loss_high"], row["currency"]),
            )
            for row in rows
        ),
        tuple(
            Appetite(row["probability"], money(row["amount"], row["currency"])) for row in gathering.rows("appetite")
        ),
        correlation=frames[0]["correlation"] if frames else 0.0,
    )


def figures(result: Any) -> tuple[Figure, ...]:
    """The mean year and the bad one."""
    bad = next((q for q in result.quantiles if q.probability == 0.95), None)
    return Figure("exposure.mean", result.mean, "money"), Figure(
        "exposure.bad_year", bad.amount if bad else None, "money"
    )


EXPOSURE = Analysis(
    "exposure",
    _("Exposure"),
    _("What may a year cost?"),
    "loss",
    ENGINES["loss"],
    gather,
    kinds=("scenario", "appetite", "plan-frame", "exchange-rate"),
    figures=figures,
)
