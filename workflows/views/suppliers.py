"""The buyer's suppliers: found, and imported from a table."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from portal.access import open_to
from portal.enums import Role
from portal.http import SignedInRequest
from portal.models import Organisation
from workflows import actions
from workflows.forms import spreadsheet, supplier_table
from workflows.forms.campaigns import ImportForm
from workflows.queries import campaigns as queries

PAGE = 50
PREVIEW = 200
KEPT = "suppliers to import"


@open_to(Role.CAMPAIGN_MANAGER)
@require_GET
def suppliers(request: SignedInRequest) -> HttpResponse:
    words = request.GET.get("q", "").strip()[:100]
    rows = queries.suppliers(queries.buyers(request.user, Role.CAMPAIGN_MANAGER), words)
    after = request.GET.get("after", "")
    if after:
        rows = rows.filter(name__gte=after)
    found = list(rows[: PAGE + 1])
    return render(
        request,
        "workflows/campaigns/suppliers.html",
        {
            "suppliers": found[:PAGE],
            "words": words,
            "next_name": found[PAGE].name if len(found) > PAGE else "",
            "after": after,
        },
    )


def _buyer(request: SignedInRequest) -> Organisation:
    """The company a campaign manager works for; of several, the one named in the address."""
    rows = queries.buyers(request.user, Role.CAMPAIGN_MANAGER)
    wanted = request.GET.get("company", "")
    return next((one for one in rows if str(one.pk) == wanted), rows[0])


@open_to(Role.CAMPAIGN_MANAGER)
@require_http_methods(["GET", "POST"])
def import_suppliers(request: SignedInRequest) -> HttpResponseBase:
    if request.method == "POST" and "confirm" in request.POST:
        return _confirmed(request)
    form = ImportForm(request.POST or None, request.FILES or None)
    table = None
    if form.is_valid():
        try:
            table, text = _read(form.cleaned_data["file"].read())
        except ValidationError as error:
            form.add_error("file", error)
        else:
            if table.is_good:
                request.session[KEPT] = text
    return render(request, "workflows/campaigns/import.html", _page(request, form, table))


def _read(data: bytes) -> tuple[supplier_table.Table, str]:
    """Read CSV or a workbook; the text is what the session keeps until it is confirmed."""
    if spreadsheet.is_workbook(data):
        return supplier_table.read_workbook(data)
    text, encoding = supplier_table.decode(data)
    return supplier_table.read(text, encoding), text


@open_to(Role.CAMPAIGN_MANAGER)
@require_GET
def suppliers_template(request: SignedInRequest, kind: str) -> HttpResponse:
    """An empty table to fill in: a workbook, or a CSV that Excel opens with its signs intact."""
    columns = supplier_table.COLUMNS
    if kind == "csv":
        body: bytes = ("\ufeff" + ",".join(columns) + "\r\n").encode()
        answer = HttpResponse(body, content_type="text/csv; charset=utf-8")
    else:
        about = [(name, str(supplier_table.ABOUT[name])) for name in columns]
        answer = HttpResponse(spreadsheet.template(about), content_type=spreadsheet.TYPE)
    answer.headers["Content-Disposition"] = f'attachment; filename="suppliers.{kind}"'
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


def _page(
    request: SignedInRequest, form: ImportForm, table: supplier_table.Table | None
) -> dict[str, object]:
    buyer = _buyer(request)
    known = set()
    if table is not None:
        rows = buyer.suppliers.values_list("reference", "registration")
        known = {value for row in rows for value in row if value}
    return {
        "form": form,
        "table": table,
        "buyer": buyer,
        "columns": supplier_table.ABOUT.items(),
        "shown": [
            {"row": row, "is_known": bool({row.reference, row.registration} & known)}
            for row in (table.rows[:PREVIEW] if table else ())
        ],
        "problems": table.problems[:PREVIEW] if table else (),
    }


def _confirmed(request: SignedInRequest) -> HttpResponseBase:
    text = request.session.pop(KEPT, "")
    if not text:
        messages.info(request, _("Nothing waits to be imported. Choose the file once more."))
        return redirect("workflows:suppliers_import")
    done = actions.import_suppliers(
        buyer=_buyer(request), by=request.user, rows=supplier_table.read(text).rows
    )
    messages.success(
        request,
        _("%(added)d suppliers were added, %(known)d were known and brought up to date.")
        % {"added": done.added, "known": done.known},
    )
    return redirect("workflows:suppliers")
