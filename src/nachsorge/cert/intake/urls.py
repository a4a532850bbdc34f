"""Addresses of intake: the form, the upload, receipts, the interface."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from nachsorge.cert.intake import views
from nachsorge.cert.intake.api import api

urlpatterns: list[URLPattern | URLResolver] = [
    path("report/", views.report, name="report"),
    path("report/upload/", views.upload, name="upload"),
    path("r/", views.receipts, name="receipts"),
    path("r/<str:number>", views.receipt, name="receipt"),
    path("api/v1/", api.urls),
]
