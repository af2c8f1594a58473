"""The delivery engine over 100,000 items, changes and 20,000 deployments, and its forecast beside a loop a trial."""

import platform
import random
import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np

from quarterdeck.engines import delivery
from quarterdeck.engines.delivery.forecast import history
from quarterdeck.engines.delivery.interval import generator
from quarterdeck.engines.delivery.pace import finish_weeks

END = datetime(2026, 11, 2, tzinfo=UTC)
SINCE = END - timedelta(weeks=156)


def made_records(number: int, seed: int = 1) -> delivery.Inputs:
    """Records of three years: changes and items evenly spread, a fifth as many deployments, one in 50 failing."""
    draw = random.Random(seed)

    def moment() -> datetime:
        return SINCE + timedelta(minutes=draw.randrange(156 * 7 * 24 * 60))

    deployments = tuple(
        delivery.Deployment(f"d{place}", moment(), f"s{place % 40}", "production") for place in range(number // 5)
    )
    changes = tuple(
        delivery.Change(f"c{place}", moment(), deployments=(f"d{draw.randrange(number // 5)}",))
        for place in range(number)
    )
    incidents = tuple(
        delivery.Incident(f"i{place}", moment(), moment(), f"s{place % 40}", True, f"d{draw.randrange(number // 5)}")
        for place in range(number // 250)
    )
    items = []
    for place in range(number):
        start = moment()
        end = start + timedelta(hours=draw.expovariate(1 / 200))
        items.append(delivery.Item(f"t{place}", start, start, end if end < END else None))
    return delivery.Inputs(SINCE, END, changes, deployments, incidents, tuple(items))


def plain_forecast(weeks: list[int], remaining: int, trials: int) -> list[float]:
    """The same law as a loop a trial: the peer."""
    draw = random.Random(1)
    found = []
    for _ in range(trials):
        picked = draw.choices(weeks, k=len(weeks))
        done, number = 0, 0
        while done < remaining:
            last = draw.choice(picked)
            done += last
            number += 1
        found.append(number - (done - remaining) / last)
    return sorted(found)


def main() -> None:
    """Print a table of times."""
    inputs = made_records(100_000)
    begin = time.process_time()
    delivery.measure(inputs)
    metrics = time.process_time() - begin
    begin = time.process_time()
    delivery.measure(replace(inputs, outlook=delivery.Outlook(20_000)))
    with_forecast = time.process_time() - begin
    recent = history(inputs)[-13:]
    begin = time.process_time()
    ours = np.sort(finish_weeks(recent, 20_000, 0.0, 520, 10_000, generator(1, "bench")))
    vectorised = time.process_time() - begin
    begin = time.process_time()
    theirs = plain_forecast(recent.tolist(), 20_000, 10_000)
    loop = time.process_time() - begin
    print(f"{date.today()}  {platform.machine()}  {platform.python_implementation()} {platform.python_version()}")
    print(f"{'CPU seconds':<64}{'seconds':>9}")
    print(f"{'measure: 100,000 changes and items, 20,000 deployments':<64}{metrics:>9.3f}")
    print(f"{'measure with forecast of 10,000 trials and 52 back-tests':<64}{with_forecast:>9.3f}")
    print(f"{'forecast alone, 10,000 trials':<64}{vectorised:>9.3f}")
    print(f"{'the same law, one trial after the other in plain Python':<64}{loop:>9.3f}")
    print(f"weeks at 10 / 50 / 90 %: {quantiles(ours)} ours, {quantiles(np.array(theirs))} the loop")
    print("no open tool that computes these figures runs in this environment: no other peer")


def quantiles(weeks: np.ndarray) -> str:
    """Three quantiles for comparison."""
    return " / ".join(f"{each:.2f}" for each in np.quantile(weeks, [0.1, 0.5, 0.9]))


if __name__ == "__main__":
    main()
