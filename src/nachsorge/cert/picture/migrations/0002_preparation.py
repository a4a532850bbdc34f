import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("picture", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Preparation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "circle",
                    models.CharField(
                        choices=[("closed", "closed"), ("community", "community"), ("public", "public")],
                        max_length=10,
                        verbose_name="audience",
                    ),
                ),
                ("minimum", models.PositiveIntegerField(verbose_name="at least this many a cell")),
                ("asked_by", models.CharField(max_length=150, verbose_name="asked for by")),
                ("asked_at", models.DateTimeField(verbose_name="asked for")),
                ("beat", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("computing", "is being computed"),
                            ("done", "done"),
                            ("refused", "nothing can be released without giving something away"),
                            ("too-long", "took too long and was ended"),
                            ("failed", "ended by an error of the program"),
                        ],
                        default="computing",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="preparations",
                        to="registry.campaign",
                    ),
                ),
                (
                    "release",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="picture.release"
                    ),
                ),
            ],
            options={
                "verbose_name": "preparation",
                "verbose_name_plural": "preparations",
                "ordering": ["-pk"],
            },
        ),
    ]
