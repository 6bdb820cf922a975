import os
import time

import pytest
from app.models import Thing
from django.db import connection

if os.environ.get("AT_IMPORT"):
    connection.ensure_connection()


@pytest.mark.django_db
@pytest.mark.parametrize("i", range(30))
def test_rolled_back(i):
    Thing.objects.create(name=str(i))
    assert Thing.objects.count() == 1
    with open("databases.log", "a") as file:
        file.write(f"{os.getpid()} {connection.settings_dict['NAME']}\n")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("i", range(10))
def test_committed(i):
    Thing.objects.create(name=str(i))
    time.sleep(0.003)
    assert Thing.objects.count() == 1


def test_not_allowed():
    Thing.objects.count()


def test_client(client, settings):
    settings.ROOT_URLCONF = "django.contrib.auth.urls"
    assert client.get("/nowhere/").status_code == 404
