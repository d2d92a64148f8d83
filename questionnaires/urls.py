from django.urls import path

from questionnaires.views import carried, check, evidence, overview, section, table

app_name = "questionnaires"

RESPONSE = "answers/<uuid:response_id>/"
SECTION = f"{RESPONSE}sections/<slug:key>/"
ROW = f"{SECTION}rows/<slug:row>/"

urlpatterns = [
    path(RESPONSE, overview.overview, name="overview"),
    path(f"{RESPONSE}check/", check.check, name="check"),
    path(f"{RESPONSE}carried/", carried.carried, name="carried"),
    path(f"{RESPONSE}evidence/", evidence.evidence, name="evidence"),
    path(f"{RESPONSE}evidence/add/", evidence.upload, name="upload"),
    path(f"{RESPONSE}evidence/again/", evidence.use_again, name="use_again"),
    path(f"{RESPONSE}evidence/<uuid:link_id>/remove/", evidence.detach, name="detach"),
    path(SECTION, section.section, name="section"),
    path(f"{SECTION}save/", section.save, name="section_save"),
    path(f"{SECTION}add/", table.add, name="row_add"),
    path(f"{SECTION}confirm/", table.confirm, name="rows_confirm"),
    path(ROW, section.row, name="row"),
    path(f"{ROW}save/", section.save, name="row_save"),
    path(f"{ROW}copy/", table.copy, name="row_copy"),
    path(f"{ROW}remove/", table.remove, name="row_remove"),
    path(f"{ROW}restore/", table.restore, name="row_restore"),
]
