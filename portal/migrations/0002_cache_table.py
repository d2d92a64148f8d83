"""The table of the database cache, which holds the rate limits of sign-in."""

from django.core.management import call_command
from django.db import migrations


def create(apps, schema_editor):
    # by name: a setting may put the cache elsewhere, and the table stands in for it
    call_command("createcachetable", "portal_cache", database=schema_editor.connection.alias, verbosity=0)


class Migration(migrations.Migration):
    dependencies = [("portal", "0001_initial")]

    operations = [migrations.RunPython(create, migrations.RunPython.noop)]
