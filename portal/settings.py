"""Every setting, read from the environment; `docs/operate.md` lists the variables."""

import os
import secrets
from email.utils import formataddr
from pathlib import Path
from urllib.parse import unquote, urlsplit

import dj_database_url
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
LINK_SECONDS = 120
LONGEST_JOB_SECONDS = 3600


def _yes(name: str, default: str = "0") -> bool:
    value = os.environ.get(name, default).strip().lower()
    if value not in {"0", "1", "", "true", "false", "yes", "no"}:
        raise ImproperlyConfigured(f"{name} must be 1 or 0, not {value!r}.")
    return value in {"1", "true", "yes"}


def _number(name: str, default: int) -> int:
    value = os.environ.get(name, str(default))
    if not value.isdigit():
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}.")
    return int(value)


def _url(name: str, default: str) -> str:
    value = os.environ.get(name, default).rstrip("/")
    if urlsplit(value).scheme not in {"http", "https"} or not urlsplit(value).netloc:
        raise ImproperlyConfigured(f"{name} must begin with http:// or https://, not {value!r}.")
    return value


def _secret_key(folder: Path) -> str:
    if key := os.environ.get("SECRET_KEY"):
        return key
    kept = folder / "secret.key"
    if not kept.exists():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        kept.touch(mode=0o600)
        kept.write_text(secrets.token_urlsafe(50))
    return kept.read_text().strip()


def _database(folder: Path) -> dict[str, object]:
    url = os.environ.get("DATABASE_URL") or f"sqlite:///{folder / 'extricate.sqlite3'}"
    try:
        found = dict(dj_database_url.parse(url, conn_max_age=60, conn_health_checks=True))
    except (ValueError, KeyError) as error:
        raise ImproperlyConfigured(
            "DATABASE_URL must look like postgres://user:password@host:5432/name"
            " or sqlite:////full/path/file.sqlite3."
        ) from error
    engine = str(found["ENGINE"]).rsplit(".", 1)[-1]
    if engine == "sqlite3":
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found["OPTIONS"] = {
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
            " PRAGMA recursive_triggers=ON;",
        }
        # threads share a file, never a database in memory
        found["TEST"] = {"NAME": str(folder / "test.sqlite3")}
    elif engine == "postgresql":
        found["OPTIONS"] = {
            "connect_timeout": 3,
            "options": "-c lock_timeout=5s -c statement_timeout=30s"
            " -c idle_in_transaction_session_timeout=60s",
            **found.get("OPTIONS", {}),  # type: ignore[dict-item]
        }
    else:
        raise ImproperlyConfigured("DATABASE_URL must name SQLite or PostgreSQL.")
    return found


def _redis() -> dict[str, object]:
    """Return what REDIS_URL says in django-rq's words; given a URL it would drop time-outs."""
    url = os.environ.get("REDIS_URL", "")
    if not url:
        return {}
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    try:
        said = urlsplit(url)
        port, number = said.port or 6379, int(said.path.strip("/") or 0)
    except ValueError:
        said = urlsplit("")
    if said.scheme not in {"redis", "rediss"} or not said.hostname or said.query:
        raise ImproperlyConfigured(
            "REDIS_URL must look like redis://user:password@host:6379/0, or rediss:// with TLS."
        )
    return {
        "HOST": said.hostname,
        "PORT": port,
        "DB": number,
        "USERNAME": unquote(said.username) if said.username else None,
        "PASSWORD": unquote(said.password) if said.password else None,
        "SSL": said.scheme == "rediss",
        # no retries: a commit waits for the hint, and the row is written already
        "REDIS_CLIENT_KWARGS": {
            "socket_connect_timeout": 1,
            "socket_timeout": 3,
            "retry": Retry(NoBackoff(), 0),
        },
        "DEFAULT_TIMEOUT": LONGEST_JOB_SECONDS,
    }


