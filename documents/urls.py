from django.urls import path

from documents.views import files, held

app_name = "documents"
urlpatterns = [
    path("evidence/<uuid:evidence_id>/file/", files.download, name="download"),
    path("evidence/<uuid:evidence_id>/held/", held.held, name="held"),
    path("documents/<uuid:dossier_id>/file/", files.dossier, name="dossier"),
]
