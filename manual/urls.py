"""URLs of the manual: contents, everything on one page, and one per chapter."""

from django.urls import path

from manual import views
from manual.chapters import CHAPTERS

app_name = "manual"

urlpatterns = [
    path("", views.contents, name="contents"),
    path("completo/", views.whole, name="whole"),
    *(
        path(f"{one.slug}/", views.chapter, {"chapter": one}, name=one.key)
        for one in CHAPTERS
    ),
]
