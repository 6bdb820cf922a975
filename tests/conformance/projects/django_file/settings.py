import os

SECRET_KEY = "x"
INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth", "app"]
USE_TZ = True
TEST = {"NAME": "test_file.sqlite3"} if os.environ.get("IN_A_FILE") else {}
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "base.sqlite3", "TEST": TEST}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
