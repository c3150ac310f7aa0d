"""Every setting of the product, read from the environment once and typed.

A developer's machine needs DEBUG=1 and nothing else. Without it this is
production, which refuses to start until its secrets are given. Nothing else in
the project reads the environment; environment.py reads what has rules.
"""

from pathlib import Path

from csp.constants import NONE, SELF

from reseller_panel import limits
from reseller_panel.database import database_settings
from reseller_panel.environment import (
    DEBUG,
    env,
    host_names,
    mail_parts,
    needed_in_production,
)
from reseller_panel.logs import logging_settings

BASE_DIR = Path(__file__).resolve().parent.parent

# --- Development or production -------------------------------------------------

needed_in_production("SECRET_KEY", "50 or more random characters, and keep it secret")
needed_in_production("ALLOWED_HOSTS", "the host names served, separated by commas")
needed_in_production("DATABASE_URL", "postgresql://user:password@host:5432/database")

SECRET_KEY: str = env.str("SECRET_KEY", "") or "only-for-development-" + "x" * 40
# Old keys, so that changing SECRET_KEY does not end everybody's session.
SECRET_KEY_FALLBACKS: list[str] = env.list("SECRET_KEY_FALLBACKS", [])
ALLOWED_HOSTS = host_names()
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", [])

# How many of our own proxies are in front. With 0, the X-Forwarded-For and
# X-Forwarded-Proto headers of a request are ignored.
TRUSTED_PROXY_COUNT: int = env.int("TRUSTED_PROXY_COUNT", 0)

# --- Limits --------------------------------------------------------------------

# The most folios that one addition may grant: a limit for typing errors.
FOLIOS_ADDITION_MAX: int = env.int("FOLIOS_ADDITION_MAX", 1_000_000)
# Limits of one key, in each process: calls per second, and calls open at the same
# time (api/throttle.py). 0 means no limit.
API_CALLS_PER_SECOND: int = env.int("API_CALLS_PER_SECOND", 2_000)
API_CALLS_IN_FLIGHT: int = env.int("API_CALLS_IN_FLIGHT", 256)
# Seconds between two writes of refused calls (api/refusal_log.py).
API_REFUSALS_EVERY: float = env.float("API_REFUSALS_EVERY", 1.0)
# The longest wait of a call for a contended row, before it is refused with a 503.
METERING_LOCK_TIMEOUT_MS: int = env.int("METERING_LOCK_TIMEOUT_MS", 400)
# How many stamps may wait to be written, before new ones are refused with a 503.
METERING_QUEUE_MAX: int = env.int("METERING_QUEUE_MAX", 1_000)
# For pages. The other limits are in limits.py; those of the API in docs/api.md.
DATA_UPLOAD_MAX_NUMBER_FIELDS = limits.FORM_FIELDS_MAX
# How many threads of a process may wait for bodies of pages, and how many for those of
# calls (reseller_panel/bodies.py). Both together must be fewer than its threads.
BODIES_AT_ONCE: int = env.int("BODIES_AT_ONCE", 12)

# --- Apps, middleware, templates -----------------------------------------------

INSTALLED_APPS = [
    # First: the jobs of the others are registered with it.
    "procrastinate.contrib.django",
    "accounts",
    "jobs",
    "packages",
    "clients",
    "portal",
    "followup",
    "api",
    "manual",
    "demo",
    "reseller_panel",
    # The admin, with the site of accounts/support.py.
    "accounts.apps.SupportAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    # Before staticfiles: whitenoise serves in development too.
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "csp",
    "django_filters",
    "django_htmx",
    "pgtrigger",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "reseller_panel.middleware.PrivateByDefaultMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "reseller_panel.middleware.OwnNotFoundMiddleware",
    "django.middleware.common.CommonMiddleware",
    # API calls run here; the middleware below is only for pages.
    "reseller_panel.middleware.ProgramsMiddleware",
    # Before any cookie or parameter is read.
    "reseller_panel.middleware.ReadableMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "accounts.sessions.SessionLimitMiddleware",
    # Sets request.user during a visit, before the middleware below reads it.
    "portal.middleware.ActingAsClientMiddleware",
    "followup.count.CountMiddleware",
    # Private by default: a public view says so with @login_not_required.
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    # Needs request.htmx, which the one above sets.
    "reseller_panel.middleware.HtmxErrorsMiddleware",
]

ROOT_URLCONF = "reseller_panel.urls"
WSGI_APPLICATION = "reseller_panel.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
            # {% icon %} and its like, without {% load %} in every template.
            "builtins": ["reseller_panel.templatetags.panel"],
        },
    },
]

# --- Database, cache, sessions -------------------------------------------------

# True when a transaction pooler (pgbouncer) is in front of PostgreSQL: then the
# session timeouts come from ALTER ROLE … SET (docs/deployment.md).
DATABASE_BEHIND_POOLER: bool = env.bool("DATABASE_BEHIND_POOLER", False)
DATABASES = {
    "default": database_settings(
        env.str("DATABASE_URL", "").strip() or None,
        checkout=BASE_DIR,
        behind_pooler=DATABASE_BEHIND_POOLER,
    )
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# In the database, because the rate limits of the log-in are counted here, for all
# workers together. reseller_panel/migrations creates the table.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache",
        # Django's default of 300 would drop counters during an attack.
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    }
}

