"""All addresses of the site; each app has its own below its prefix."""

from __future__ import annotations

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path
from django.views.decorators.http import require_GET
from django.views.i18n import set_language

from nachsorge.cert.site import views

handler400 = "nachsorge.cert.site.errors.bad_request"
handler403 = "nachsorge.cert.site.errors.forbidden"
handler404 = "nachsorge.cert.site.errors.not_found"
handler500 = "nachsorge.cert.site.errors.fault"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", require_GET(views.start), name="start"),
    path("language/", set_language, name="set_language"),
    path(".well-known/security.txt", require_GET(views.security_txt), name="security_txt"),
    path(".well-known/openpgp-key.asc", require_GET(views.public_key), name="public_key"),
    path("robots.txt", require_GET(views.robots), name="robots"),
    # A forgotten password is set anew by an administrator: the site sends no mail.
    path("accounts/password/reset/", require_GET(views.forgotten)),
    path("accounts/email/", require_GET(views.forgotten)),
    path("accounts/", include("allauth.urls")),
    path("registry/", include("nachsorge.cert.registry.urls")),
    path("", include("nachsorge.cert.intake.urls")),
]
# The desk and the picture have several prefixes each (`/desk/`, `/picture/`, `/public/`) and name them themselves.
urlpatterns += [
    path("", include(each)) for each in ("nachsorge.cert.desk.urls", "nachsorge.cert.picture.urls") if find_spec(each)
]
