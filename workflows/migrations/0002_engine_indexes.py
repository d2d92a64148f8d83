"""The two partial indexes the engine's sweeps and look-ups rest on (engine note, 2.9).

On SQLite a later viewflow migration that rebuilds the table drops them: check E008.
"""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("workflows", "0001_initial"), ("viewflow", "0015_task_scheduled")]

    operations = [
        migrations.RunSQL(
            "CREATE INDEX viewflow_task_armed ON viewflow_task (scheduled)"
            " WHERE status = 'SCHEDULED'",
            "DROP INDEX viewflow_task_armed",
        ),
        migrations.RunSQL(
            "CREATE INDEX viewflow_task_unfinished ON viewflow_task (process_id)"
            " WHERE finished IS NULL",
            "DROP INDEX viewflow_task_unfinished",
        ),
    ]