# How long a session lasts without being used, and in all: a working day.
SESSION_IDLE_MINUTES: int = env.int("SESSION_IDLE_MINUTES", 120)
SESSION_HOURS: int = env.int("SESSION_HOURS", 12)
SESSION_COOKIE_AGE = SESSION_HOURS * 3600
# In the session and not in a cookie of their own: one cookie less to protect.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# --- Log-in and second factor --------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["portal.login.OwnAddressBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    *(
        {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": value}
        for name, value in {
            "UserAttributeSimilarityValidator": {"user_attributes": ("email", "name")},
            "MinimumLengthValidator": {"min_length": 10},
            "CommonPasswordValidator": {},
        }.items()
    ),
    {"NAME": "accounts.passwords.GuessableValidator"},
]

LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "account_login"

# allauth: log-in by e-mail only, and no sign-up (the adapter refuses it).
ACCOUNT_ADAPTER = "portal.login.AccountAdapter"
ACCOUNT_FORMS = {
    "reset_password": "portal.login.AskForPasswordForm",
    "reset_password_from_key": "portal.login.ChoosePasswordForm",
}
# Django's own: allauth's writes into its table of addresses, which nothing reads.
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = (
    "django.contrib.auth.tokens.PasswordResetTokenGenerator"  # noqa: S105 (a class)
)
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
# An address is proven by following the link that chooses the password
# (portal/login.py), not by allauth's own e-mails.
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_REAUTHENTICATION_REQUIRED = True
# «Recordarme» keeps the cookie when the browser is closed, but no longer than that.
ACCOUNT_SESSION_COOKIE_AGE = SESSION_COOKIE_AGE
ACCOUNT_RATE_LIMITS = limits.LOGIN_RATES
# Set in a browser in which somebody logged in (accounts/login_limits.py).
KNOWN_BROWSER_COOKIE_NAME = "known"
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "http" if DEBUG else "https"
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXY_COUNT

MFA_ADAPTER = "accounts.second_factor.MfaAdapter"
# Support sees every reseller. The demo's own must get in without a telephone.
SUPPORT_NEEDS_SECOND_FACTOR = not DEBUG
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TOTP_ISSUER = "TimbrePanel"
MFA_FORMS = {
    "authenticate": "accounts.codes.AuthenticateOnceForm",
    "reauthenticate": "accounts.codes.ReauthenticateOnceForm",
}
# The clocks of telephones differ: one step of 30 seconds either way.
MFA_TOTP_TOLERANCE = 1
# allauth does not know which addresses are proven (see above), which must not prevent
# anybody from protecting the account.
MFA_ALLOW_UNVERIFIED_EMAIL = True
# Browsers give passkeys to http://localhost, and nowhere else without TLS.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEBUG

# --- Security headers and cookies ----------------------------------------------
# X-Frame-Options, nosniff, Referrer-Policy and COOP: Django's own, the strictest.

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    }
}

if not DEBUG:
    # The prefix makes browsers refuse a cookie of that name that was not set by
    # this host itself over TLS.
    SESSION_COOKIE_NAME = "__Host-sessionid"
    CSRF_COOKIE_NAME = "__Host-csrftoken"
    KNOWN_BROWSER_COOKIE_NAME = "__Host-known"
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", True)
    # The probes come from inside, use plain HTTP and do not follow redirects.
    # Calls of programs are refused instead (api/app.py).
    SECURE_REDIRECT_EXEMPT = [
        r"^(healthz|readyz)$",
        r"^api/v1/(?!docs$|openapi\.json$)",
    ]
    SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", 31_536_000)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    if TRUSTED_PROXY_COUNT:
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# --- Language, days, numbers ---------------------------------------------------

# `es` with our own formats: Django's `es-mx` has untranslated sentences.
LANGUAGE_CODE = "es"
FORMAT_MODULE_PATH = "reseller_panel.formats"
USE_THOUSAND_SEPARATOR = True
# Only for display. Business days come from each reseller's own zone.
TIME_ZONE = "America/Mexico_City"

# --- Static files --------------------------------------------------------------

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
# In development files are served from their own folders, and are not collected.
STATIC_ROOT = None if DEBUG else BASE_DIR / "staticfiles"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# --- E-mail --------------------------------------------------------------------

EMAIL_PARTS = mail_parts()
EMAIL_BACKEND = EMAIL_PARTS["EMAIL_BACKEND"]
EMAIL_HOST = EMAIL_PARTS["EMAIL_HOST"]
EMAIL_PORT = EMAIL_PARTS["EMAIL_PORT"]
EMAIL_HOST_USER = EMAIL_PARTS["EMAIL_HOST_USER"]
EMAIL_HOST_PASSWORD = EMAIL_PARTS["EMAIL_HOST_PASSWORD"]
EMAIL_USE_TLS = EMAIL_PARTS["EMAIL_USE_TLS"]
EMAIL_USE_SSL = EMAIL_PARTS["EMAIL_USE_SSL"]
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL: str = env.str("DEFAULT_FROM_EMAIL", "panel@localhost")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# --- Logs ----------------------------------------------------------------------

LOGGING = logging_settings(env.str("LOG_LEVEL", "INFO"))
