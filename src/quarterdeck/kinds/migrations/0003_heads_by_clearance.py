"""Watermarks by clearance: the heads that stand become those of what is in the open, which is never too old."""

from django.db import migrations, models
from django.db.models import Max


def fill(apps, editor):
    versions = apps.get_model("kinds", "Version").objects.values("kind").annotate(newest=Max("began"))
    head = apps.get_model("kinds", "KindHead")
    head.objects.bulk_create([head(kind=one["kind"], clearance="", number=one["newest"]) for one in versions])


class Migration(migrations.Migration):
    dependencies = [("kinds", "0002_search")]
    operations = [
        migrations.DeleteModel("KindHead"),
        migrations.CreateModel(
            name="KindHead",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=60)),
                ("clearance", models.CharField(blank=True, max_length=40)),
                ("number", models.BigIntegerField()),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("kind", "clearance"), name="headed_once")],
            },
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