def _storages(folder: Path) -> dict[str, dict[str, object]]:
    if bucket := os.environ.get("S3_BUCKET_PREFIX"):
        from botocore.config import Config

        shared = {
            "endpoint_url": os.environ.get("S3_ENDPOINT"),
            "region_name": os.environ.get("S3_REGION", "us-east-1"),
            "default_acl": None,
            "file_overwrite": False,
            "querystring_expire": LINK_SECONDS,
            # larger ones are spooled to disk; by default the whole object is kept in memory
            "max_memory_size": 8 * 1024 * 1024,
            "object_parameters": {"ChecksumAlgorithm": "SHA256"},
            "client_config": Config(
                signature_version="s3v4",
                s3={"addressing_style": os.environ.get("S3_ADDRESSING", "auto")},
                connect_timeout=2,
                read_timeout=10,
                retries={"mode": "standard", "total_max_attempts": 3},
                response_checksum_validation="when_required",
            ),
        }
        return {
            alias: {
                "BACKEND": "storages.backends.s3.S3Storage",
                "OPTIONS": shared | {"bucket_name": f"{bucket}-{alias}"},
            }
            for alias in ("quarantine", "evidence", "dossiers")
        }
    return {
        alias: {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {
                "location": folder / "files" / alias,
                "base_url": None,
                "file_permissions_mode": 0o600,
                "directory_permissions_mode": 0o700,
            },
        }
        for alias in ("quarantine", "evidence", "dossiers")
    }


EXTRICATE_DEMO = _yes("EXTRICATE_DEMO")
DEBUG = False
VAR_DIR = Path(os.environ.get("VAR_DIR", BASE_DIR / "var"))
SECRET_KEY = _secret_key(VAR_DIR)
HAS_OWN_KEY = not os.environ.get("SECRET_KEY")
SECRET_KEY_FALLBACKS = os.environ.get("SECRET_KEY_FALLBACKS", "").split()
MFA_KEY = os.environ.get("MFA_KEY", "")

BASE_URL = _url("BASE_URL", "http://127.0.0.1:8000")
IS_SECURE = BASE_URL.startswith("https://")
ALLOWED_HOSTS = os.environ.get("ALLOWED_HOSTS", "").split() or [
    urlsplit(BASE_URL).hostname or "",
    "127.0.0.1",
    "localhost",
]
CSRF_TRUSTED_ORIGINS = [BASE_URL]
SOURCE_URL = _url("SOURCE_URL", "https://example.org/extricate/source")
HOSTING_REGION = os.environ.get("HOSTING_REGION", "")
SERVICE_NAME = os.environ.get("SERVICE_NAME", "Extricate")

INSTALLED_APPS = [
    "portal",
    "documents",
    "questionnaires",
    "workflows",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "django_tasks",
    "django_tasks_db",
    "viewflow.workflow",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "portal.middleware.DeclaredAudienceMiddleware",
]

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            # coverage of templates needs the debug lexer
            "debug": _yes("TEMPLATE_DEBUG"),
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "portal.views.context.surroundings",
            ],
        },
    }
]

