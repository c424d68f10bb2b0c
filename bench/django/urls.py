from django.urls import path

from films import views

urlpatterns = [
    path("movies", views.film_list),
    path("movies/tags/<str:slug>", views.film_list),
    path("movies/<str:slug>", views.film),
    path("directors/<str:slug>", views.director),
    path("search", views.search),
]
