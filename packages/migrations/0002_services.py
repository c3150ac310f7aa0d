"""The services a package may include from the first day (domain.md, "The nouns")."""

from django.db import migrations

SERVICES = [
    (
        "correo-personalizado",
        "Correo personalizado",
        "Plantilla propia para los CFDI que se envían por correo.",
        "",
    ),
    (
        "correo-smtp",
        "Correo SMTP",
        "Los CFDI salen desde el buzón del propio cliente.",
        "",
    ),
    (
        "multiempresa",
        "Multiempresa",
        "RFC adicionales que comparten los folios del plan.",
        "RFC adicionales",
    ),
    (
        "usuarios-extra",
        "Usuarios extra",
        "Más personas pueden entrar a la cuenta.",
        "usuarios adicionales",
    ),
]


def add(apps, schema_editor):
    service = apps.get_model("packages", "Service")
    for code, name, description, quantity_label in SERVICES:
        service.objects.create(
            code=code,
            name=name,
            description=description,
            quantity_label=quantity_label,
        )


def remove(apps, schema_editor):
    codes = [code for code, *_ in SERVICES]
    apps.get_model("packages", "Service").objects.filter(code__in=codes).delete()


class Migration(migrations.Migration):
    dependencies = [("packages", "0001_initial")]

    operations = [migrations.RunPython(add, remove)]
