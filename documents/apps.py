"""The app that keeps what can be proven."""

from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    name = "documents"
