"""Addresses of the registry's pages."""

from __future__ import annotations

from django.urls import URLPattern, path

from nachsorge.cert.registry import views

app_name = "registry"
urlpatterns: list[URLPattern] = [
    path("", views.index, name="index"),
]