DATABASES = {"default": _database(VAR_DIR)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "portal_cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}
REDIS = _redis()
if REDIS:
    INSTALLED_APPS += ["django_rq"]
    MIGRATION_MODULES = {"django_rq": None}  # its one model has no table
    CACHES = {
        "default": {
            "BACKEND": "portal.redis_cache.RedisOrTable",
            "LOCATION": os.environ["REDIS_URL"],
            "TABLE": CACHES["default"],
        }
    }

STORAGES = _storages(VAR_DIR) | {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
STATIC_URL = "static/"
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 3600

QUEUES = ["urgent", "default", "heavy"]
TASKS = {
    "default": {
        "BACKEND": (
            "portal.redis_queue.RedisBackend" if REDIS else "django_tasks_db.DatabaseBackend"
        ),
        "QUEUES": QUEUES,
    }
}
RQ_QUEUES = dict.fromkeys(QUEUES, REDIS) if REDIS else {}
RQ = {"COMMIT_MODE": "auto"}  # hints follow the commit already
TICKS = [
    # rungs before lapses: time runs out only after what stands before it
    "workflows.reminders.climb_due",
    "workflows.timers.fire_due",
    "workflows.ticks.duties",
    "workflows.reminders.tell_missed",
    "workflows.ticks.renew_due",
    "portal.work.wake",
    "portal.tasks.forget_hints",
    "documents.ticks.hold_the_stuck",
    "documents.ticks.destroy_leftovers",
    "documents.ticks.sweep_temporary_files",
]
# mails that may wait for office hours, each with who says whether it is still wanted
MAIL_ASKS = dict.fromkeys(
    ("case_reminder", "case_overdue", "case_second_contact"), "workflows.reminders.is_wanted"
)

AUTH_USER_MODEL = "portal.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = "account_request_login_code"
LOGIN_REDIRECT_URL = "portal:home"
LOGOUT_REDIRECT_URL = "portal:home"
ACCOUNT_LOGOUT_REDIRECT_URL = "portal:home"
ACCOUNT_ADAPTER = "portal.sign_in.AccountAdapter"
MFA_ADAPTER = "portal.sign_in.SecondFactorAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 600
ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS = 5
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_LOGIN_BY_CODE_FORMAT = {"numeric": True, "length": 8, "dashed": True}
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_FORMS = {
    "request_login_code": "portal.sign_in.RequestCodeForm",
    "confirm_login_code": "portal.sign_in.ConfirmCodeForm",
}
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_RATE_LIMITS = {"request_login_code": "20/m/ip,3/m/key,20/d/key"}
MFA_SUPPORTED_TYPES = ["webauthn", "totp", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_USER_VERIFICATION = "required"
MFA_TOTP_ISSUER = SERVICE_NAME
MFA_TOTP_TOLERANCE = 1
MFA_FORMS = {
    "authenticate": "portal.sign_in.SecondStepForm",
    "reauthenticate": "portal.sign_in.SecondStepAgainForm",
    "activate_totp": "portal.sign_in.ActivateForm",
    "authenticate_webauthn": "portal.sign_in.PasskeyStepForm",
    "login_webauthn": "portal.sign_in.PasskeySignInForm",
    "generate_recovery_codes": "portal.sign_in.NewCodesForm",
}
ALLAUTH_TRUSTED_PROXY_COUNT = _number("TRUSTED_PROXIES", 0)

SESSION_COOKIE_NAME = "__Host-session" if IS_SECURE else "session"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_SECURE
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
CSRF_FAILURE_VIEW = "portal.views.errors.form_expired"
SECURE_SSL_REDIRECT = IS_SECURE
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if IS_SECURE else None
SECURE_HSTS_SECONDS = 31_536_000 if IS_SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = IS_SECURE
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("zh-hans", "中文")]
LANGUAGE_COOKIE_SAMESITE = "Lax"
LOCALE_PATHS = [BASE_DIR / "portal" / "locale"]
USE_I18N = USE_TZ = True
TIME_ZONE = "UTC"

SENDER_ADDRESS = os.environ.get("SENDER_ADDRESS", "no-reply@example.com")
DEFAULT_FROM_EMAIL = formataddr((SERVICE_NAME, SENDER_ADDRESS))
MESSAGE_ID_DOMAIN = SENDER_ADDRESS.rsplit("@", 1)[-1]
EMAIL_BACKEND = (
    "portal.demo.DemoBackend" if EXTRICATE_DEMO else "django.core.mail.backends.smtp.EmailBackend"
)
EMAIL_HOST = os.environ.get("EMAIL_HOST", "localhost")
EMAIL_PORT = _number("EMAIL_PORT", 25)
EMAIL_HOST_USER = os.environ.get("EMAIL_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("EMAIL_PASSWORD", "")
EMAIL_USE_TLS = _yes("EMAIL_STARTTLS")
EMAIL_USE_SSL = _yes("EMAIL_TLS")
EMAIL_TIMEOUT = 10

CLAMD = os.environ.get("CLAMD", "")
EVIDENCE_MAX_BYTES = _number("EVIDENCE_MAX_MB", 200) * 1024 * 1024
CASE_MAX_BYTES = _number("CASE_MAX_MB", 20_480) * 1024 * 1024
FILE_UPLOAD_HANDLERS = ["documents.uploads.HashingUploadHandler"]
FILE_UPLOAD_TEMP_DIR = None
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000

LOG_LEVEL = os.environ.get("LOG_LEVEL", "WARNING")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    # at the handler too: workers lower the level of their own loggers
    "handlers": {"stderr": {"class": "logging.StreamHandler", "level": LOG_LEVEL}},
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
}
