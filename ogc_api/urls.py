"""Addresses of this room: below ``/ogcapi``, and ``/wfs`` for clients that know nothing newer."""

from django.urls import path, re_path

from ogc_api import views
from ogc_api.wfs.service import wfs

COLLECTION = "ogcapi/collections/<str:layer_id>"

urlpatterns = [
    path("ogcapi", views.landing),
    path("ogcapi/", views.landing, name="ogcapi"),
    path("ogcapi/api", views.api),
    path("ogcapi/conformance", views.conformance),
    path("ogcapi/collections", views.collections),
    path(COLLECTION, views.collection),
    path(f"{COLLECTION}/queryables", views.queryables),
    path(f"{COLLECTION}/sortables", views.sortables),
    path(f"{COLLECTION}/schema", views.schema),
    path(f"{COLLECTION}/items", views.items),
    path(f"{COLLECTION}/items/<str:feature_id>", views.item),
    path("ogcapi/page.css", views.page_css),
    path("ogcapi/processes", views.process_list),
    path("ogcapi/processes/<str:process_id>", views.process),
    path("ogcapi/processes/<str:process_id>/execution", views.process_execution),
    path("ogcapi/jobs", views.job_list),
    path("ogcapi/jobs/<str:job_id>", views.job),
    path("ogcapi/jobs/<str:job_id>/results", views.job_results),
    path("wfs", wfs, name="wfs"),
    re_path(r"^ogcapi/.*$", views.nothing_here),
]
