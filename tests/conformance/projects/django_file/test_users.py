import pytest
from django.test import TestCase
from test_things import test_committed, test_rolled_back


class Users(TestCase):
    @classmethod
    def setUpTestData(cls):
        from django.contrib.auth.models import User

        cls.user = User.objects.create(username="miller")

    def test_there(self):
        self.assertEqual(type(self.user).objects.count(), 1)

    def test_still_there(self):
        self.user.delete()
        self.assertEqual(type(self.user).objects.count(), 0)


@pytest.mark.django_db
def test_admin(admin_user):
    assert admin_user.is_superuser
