"""Which address of a person was proven to be its own, and when.

Whoever has a password chose it by a link that went to the address, except somebody who
added a second address on allauth's page (now gone), where nothing had to be proven.
"""

from django.db import migrations, models
from django.db.models import Count, F
from django.utils import timezone


def who_chose_a_password(apps, schema_editor):
    User = apps.get_model("accounts", "User")
    EmailAddress = apps.get_model("account", "EmailAddress")
    of_several = (
        EmailAddress.objects.values("user")
        .annotate(addresses=Count("email", distinct=True))
        .filter(addresses__gt=1)
        .values("user")
    )
    of_another = EmailAddress.objects.exclude(email=F("user__email")).values("user")
    (
        User.objects.exclude(password__startswith="!")
        .exclude(pk__in=of_several)
        .exclude(pk__in=of_another)
        .update(proven_email=F("email"), proven_at=timezone.now())
    )


class Migration(migrations.Migration):

    dependencies = [
        ("accounts", "0002_access"),
        ("account", "0009_emailaddress_unique_primary_email"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="proven_email",
            field=models.EmailField(
                blank=True,
                default="",
                editable=False,
                max_length=254,
                verbose_name="correo comprobado",
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="user",
            name="proven_at",
            field=models.DateTimeField(
                editable=False, null=True, verbose_name="comprobado"
            ),
        ),
        migrations.RunPython(who_chose_a_password, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=models.Q(("proven_at", None), ("proven_email", ""))
                | models.Q(
                    models.Q(("proven_email", ""), _negated=True),
                    ("proven_at__isnull", False),
                ),
                name="user_proof_has_its_address_and_time",
            ),
        ),
    ]
