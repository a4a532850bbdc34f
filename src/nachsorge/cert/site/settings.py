"""Django's settings, made from the instance in use (`site/instance.py`); nothing here reads the environment."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

from nachsorge.cert.site.instance import current, databases

if TYPE_CHECKING:
    from typing import Any

INSTANCE = current()

SECRET_KEY = INSTANCE.secret
DEBUG = False
ALLOWED_HOSTS = list(INSTANCE.hosts)
ROOT_URLCONF = "nachsorge.cert.site.urls"
WSGI_APPLICATION = "nachsorge.cert.site.wsgi.application"
DATABASES = databases(INSTANCE)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# One process serves the site (waitress, threads), so what counts attempts may live in its memory.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "OPTIONS": {"MAX_ENTRIES": 20000}}}

# Django's own admin is left out on purpose: it would show everything to whoever may log in, past the condition on
# every query and past the door at every output.
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "nachsorge.cert.site.apps.SiteConfig",
    "nachsorge.cert.registry.apps.RegistryConfig",
    "nachsorge.cert.intake.apps.IntakeConfig",
    "nachsorge.cert.desk.apps.DeskConfig",
    "nachsorge.cert.picture.apps.PictureConfig",
    "allauth",
    "allauth.account",
    "allauth.mfa",
]

MIDDLEWARE = [
    "nachsorge.cert.site.headers.SecurityHeaders",
    "nachsorge.cert.site.limits.BodyLimit",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    *(["nachsorge.cert.desk.mfa.SecondFactor"] if find_spec("nachsorge.cert.desk.mfa") else []),
]

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "nachsorge.cert.site.context.site",
            ]
        },
    }
]

# --- language and time ------------------------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("de", "Deutsch"), ("en", "English")]
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SECURE = INSTANCE.secure
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Europe/Vienna"

# --- files ------------------------------------------------------------------------------------------------------------

STATIC_URL = "/static/"
# The files are served from where they are installed; nothing has to be collected first, nothing comes from elsewhere.
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 600

# --- people -----------------------------------------------------------------------------------------------------------

AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "nachsorge.cert.site.accounts.StaffAccounts"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_SESSION_REMEMBER = False
MFA_ADAPTER = "nachsorge.cert.site.accounts.SealedFactors"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = INSTANCE.name

# --- sessions and the browser -----------------------------------------------------------------------------------------

SESSION_COOKIE_AGE = 8 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = INSTANCE.secure
CSRF_COOKIE_SECURE = INSTANCE.secure
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_TRUSTED_ORIGINS = [INSTANCE.public_url] if INSTANCE.public_url else []
CSRF_FAILURE_VIEW = "nachsorge.cert.site.errors.csrf"
SECURE_HSTS_SECONDS = 31536000 if INSTANCE.secure else 0
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# --- bounds of what may be sent (see site/limits.py) ------------------------------------------------------------------

DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500
DATA_UPLOAD_MAX_NUMBER_FILES = 2

# Releases are worked out in a thread of their own; the tests, which live in one transaction, do without.
PREPARE_BESIDE = True

# No letter is sent by the site.
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "nachsorge.cert.site.log.OneLine"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "nachsorge": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
        "django": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
    },
}
