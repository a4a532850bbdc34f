"""Addresses of the registry's pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import path

from nachsorge.cert.registry import views

if TYPE_CHECKING:
    from django.urls import URLPattern

app_name = "registry"
urlpatterns: list[URLPattern] = [
    path("", views.index, name="index"),
    path("organisations/", views.organisations, name="organisations"),
    path("organisations/add", views.edit_organisation, name="add_organisation"),
    path("organisations/<int:pk>/", views.organisation, name="organisation"),
    path("organisations/<int:pk>/edit", views.edit_organisation, name="edit_organisation"),
    path("organisations/<int:organisation>/contacts/add", views.edit_contact, name="add_contact"),
    path("organisations/<int:organisation>/contacts/<int:pk>", views.edit_contact, name="edit_contact"),
    path("counts/", views.counts, name="counts"),
    path("counts/add", views.add_count, name="add_count"),
    path("campaigns/add", views.edit_campaign, name="add_campaign"),
    path("campaigns/<slug:slug>", views.edit_campaign, name="edit_campaign"),
    path("tokens/", views.tokens, name="tokens"),
    path("tokens/<int:pk>/revoke", views.revoke, name="revoke"),
]
