from django.urls import path

from documents.views import files

app_name = "documents"
urlpatterns = [
    path("evidence/<uuid:evidence_id>/file/", files.download, name="download"),
    path("documents/<uuid:dossier_id>/file/", files.dossier, name="dossier"),
]
