"""The one door in beside Django's own ways to write, and list pages of 100,000 records, now and as of last year."""

import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

ROWS = 50_000
PEOPLE = 20_000
LISTED = 100_000
REPEATS = 5


def opened() -> str:
    """A home of its own with empty records; what keeps them."""
    home = Path(tempfile.mkdtemp(prefix="quarterdeck-bench-"))
    os.environ["QUARTERDECK_HOME"] = str(home)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "quarterdeck.web.settings")
    import django  # noqa: PLC0415 — after the home is named

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    return f"{connection.vendor}, {home}"


def took(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds of one turn, by the clock and of this process: they differ where others use the machine."""
    began, used = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - began, time.process_time() - used


def rate(name: str, rows: int, seconds: tuple[float, float], what: str) -> None:
    """One line of the table."""
    wall, own = seconds
    print(f"{name:<48}{rows:>8,}{wall:>8.2f}{own:>8.2f}{rows / wall:>9,.0f}{rows / own:>9,.0f}   {what}")


def writes() -> None:
    """Batches through the one door, and beside it."""
    from quarterdeck.estate.models import Vendor  # noqa: PLC0415
    from quarterdeck.kinds.roles import service  # noqa: PLC0415
    from quarterdeck.kinds.write import Change, write  # noqa: PLC0415

    by = service("bench")
    print(f"{'write':<48}{'rows':>8}{'clock s':>8}{'own s':>8}{'rows/s':>9}{'own':>9}")
    made = [Change("vendor", f"v-{n}", {"name_en": f"Vendor number {n}", "country": "DE"}) for n in range(ROWS)]
    rate(
        "ours: 50,000 vendors made",
        ROWS,
        took(lambda: write(by, made, "bench")),
        "validated, history, Merkle root, search",
    )
    changed = [Change("vendor", f"v-{n}", {"name_en": f"Vendor no {n}"}) for n in range(ROWS)]
    rate("ours: 50,000 vendors changed", ROWS, took(lambda: write(by, changed, "bench")), "the same")
    rate(
        "ours: 50,000 vendors as they are", ROWS, took(lambda: write(by, changed, "bench")), "compared, nothing written"
    )
    people = [
        Change(
            "person",
            f"p-{n}",
            {"name": f"Person {n}", "email": f"p{n}@example.org", "salary": n, "manager": f"p-{n // 8}" if n else None},
        )
        for n in range(PEOPLE)
    ]
    rate(
        "ours: 20,000 people made, linked",
        PEOPLE,
        took(lambda: write(by, people, "bench")),
        "and three values each sealed under 20,000 keys",
    )

    def plain(prefix: str, number: int) -> list[Vendor]:
        return [
            Vendor(key=f"{prefix}-{n}", fold=f"{prefix}-{n}", name_en=f"Vendor number {n}", country="DE")
            for n in range(number)
        ]

    rate(
        "Django: bulk_create",
        ROWS,
        took(lambda: Vendor.objects.bulk_create(plain("b", ROWS), batch_size=1_000)),
        "no check, no history, no search",
    )

    def checked() -> None:
        rows = plain("c", ROWS // 10)
        for row in rows:
            row.full_clean()
        Vendor.objects.bulk_create(rows, batch_size=1_000)

    rate("Django: full_clean of each, then bulk_create", ROWS // 10, took(checked), "checked; no history, no search")

    def saved() -> None:
        from django.db import transaction  # noqa: PLC0415

        with transaction.atomic():
            for row in plain("s", ROWS // 10):
                row.full_clean()
                row.save()

    rate("Django: full_clean and save of each", ROWS // 10, took(saved), "checked; no history, no search")


def lists() -> None:
    """Pages of a kind with 100,000 records, half of them changed since last year."""
    from django.utils import timezone  # noqa: PLC0415

    from quarterdeck.kinds.access import Access  # noqa: PLC0415
    from quarterdeck.kinds.roles import service  # noqa: PLC0415
    from quarterdeck.kinds.write import Change, write  # noqa: PLC0415

    by, now = service("bench"), timezone.now
    made = [
        Change(
            "system",
            f"s-{n}",
            {"name_en": f"System {n}", "name_zh": f"系统{n}", "domain": f"d{n % 50}", "criticality": n % 4 + 1},
        )
        for n in range(LISTED)
    ]
    write(by, made, "bench")
    write(by, [Change("system", f"s-{n}", {"domain": "moved"}) for n in range(0, LISTED, 2)], "bench")
    from quarterdeck.kinds.models import Commit  # noqa: PLC0415

    first, last = Commit.objects.order_by("-number")[1], Commit.objects.order_by("-number")[0]
    Commit.objects.filter(pk=first.pk).update(at=now() - timedelta(days=400))  # the bench cannot wait a year
    Commit.objects.filter(pk=last.pk).update(at=now())
    today, then = (
        Access(by.reader).select("system"),
        Access(by.reader, as_of=now() - timedelta(days=365)).select("system"),
    )
    page = today.page(size=50)
    pages: dict[str, Callable[[], object]] = {
        "first page, by key": lambda: today.page(size=50),
        "page after the 90,000th": lambda: today.page(after="s-90000", size=50),
        "first page, by domain": lambda: today.ordered("domain").page(size=50),
        "first page, narrowed and searched": lambda: today.where(criticality=3).matching("系统 9").page(size=50),
        "one record": lambda: today.one("s-77777"),
        "first page as of last year": lambda: then.page(size=50),
        "page after the 90,000th as of last year": lambda: then.page(after="s-90000", size=50),
        "one record as of last year": lambda: then.one("s-77777"),
        "first page as of last year, narrowed by domain": lambda: then.where(domain="d7").page(size=50),
        "all 100,000 as a frame": today.frame,
    }
    assert page.more
    print(f"\n{'read, of 100,000 systems':<52}{'median ms':>10}")
    for name, work in pages.items():
        turns = 1 if "frame" in name or "narrowed by" in name else REPEATS
        print(f"{name:<52}{statistics.median(took(work)[0] for _turn in range(turns)) * 1000:>10.1f}")


def main() -> int:
    """Print both tables, with machine and date."""
    print(
        f"{date.today()}, {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, {opened()}"
    )
    writes()
    lists()
    return 0


if __name__ == "__main__":
    sys.exit(main())
