"""Addresses of the picture's pages, and of what is released to everybody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import path

from nachsorge.cert.picture import views

if TYPE_CHECKING:
    from django.urls import URLPattern

app_name = "picture"
urlpatterns: list[URLPattern] = [
    path("picture/", views.index, name="index"),
    path("picture/<slug:slug>/", views.picture, name="picture"),
    path("picture/<slug:slug>/releases/", views.campaign_releases, name="releases"),
    path("picture/<slug:slug>/releases/<int:number>/", views.release, name="release"),
    path("picture/<slug:slug>/releases/<int:number>/decide", views.decide, name="decide"),
    path("picture/<slug:slug>/releases/<int:number>.csv", views.release_csv, name="csv"),
    path("public/", views.public_index, name="public"),
    path("public/<slug:slug>/<int:number>/", views.public_release, name="public_release"),
    path("public/<slug:slug>/<int:number>.csv", views.public_csv, name="public_csv"),
]
