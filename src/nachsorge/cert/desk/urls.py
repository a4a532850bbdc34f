"""Addresses of the desk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import path

from nachsorge.cert.desk import fetching
from nachsorge.cert.desk.views import answer, case, deeds, queue

if TYPE_CHECKING:
    from django.urls import URLPattern

app_name = "desk"
urlpatterns: list[URLPattern] = [
    path("r/<str:number>/answers/<int:answer>", fetching.fetch, name="fetch"),
    path("desk/", queue.queue, name="queue"),
    path("desk/queue.csv", queue.as_csv, name="queue_csv"),
    path("desk/queue.json", queue.as_json, name="queue_json"),
    path("desk/log/", case.history, name="log"),
    path("desk/<str:number>/", case.case, name="case"),
    path("desk/<str:number>/answer", answer.answer, name="answer"),
    path("desk/<str:number>/answers/<int:answer>", answer.given, name="given"),
    path("desk/<str:number>/answers/<int:answer>/withdraw", answer.take_back, name="withdraw"),
    path("desk/<str:number>/answers/<int:answer>/sealed", answer.sealed, name="sealed"),
    path("desk/<str:number>/raw", case.raw, name="raw"),
    path("desk/<str:number>/case.json", case.as_json, name="case_json"),
    path("desk/<str:number>/take", deeds.take, name="take"),
    path("desk/<str:number>/<str:what>", deeds.deed, name="deed"),
]
